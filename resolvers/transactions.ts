/** Transactions: what became of each mutation, for who issued it and for staff and admins. */
import type { ShownName } from '../domain/index.ts';
import { aggregateNamed, entityType, isShownName } from '../domain/registry.ts';
import type { TransactionRecord, TransactionStatus } from '../domain/transaction.ts';
import { type Documents, TRANSACTIONS, type TransactionDoc, transactionRecordOf } from '../projectors/documents.ts';
import type {
  QueryResolvers,
  QueryTransactionsArgs,
  SubscriptionResolvers,
  TransactionFilter,
  TransactionResolvers,
  TransactionSort,
  TransactionSortField,
} from '../schema/types.generated.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import { isOwnCustomer, isOwnPurchase, mayNotSee, seesAll, seesAllOf } from './access.ts';
import { connectionResolvers, cursorOf, type Page, pageQuery, readPage } from './connection.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { readTransactionLog } from './entity-log.ts';
import { notFound } from './errors.ts';
import { all, between, equal, oneOf } from './filters.ts';
import { momentsOf } from './given-time.ts';
import { reflect } from './reflecting.ts';
import { type ArgumentRights, AS_ITS_OBJECT, OWN, type SomeFieldRights, STAFF } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';

export type TransactionPage = Page<TransactionDoc>;

function transactionFilter(filter: TransactionFilter | null | undefined, viewer: ViewerIdentity): Filter {
  const own = filter?.mine === true || !seesAll(viewer);
  return all(
    own ? { issuedBy: viewer.id } : undefined,
    equal('issuedBy', filter?.issuedBy),
    oneOf('status', filter?.status),
    equal('command', filter?.command),
    equal('entityId', filter?.entityId),
    between('acceptedAt', momentsOf(filter?.acceptedBetween)),
  );
}

/** Each is the end of an index of the view. */
const FIELDS: Readonly<Record<TransactionSortField, readonly string[]>> = {
  ACCEPTED_AT: ['acceptedAt'],
  STATUS: ['status', 'acceptedAt'],
  ISSUED_BY: ['issuedBy', 'acceptedAt'],
};

function transactionSort(sort: TransactionSort | null | undefined): Sort {
  const direction = sort?.direction === 'ASC' ? 1 : -1;
  return FIELDS[sort?.by ?? 'ACCEPTED_AT'].map((field) => [field, direction]);
}

const queries: QueryResolvers = {
  transaction: async (_, { id }, { tracker, history, viewer }) => {
    // Statuses leave the log after a week, and views that are built again lack them.
    const record = (await tracker.lookUp(id)) ?? (await history.transaction(id));
    return record === undefined || mayNotSee(viewer, record) ? null : record;
  },
  transactions: (_, args, context) => readTransactions(args, context, context.viewer),
};

/** A page of the transactions that the viewer may see. */
export async function readTransactions(
  { filter, sort, reflecting, ...args }: QueryTransactionsArgs,
  context: Context,
  viewer: ViewerIdentity,
): Promise<TransactionPage> {
  const query = pageQuery(TRANSACTIONS, transactionFilter(filter, viewer), transactionSort(sort), args);
  await reflect(context, reflecting);
  return await readPage<TransactionDoc>(context.views, query);
}

/** @throws {GraphQLError} NOT_FOUND also for what is another's: to anyone else it does not exist */
async function followOne(id: string, { tracker, viewer }: Context): Promise<LatestQueue<TransactionRecord>> {
  const queue = await tracker.follow(id, (record) => !mayNotSee(viewer, record));
  if (queue === undefined) throw notFound(`there is no transaction ${id}`);
  return queue;
}

/** @param only the statuses that are told; left out: all */
function followMany(
  everyone: boolean,
  only: readonly TransactionStatus[] | null | undefined,
  { tracker, viewer, meter }: Context,
): LatestQueue<TransactionRecord> {
  const queue: LatestQueue<TransactionRecord> = new LatestQueue(() => stop(), undefined, meter);
  const tell = (record: TransactionRecord) => {
    if (!only || only.includes(record.status)) queue.push(record.id, record);
  };
  const stop = everyone ? tracker.followAll(tell) : tracker.followAll(tell, viewer.id);
  return queue;
}

const subscriptions: SubscriptionResolvers = {
  transaction: {
    subscribe: (_, { id }, context) => followOne(id, context),
    resolve: (record: TransactionRecord) => record,
  },
  transactions: {
    subscribe: (_, { all: everyone, status }, context) => followMany(everyone === true, status, context),
    resolve: (record: TransactionRecord) => record,
  },
};

type Entity = Documents[ShownName];
/** What is shown of a transaction's entity to those who do not read all of its kind: where nothing is said here, nothing. */
const SHOWN: { readonly [A in ShownName]?: (doc: Documents[A], context: Context) => boolean | Promise<boolean> } = {
  products: () => true,
  customers: (doc, { viewer }) => isOwnCustomer(doc, viewer),
  purchases: isOwnPurchase,
};

const fields: TransactionResolvers = {
  log: ({ id }, args, context) => readTransactionLog(id, args, context),
  entity: async ({ aggregate, entityId }, _, context) => {
    if (!isShownName(aggregate)) return null;
    const doc = await context.loaders[aggregate].load(entityId);
    if (doc === undefined || doc.version === 0) return null;
    // The compiler cannot follow that the rule is the one for the aggregate that the document is of.
    const shown = SHOWN[aggregate] as ((doc: Entity, context: Context) => boolean | Promise<boolean>) | undefined;
    if (!seesAllOf(context.viewer, aggregate) && !(await shown?.(doc, context))) return null;
    return { ...doc, __typename: entityType(aggregateNamed(aggregate)) };
  },
};

const rights = {
  Query: { transaction: OWN, transactions: OWN },
  Subscription: { transaction: OWN, transactions: OWN },
  Transaction: {
    id: AS_ITS_OBJECT,
    status: AS_ITS_OBJECT,
    command: AS_ITS_OBJECT,
    entity: OWN,
    entityId: AS_ITS_OBJECT,
    entityVersion: AS_ITS_OBJECT,
    steps: AS_ITS_OBJECT,
    rejection: AS_ITS_OBJECT,
    issuedBy: AS_ITS_OBJECT,
    acceptedAt: AS_ITS_OBJECT,
    finishedAt: AS_ITS_OBJECT,
    log: STAFF,
  },
  TransactionConnection: AS_ITS_OBJECT,
  TransactionEdge: AS_ITS_OBJECT,
  TransactionStep: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

const argumentRights: ArgumentRights = {
  'Query.transactions': { 'filter.issuedBy': { least: 'staff', own: true } },
  'Subscription.transactions': { all: { least: 'staff', values: [true] } },
};

export const transactions = {
  resolvers: {
    Query: queries,
    Subscription: subscriptions,
    Transaction: fields,
    TransactionConnection: {
      ...connectionResolvers<TransactionDoc>(),
      nodes: ({ docs }: TransactionPage) => docs.map(transactionRecordOf),
      edges: ({ docs, sort }: TransactionPage) =>
        docs.map((doc) => ({ node: transactionRecordOf(doc), cursor: cursorOf(doc, sort) })),
    },
  },
  rights,
  argumentRights,
} satisfies SchemaModule;
