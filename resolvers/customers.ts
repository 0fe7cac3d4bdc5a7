/** Customers: mutations submit, queries read the view, the subscription streams it. */

import { customerIdOf } from '../domain/index.ts';
import { CUSTOMERS, type CustomerDoc } from '../projectors/documents.ts';
import type {
  CustomerFilter,
  CustomerResolvers,
  CustomerSort,
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from '../schema/types.generated.ts';
import { idOfNew } from '../transactions/ids.ts';
import { roleOf } from '../transactions/viewer.ts';
import { valueOfExact } from '../views/exact-integer.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import { adminsOnly } from './access.ts';
import { changesOf } from './changes.ts';
import { connectionResolvers, type Page, pageQuery, readPage } from './connection.ts';
import type { Context } from './context.ts';
import { all, asExact, between, equal, text } from './filters.ts';
import { optional } from './input.ts';
import { purchaseFilter, purchaseSort } from './purchases.ts';
import { reflect } from './reflecting.ts';
import { type Shown, shownMoney } from './shown.ts';
import { submitFor } from './submit-for.ts';

export type CustomerPage = Page<CustomerDoc>;

const mutations: MutationResolvers = {
  registerCustomer: (_, { input }, context) =>
    submitFor(context, 'customers', 'registerCustomer', input.idempotencyKey, {
      customerId: ownCustomerId(context, input) ?? idOfNew(context.viewer.id, input),
      firstName: input.firstName,
      lastName: input.lastName,
      email: input.email ?? null,
    }),
  updateCustomer: (_, { input }, context) =>
    submitFor(context, 'customers', 'updateCustomer', input.idempotencyKey, {
      customerId: input.customerId,
      ...optional('firstName', input.firstName),
      ...optional('lastName', input.lastName),
      ...(input.email === undefined ? {} : { email: input.email }),
      ...optional('ifVersion', input.ifVersion),
    }),
  removeCustomer: (_, { input }, context) =>
    submitFor(context, 'customers', 'removeCustomer', input.idempotencyKey, {
      customerId: input.customerId,
      ...optional('ifVersion', input.ifVersion),
    }),
};

/** A customer registers itself alone, under the id that its user id gives; one that it chose is refused on submitting. */
function ownCustomerId({ viewer }: Context, { id }: { readonly id?: string | null | undefined }): string | undefined {
  return roleOf(viewer) === 'customer' ? (id ?? customerIdOf(viewer.id)) : undefined;
}

/** A placeholder is no customer yet. */
const KNOWN: Filter = { version: { $gte: 1 } };

function customerFilter(filter: CustomerFilter | null | undefined): Filter {
  return all(
    KNOWN,
    text(filter?.text),
    filter === null || filter === undefined ? { removed: false } : equal('removed', filter.removed),
    between('totalSpent', asExact(filter?.totalSpentBetween)),
  );
}

const FIELDS = {
  NAME: 'nameKey',
  PURCHASE_COUNT: 'purchaseCount',
  TOTAL_SPENT: 'totalSpent',
  LAST_PURCHASE_AT: 'lastPurchaseAt',
} as const;

function customerSort(sort: CustomerSort | null | undefined): Sort {
  return [[FIELDS[sort?.by ?? 'NAME'], sort?.direction === 'DESC' ? -1 : 1]];
}

const queries: QueryResolvers = {
  customer: async (_, { id, reflecting }, context) => {
    adminsOnly(context, 'customer');
    await reflect(context, reflecting);
    const doc = await context.loaders.customers.load(id);
    return doc !== undefined && doc.version > 0 ? doc : null;
  },
  customers: async (_, { filter, sort, reflecting, ...args }, context) => {
    adminsOnly(context, 'customers');
    const query = pageQuery(CUSTOMERS, customerFilter(filter), customerSort(sort), args);
    await reflect(context, reflecting);
    return await readPage<CustomerDoc>(context.views, query);
  },
};

const subscriptions: SubscriptionResolvers = {
  customerChanged: {
    subscribe: (_, { id }, context) => {
      adminsOnly(context, 'customerChanged');
      return changesOf<CustomerDoc>(context.views, CUSTOMERS, id);
    },
    resolve: (doc: CustomerDoc) => doc,
  },
};

const fields: CustomerResolvers = {
  id: ({ _id }) => _id,
  totalSpent: ({ totalSpent }) => valueOfExact(totalSpent),
  purchases: ({ _id: id }, { filter, sort, ...args }, context) => {
    adminsOnly(context, 'purchases');
    return context.loaders.purchasePages.load({
      of: 'customerId',
      id,
      filter: purchaseFilter(filter),
      sort: purchaseSort(sort),
      args,
    });
  },
};

export const customers = {
  Query: queries,
  Mutation: mutations,
  Subscription: subscriptions,
  Customer: fields,
  CustomerConnection: connectionResolvers<CustomerDoc>(),
};

export const shownCustomers: Shown<CustomerDoc> = {
  filter: '{ removed: null }',
  fields: 'id version firstName lastName email removed purchaseCount totalSpent lastPurchaseAt',
  shown: ({ _id: id, nameKey: _, words: __, references: ___, totalSpent, ...rest }) => ({
    id,
    ...rest,
    totalSpent: shownMoney(valueOfExact(totalSpent)),
  }),
};
