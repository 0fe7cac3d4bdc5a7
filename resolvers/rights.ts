/**
 * Who may ask for which field: the one table of it. `guarded.ts` holds every field to it; the compiler asks for a line for
 * each field of the roots and of what is shown of the shop, and for each other type. The mutations that are commands have no
 * line here: theirs is in the aggregate's own definition. `npx counterfoil rules` prints all of it.
 */
import type { AggregateName, CommandsOf, Role } from '../domain/index.ts';
import type { Resolvers } from '../schema/types.generated.ts';

export interface FieldRight {
  /** The least role that may ask for it. */
  readonly least: Role;
  /** A customer gets what is its own, and nothing else exists for it. See `access.ts`. */
  readonly own?: true;
  /** Who may not have it gets null; else an error FORBIDDEN. */
  readonly elseNull?: true;
}

const EVERYONE: FieldRight = { least: 'visitor' };
const OWN: FieldRight = { least: 'customer', own: true };
const STAFF: FieldRight = { least: 'staff' };
const STAFF_ELSE_NULL: FieldRight = { least: 'staff', elseNull: true };
const ADMIN: FieldRight = { least: 'admin' };
/** It is shown to whoever was let through to where it stands. */
const AS_ITS_PLACE: FieldRight = EVERYONE;

type ObjectType = Exclude<keyof Resolvers, 'DateTime' | 'Entity' | 'Money' | 'SafeInt'>;
type FieldsOf<T extends ObjectType> = Exclude<keyof NonNullable<Resolvers[T]>, '__isTypeOf'>;
type Command = { readonly [A in AggregateName]: keyof CommandsOf<A> }[AggregateName];
type RightsOf<T extends ObjectType> = { readonly [F in Exclude<FieldsOf<T>, Command>]: FieldRight };
/** Each field on its own for what may hold more than one role is to see; the others as a whole. */
type Singly = 'Customer' | 'Mutation' | 'Product' | 'Purchase' | 'Query' | 'Subscription' | 'Transaction' | 'Viewer';
type Rights = { readonly [T in ObjectType]: T extends Singly ? RightsOf<T> : FieldRight | RightsOf<T> };

export const FIELDS: Rights = {
  Query: {
    viewer: EVERYONE,
    product: EVERYONE,
    products: EVERYONE,
    customer: OWN,
    purchase: OWN,
    purchases: OWN,
    transaction: OWN,
    transactions: OWN,
    customers: STAFF,
    purchaseGroups: STAFF,
    sampleImport: ADMIN,
  },
  Mutation: {
    loadSamples: ADMIN,
  },
  Subscription: {
    productChanged: EVERYONE,
    customerChanged: OWN,
    purchaseChanged: OWN,
    transaction: OWN,
    transactions: OWN,
    sampleImport: ADMIN,
  },
  Viewer: {
    id: EVERYONE,
    roles: EVERYONE,
    role: EVERYONE,
    isAdmin: EVERYONE,
    customer: OWN,
    purchases: OWN,
    transactions: OWN,
  },
  Customer: {
    id: AS_ITS_PLACE,
    version: AS_ITS_PLACE,
    firstName: AS_ITS_PLACE,
    lastName: AS_ITS_PLACE,
    email: AS_ITS_PLACE,
    removed: AS_ITS_PLACE,
    userId: AS_ITS_PLACE,
    purchaseCount: AS_ITS_PLACE,
    totalSpent: AS_ITS_PLACE,
    lastPurchaseAt: AS_ITS_PLACE,
    purchases: OWN,
  },
  Product: {
    id: EVERYONE,
    version: EVERYONE,
    name: EVERYONE,
    price: EVERYONE,
    stock: EVERYONE,
    reserved: EVERYONE,
    discontinued: EVERYONE,
    purchaseCount: STAFF_ELSE_NULL,
    customerCount: STAFF_ELSE_NULL,
    unitsSold: STAFF_ELSE_NULL,
    revenue: STAFF_ELSE_NULL,
    purchases: STAFF,
  },
  Purchase: {
    id: AS_ITS_PLACE,
    version: AS_ITS_PLACE,
    status: AS_ITS_PLACE,
    customer: OWN,
    lines: AS_ITS_PLACE,
    total: AS_ITS_PLACE,
    placedAt: AS_ITS_PLACE,
    confirmedAt: AS_ITS_PLACE,
    cancelledAt: AS_ITS_PLACE,
    rejection: AS_ITS_PLACE,
  },
  Transaction: {
    id: AS_ITS_PLACE,
    status: AS_ITS_PLACE,
    command: AS_ITS_PLACE,
    entity: OWN,
    entityId: AS_ITS_PLACE,
    entityVersion: AS_ITS_PLACE,
    steps: AS_ITS_PLACE,
    rejection: AS_ITS_PLACE,
    issuedBy: AS_ITS_PLACE,
    acceptedAt: AS_ITS_PLACE,
    finishedAt: AS_ITS_PLACE,
  },
  CustomerConnection: AS_ITS_PLACE,
  CustomerEdge: AS_ITS_PLACE,
  ProductConnection: AS_ITS_PLACE,
  ProductEdge: AS_ITS_PLACE,
  PurchaseConnection: AS_ITS_PLACE,
  PurchaseEdge: AS_ITS_PLACE,
  PurchaseGroup: AS_ITS_PLACE,
  PurchaseLine: AS_ITS_PLACE,
  TransactionConnection: AS_ITS_PLACE,
  TransactionEdge: AS_ITS_PLACE,
  TransactionStep: AS_ITS_PLACE,
  PageInfo: AS_ITS_PLACE,
  Receipt: AS_ITS_PLACE,
  Rejection: AS_ITS_PLACE,
  SampleImport: AS_ITS_PLACE,
};

export interface ArgumentRight {
  readonly least: Role;
  /** Only these values ask for it; default: any but null. */
  readonly values?: readonly unknown[];
  /** A customer may give its own user id. */
  readonly own?: true;
}

/** Arguments that ask for more than their field does, by the path within the field's arguments. */
export const ARGUMENTS: Readonly<Record<string, Readonly<Record<string, ArgumentRight>>>> = {
  'Query.products': {
    'sort.by': { least: 'staff', values: ['PURCHASE_COUNT', 'CUSTOMER_COUNT', 'UNITS_SOLD', 'REVENUE'] },
  },
  'Query.transactions': { 'filter.issuedBy': { least: 'staff', own: true } },
  'Subscription.transactions': { all: { least: 'staff', values: [true] } },
  'Mutation.registerCustomer': { 'input.id': { least: 'staff' }, 'input.userId': { least: 'staff' } },
  'Mutation.updateCustomer': { 'input.userId': { least: 'staff' } },
  'Mutation.placePurchase': { 'input.id': { least: 'staff' }, 'input.placedAt': { least: 'admin' } },
};
