/** Customers: mutations submit, queries read the view, the subscription streams it. */

import { type CustomerState, customer, customerIdOf } from '../domain/index.ts';
import { CUSTOMERS, type CustomerDoc, customerDocument, PURCHASES } from '../projectors/documents.ts';
import type {
  CustomerFilter,
  CustomerResolvers,
  CustomerSort,
  MutationResolvers,
  QueryResolvers,
  RegisterCustomerInput,
  SubscriptionResolvers,
} from '../schema/types.generated.ts';
import { idOfNew } from '../transactions/ids.ts';
import { roleOf } from '../transactions/viewer.ts';
import { valueOfExact } from '../views/exact-integer.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import { customersOf, isOwnCustomer, notAnothers, seesAll } from './access.ts';
import { changesOf } from './changes.ts';
import { connectionResolvers, type Page, pageQuery, readPage } from './connection.ts';
import type { Context } from './context.ts';
import { badInput, erasureOff, forbidden } from './errors.ts';
import { all, asExact, between, equal, number, text } from './filters.ts';
import { numberOf, optional } from './input.ts';
import { entityNamed, orNamed } from './named.ts';
import { purchaseSort, purchasesFound } from './purchases.ts';
import { allShown, reflect } from './reflecting.ts';
import { type ArgumentRights, AS_ITS_OBJECT, OWN, type SomeFieldRights, STAFF } from './rights.ts';
import type { AggregateModule } from './schema-module.ts';
import { type Shown, shownMoney } from './shown.ts';
import { historyOf } from './shown-events.ts';
import { submitFor } from './submit-for.ts';
import { docThen, momentAsked } from './then.ts';

export type CustomerPage = Page<CustomerDoc>;

const mutations: MutationResolvers = {
  registerCustomer: async (_, { input }, context) => {
    const customerId = customerIdFor(context, input);
    const userId = roleOf(context.viewer) === 'customer' ? context.viewer.id : input.userId;
    await mustBeUnbound(context, userId, customerId);
    return await submitFor(context, 'customers', 'registerCustomer', input.idempotencyKey, {
      customerId,
      firstName: input.firstName,
      lastName: input.lastName,
      email: input.email ?? null,
      ...optional('userId', input.userId),
      ...optional('number', numberOf(input.number).number),
    });
  },
  updateCustomer: async (_, { input }, context) => {
    await mustBeUnbound(context, input.userId, input.customerId);
    return await submitFor(context, 'customers', 'updateCustomer', input.idempotencyKey, {
      customerId: input.customerId,
      ...optional('firstName', input.firstName),
      ...optional('lastName', input.lastName),
      ...(input.email === undefined ? {} : { email: input.email }),
      ...(input.userId === undefined ? {} : { userId: input.userId }),
      ...numberOf(input.number),
      ...optional('ifVersion', input.ifVersion),
    });
  },
  removeCustomer: (_, { input }, context) =>
    submitFor(context, 'customers', 'removeCustomer', input.idempotencyKey, {
      customerId: input.customerId,
      ...optional('ifVersion', input.ifVersion),
    }),
  eraseCustomer: async (_, { input }, context) => {
    await mayBeErased(context, input.customerId);
    return await submitFor(context, 'customers', 'eraseCustomer', input.idempotencyKey, {
      customerId: input.customerId,
      ...optional('evenIfReadable', input.evenIfReadable),
    });
  },
};

/**
 * Only a removed customer can be erased, and removal lasts: once no purchase of it is pending in views that show all that was on
 * the log after the removal, none ever will be.
 * @throws {GraphQLError} FORBIDDEN, ERASURE_OFF, BAD_USER_INPUT, UNAVAILABLE
 */
async function mayBeErased(context: Context, customerId: string): Promise<void> {
  // Before anything is told: whether a customer has been removed is not for everyone.
  if (roleOf(context.viewer) !== 'admin') throw forbidden('eraseCustomer', 'admin');
  if (context.canErase !== true) throw erasureOff();
  const removed = async () => (await context.views.get<CustomerDoc>(CUSTOMERS, [customerId])).get(customerId)?.removed;
  // The views may be behind.
  if ((await removed()) !== true) await allShown(context);
  if ((await removed()) !== true) {
    throw badInput(
      'input.customerId',
      `customer ${customerId} has not been removed: remove it first, and erase it then`,
    );
  }
  await allShown(context);
  const pending = await context.views.count(PURCHASES, { customerId, status: 'PENDING' });
  if (pending > 0) {
    const message = `${pending} of the customer's purchases are pending: erase it when they have ended, or cancel them`;
    throw badInput('input.customerId', message);
  }
}

/** A customer of a user's has the id that the user's own gives, unless staff chose another: so a user gets one at most. */
function customerIdFor(
  { viewer }: Context,
  input: Pick<RegisterCustomerInput, 'id' | 'userId' | 'idempotencyKey'>,
): string {
  const userId = roleOf(viewer) === 'customer' ? viewer.id : input.userId;
  return userId ? (input.id ?? customerIdOf(userId)) : idOfNew(viewer.id, input);
}

/**
 * A user has one customer. What the user registers itself is held to that by its id; where staff bound it to a customer of
 * another id the view tells, which may be a moment behind.
 * @throws {GraphQLError} BAD_USER_INPUT
 */
async function mustBeUnbound({ views }: Context, userId: string | null | undefined, customerId: string): Promise<void> {
  if (!userId) return;
  const bound = (await customersOf(views, userId)).find(({ _id, removed }) => _id !== customerId && !removed);
  if (bound !== undefined) throw badInput('input.userId', `user ${userId} has a customer already, ${bound._id}`);
}

/** Whoever has been erased is so at any time: what is shown of then is what is left of it. */
function documentThen(now: CustomerDoc, state: CustomerState): CustomerDoc {
  const then = customerDocument(now, state);
  return { ...then, erased: now.erased || then.erased };
}

/** A placeholder is no customer yet. */
const KNOWN: Filter = { version: { $gte: 1 } };

function customerFilter(filter: CustomerFilter | null | undefined, named: readonly Filter[] = []): Filter {
  return all(
    KNOWN,
    orNamed(text(filter?.text), named),
    equal('number', number(filter?.number)),
    filter === null || filter === undefined ? { removed: false } : equal('removed', filter.removed),
    between('totalSpent', asExact(filter?.totalSpentBetween)),
  );
}

const FIELDS = {
  ID: '_id',
  NAME: 'nameKey',
  PURCHASE_COUNT: 'purchaseCount',
  TOTAL_SPENT: 'totalSpent',
  LAST_PURCHASE_AT: 'lastPurchaseAt',
} as const;

function customerSort(sort: CustomerSort | null | undefined): Sort {
  return [[FIELDS[sort?.by ?? 'NAME'], sort?.direction === 'DESC' ? -1 : 1]];
}

const queries: QueryResolvers = {
  customer: async (_, { id, reflecting, ...args }, context) => {
    const moment = momentAsked(args);
    await reflect(context, reflecting);
    const doc = await context.loaders.customers.load(id);
    const visible = (shown: CustomerDoc) => seesAll(context.viewer) || isOwnCustomer(shown, context.viewer);
    if (doc === undefined || doc.version === 0 || !visible(doc)) return null;
    const then = await docThen(context, customer, doc, moment, (state) => documentThen(doc, state));
    // While it was another's, neither what it was nor whose it was is for the owner of now.
    return then !== null && visible(then) ? then : null;
  },
  customers: async (_, { filter, sort, reflecting, ...args }, context) => {
    const query = pageQuery(CUSTOMERS, customerFilter(filter), customerSort(sort), args);
    await reflect(context, reflecting);
    const named = await entityNamed(context.views, CUSTOMERS, filter?.text);
    return await readPage<CustomerDoc>(context.views, { ...query, filter: customerFilter(filter, named) });
  },
};

const subscriptions: SubscriptionResolvers = {
  customerChanged: {
    subscribe: (_, { id }, { views, viewer, meter }) =>
      changesOf<CustomerDoc>(views, CUSTOMERS, id, (doc) => seesAll(viewer) || isOwnCustomer(doc, viewer), meter),
    resolve: (doc: CustomerDoc) => doc,
  },
};

const fields: CustomerResolvers = {
  id: ({ _id }) => _id,
  history: historyOf('customers'),
  totalSpent: ({ totalSpent }) => valueOfExact(totalSpent),
  purchases: async ({ _id: id }, { filter, sort, ...args }, context) => {
    return await context.loaders.purchasePages.load({
      of: 'customerId',
      id,
      filter: all(
        await purchasesFound(context.views, filter),
        seesAll(context.viewer) ? undefined : notAnothers(context.viewer),
      ),
      sort: purchaseSort(sort),
      args,
    });
  },
};

const rights = {
  Query: { customer: OWN, customers: STAFF },
  Subscription: { customerChanged: OWN },
  Customer: {
    id: AS_ITS_OBJECT,
    version: AS_ITS_OBJECT,
    firstName: AS_ITS_OBJECT,
    lastName: AS_ITS_OBJECT,
    email: AS_ITS_OBJECT,
    number: AS_ITS_OBJECT,
    removed: AS_ITS_OBJECT,
    erased: AS_ITS_OBJECT,
    userId: AS_ITS_OBJECT,
    purchaseCount: AS_ITS_OBJECT,
    totalSpent: AS_ITS_OBJECT,
    lastPurchaseAt: AS_ITS_OBJECT,
    purchases: OWN,
    history: OWN,
  },
  CustomerConnection: AS_ITS_OBJECT,
  CustomerEdge: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

const argumentRights: ArgumentRights = {
  'Mutation.registerCustomer': {
    'input.id': { least: 'staff' },
    'input.userId': { least: 'staff' },
    'input.number': { least: 'staff' },
  },
  'Mutation.updateCustomer': { 'input.userId': { least: 'staff' }, 'input.number': { least: 'staff' } },
};

const shown: Shown<CustomerDoc> = {
  filter: '{ removed: null }',
  fields: 'id version firstName lastName email number removed erased userId purchaseCount totalSpent lastPurchaseAt',
  shown: ({ _id: id, emailKey: _, nameKey: __, words: ___, references: ____, totalSpent, ...rest }) => ({
    id,
    ...rest,
    totalSpent: shownMoney(valueOfExact(totalSpent)),
  }),
};

export const customers = {
  resolvers: {
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    Customer: fields,
    CustomerConnection: connectionResolvers<CustomerDoc>(),
  },
  rights,
  argumentRights,
  shown,
} satisfies AggregateModule<CustomerDoc>;
