/** Transactions: what became of each mutation, for who issued it and for admins. */
import type { AggregateName } from '../domain/index.ts';
import { aggregateNamed, entityType, isAggregateName } from '../domain/registry.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from '../projectors/documents.ts';
import type {
  QueryResolvers,
  SubscriptionResolvers,
  TransactionFilter,
  TransactionResolvers,
} from '../schema/types.generated.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import type { Filter } from '../views/view-store.ts';
import { mayNotSee } from './access.ts';
import { connectionResolvers, cursorOf, type Page, pageQuery, readPage } from './connection.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { forbidden, notFound } from './errors.ts';
import { all, between, equal, oneOf } from './filters.ts';
import { reflect } from './reflecting.ts';

export type TransactionPage = Page<TransactionDoc>;

function transactionFilter(filter: TransactionFilter | null | undefined, viewer: ViewerIdentity): Filter {
  if (filter?.issuedBy && filter.issuedBy !== viewer.id && !viewer.isAdmin) throw forbidden('filter.issuedBy');
  const own = filter?.mine === true || !viewer.isAdmin;
  return all(
    own ? { issuedBy: viewer.id } : undefined,
    equal('issuedBy', filter?.issuedBy),
    oneOf('status', filter?.status),
    equal('command', filter?.command),
    equal('entityId', filter?.entityId),
    between('acceptedAt', filter?.acceptedBetween),
  );
}

const queries: QueryResolvers = {
  transaction: async (_, { id }, { tracker, viewer }) => {
    const record = await tracker.lookUp(id);
    return record === undefined || mayNotSee(viewer, record) ? null : record;
  },
  transactions: async (_, { filter, sort, reflecting, ...args }, context) => {
    const order = [['acceptedAt', sort?.direction === 'ASC' ? 1 : -1]] as const;
    const query = pageQuery(TRANSACTIONS, transactionFilter(filter, context.viewer), order, args);
    await reflect(context, reflecting);
    return await readPage<TransactionDoc>(context.views, query);
  },
};

/** @throws {GraphQLError} NOT_FOUND also for what is another's: to anyone else it does not exist */
async function followOne(id: string, { tracker, viewer }: Context): Promise<LatestQueue<TransactionRecord>> {
  const queue = await tracker.follow(id, (record) => !mayNotSee(viewer, record));
  if (queue === undefined) throw notFound(`there is no transaction ${id}`);
  return queue;
}

function followMany(everyone: boolean, { tracker, viewer }: Context): LatestQueue<TransactionRecord> {
  if (everyone && !viewer.isAdmin) throw forbidden('all');
  const queue: LatestQueue<TransactionRecord> = new LatestQueue(() => stop());
  const stop = tracker.followAll((record) => {
    if (everyone || record.issuedBy === viewer.id) queue.push(record.id, record);
  });
  return queue;
}

const subscriptions: SubscriptionResolvers = {
  transaction: {
    subscribe: (_, { id }, context) => followOne(id, context),
    resolve: (record: TransactionRecord) => record,
  },
  transactions: {
    subscribe: (_, { all: everyone }, context) => followMany(everyone === true, context),
    resolve: (record: TransactionRecord) => record,
  },
};

/** Whose entities are shown to everyone signed in; all others are for admins. */
const FOR_EVERYONE: ReadonlySet<AggregateName> = new Set(['products']);

const fields: TransactionResolvers = {
  entity: async ({ aggregate, entityId }, _, { loaders, viewer }) => {
    if (!isAggregateName(aggregate) || !(viewer.isAdmin || FOR_EVERYONE.has(aggregate))) return null;
    const doc = await loaders[aggregate].load(entityId);
    if (doc === undefined || doc.version === 0) return null;
    return { ...doc, __typename: entityType(aggregateNamed(aggregate)) };
  },
};

export const transactions = {
  Query: queries,
  Subscription: subscriptions,
  Transaction: fields,
  TransactionConnection: {
    ...connectionResolvers<TransactionDoc>(),
    nodes: ({ docs }: TransactionPage) => docs.map(transactionRecordOf),
    edges: ({ docs, sort }: TransactionPage) =>
      docs.map((doc) => ({ node: transactionRecordOf(doc), cursor: cursorOf(doc, sort) })),
  },
};
