/** The log behind an entity, and behind a transaction, for staff and admins: what stands where, and what led to what. */
import DataLoader from 'dataloader';
import { aggregateNamed, aggregateNames, isAggregateName } from '../domain/registry.ts';
import { TooLongAgo } from '../history/errors.ts';
import type { PastRecord } from '../history/past-record.ts';
import type { LogRecordResolvers, QueryResolvers, SubscriptionResolvers } from '../schema/types.generated.ts';
import { readersOf, seesAllOf } from './access.ts';
import { type PageArgs, pageSize } from './connection.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { decodeOpaque, encodeOpaque } from './cursor.ts';
import { badInput, forbidden } from './errors.ts';
import { AS_ITS_OBJECT, type SomeFieldRights, STAFF } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';
import { eventConnection } from './shown-events.ts';

/** A page as the resolvers hand it on. */
export interface LogPage {
  readonly records: readonly { readonly record: PastRecord; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
}

/** @throws {GraphQLError} BAD_USER_INPUT that names those there are, FORBIDDEN */
function mustBeReadable(name: string, viewer: ViewerIdentity): void {
  if (!isAggregateName(name))
    throw badInput('aggregate', `there is no aggregate ${name}; there are ${aggregateNames.join(', ')}`);
  if (!seesAllOf(viewer, name)) throw forbidden(`the log of ${name}`, readersOf(name));
}

async function readEntityLog(
  { aggregate, id, ...args }: PageArgs & { readonly aggregate: string; readonly id: string },
  { history, viewer }: Context,
): Promise<LogPage> {
  mustBeReadable(aggregate, viewer);
  const list = `log/${aggregate}/${id}`;
  const first = pageSize(args.first);
  const [commands = 0, events = 0] = args.after ? decodeOpaque(args.after, list, 2) : [];
  const { records, hasNextPage, totalCount } = await history.logOfEntity(aggregate, id, { commands, events }, first);
  return {
    records: records.map(({ record, next }) => ({ record, cursor: encodeOpaque(list, [next.commands, next.events]) })),
    ...{ hasNextPage, hasPreviousPage: Boolean(args.after), totalCount },
  };
}

/** A page of the log of a transaction, each record behind what caused it: of those that the viewer may read. */
export async function readTransactionLog(id: string, args: PageArgs, { history, viewer }: Context): Promise<LogPage> {
  const list = `log/${id}`;
  const first = pageSize(args.first);
  const [after = 0] = args.after ? decodeOpaque(args.after, list, 1) : [];
  const all = (await history.logOfTransaction(id)).filter(
    ({ aggregate }) => !isAggregateName(aggregate) || seesAllOf(viewer, aggregate),
  );
  return {
    records: all
      .slice(after, after + first)
      .map((record, i) => ({ record, cursor: encodeOpaque(list, [after + i + 1]) })),
    hasNextPage: all.length > after + first,
    hasPreviousPage: Boolean(args.after),
    totalCount: all.length,
  };
}

/** By operation: an entity's events are folded once for all the states that are asked for. */
const stateLoaders = new WeakMap<object, DataLoader<PastRecord, unknown>>();

function stateLoader({ history, operation }: Context): DataLoader<PastRecord, unknown> {
  const known = stateLoaders.get(operation);
  if (known !== undefined) return known;
  const loader = new DataLoader<PastRecord, unknown>(async (events) => {
    const byEntity = new Map<string, PastRecord[]>();
    for (const event of events) {
      const entity = `${event.aggregate}/${event.entityId}`;
      byEntity.set(entity, [...(byEntity.get(entity) ?? []), event]);
    }
    const states = new Map<PastRecord, unknown>();
    for (const some of byEntity.values())
      for (const [event, state] of await statesAfter(some, history)) states.set(event, state);
    return events.map((event) => states.get(event) ?? null);
  });
  stateLoaders.set(operation, loader);
  return loader;
}

/** The states after these events of one entity, as they are published. */
async function statesAfter(
  events: readonly PastRecord[],
  history: Context['history'],
): Promise<readonly (readonly [PastRecord, unknown])[]> {
  const [first] = events;
  if (first === undefined || !isAggregateName(first.aggregate)) return [];
  const aggregate = aggregateNamed(first.aggregate);
  const versions = new Set(events.flatMap(({ version }) => version ?? []));
  try {
    const states = await history.statesThen(aggregate, first.entityId, versions);
    const published = (version: number | null) => {
      const state = version === null ? undefined : states.get(version);
      return state === undefined ? null : (aggregate.parts?.without(state) ?? state);
    };
    return events.map((event) => [event, published(event.version)] as const);
  } catch (error) {
    if (error instanceof TooLongAgo) return [];
    throw error;
  }
}

const queries: QueryResolvers = {
  entityLog: (_, args, context) => readEntityLog(args, context),
};

const subscriptions: SubscriptionResolvers = {
  events: {
    subscribe: async (_, { aggregate, after, fromBeginning }, { history, viewer }) => {
      mustBeReadable(aggregate, viewer);
      if (after && fromBeginning) throw badInput('fromBeginning', 'give either after or fromBeginning');
      return await history.follow(aggregate, after ? { after } : fromBeginning ? 'beginning' : 'now');
    },
    resolve: (news: { readonly event: PastRecord; readonly cursor: string }) => news,
  },
};

const fields: LogRecordResolvers = {
  kind: ({ kind }) => (kind === 'commands' ? 'COMMAND' : 'EVENT'),
  topic: ({ position }) => position.topic,
  partition: ({ position }) => position.partition,
  offset: ({ position }) => position.offset,
  state: async (record, _, context) =>
    record.kind === 'events' && record.version !== null ? await stateLoader(context).load(record) : null,
};

const logConnection = {
  edges: ({ records }: LogPage) => records.map(({ record, cursor }) => ({ node: record, cursor })),
  nodes: ({ records }: LogPage) => records.map(({ record }) => record),
  pageInfo: ({ records, hasNextPage, hasPreviousPage }: LogPage) => ({
    ...{ hasNextPage, hasPreviousPage },
    startCursor: records[0]?.cursor ?? null,
    endCursor: records.at(-1)?.cursor ?? null,
  }),
};

const rights = {
  Query: { entityLog: STAFF },
  Subscription: { events: STAFF },
  EntityEvent: AS_ITS_OBJECT,
  EntityEventConnection: AS_ITS_OBJECT,
  EntityEventEdge: AS_ITS_OBJECT,
  EventNews: AS_ITS_OBJECT,
  LogRecord: AS_ITS_OBJECT,
  LogRecordConnection: AS_ITS_OBJECT,
  LogRecordEdge: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

export const entityLog = {
  resolvers: {
    Query: queries,
    Subscription: subscriptions,
    EntityEventConnection: eventConnection,
    LogRecord: fields,
    LogRecordConnection: logConnection,
  },
  rights,
} satisfies SchemaModule;
