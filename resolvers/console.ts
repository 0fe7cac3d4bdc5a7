/** The console of operators: processes, dead letters, stuck transactions, and work in the background. For admins alone. */
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { PastRecord } from '../history/past-record.ts';
import { JobUnderWay, type SystemNow } from '../operations/console.ts';
import type { DeadLetters } from '../operations/dead-letter-list.ts';
import { CannotRetry, type DeadLetter } from '../operations/dead-letters.ts';
import {
  isLetterOf,
  type Stuck,
  unansweredCommands,
  whyNotBegun,
  whyWaiting,
} from '../operations/stuck-transactions.ts';
import type {
  DeadLetterResolvers,
  JobKind,
  JobState,
  Hearing as ProcessHearing,
  QueryResolvers,
  Resolvers,
  SubscriptionResolvers,
} from '../schema/types.generated.ts';
import { type PageArgs, pageSize } from './connection.ts';
import type { Context } from './context.ts';
import { decodeOpaque, encodeOpaque } from './cursor.ts';
import { badInput, jobUnderWay, notFound } from './errors.ts';
import { ADMIN, AS_ITS_OBJECT, type SomeFieldRights } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';

const LIST = 'deadLetters';
/** What nobody has asked for yet is kept unread by a gateway for that long. */
const LEAST_SECONDS = 30;

/** A dead letter as the resolvers hand it on. */
export type Letter = DeadLetter;

/** A page as the resolvers hand it on. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  readonly start: number;
  readonly count: number;
  readonly hasNextPage: boolean;
}

export interface Awaited {
  readonly command: PastRecord | null;
  readonly deadLetter: DeadLetter | null;
  readonly why: string;
}

async function readPage(args: PageArgs, { console }: Context): Promise<DeadLetterPage> {
  const first = pageSize(args.first);
  const [start = 0] = args.after ? decodeOpaque(args.after, LIST, 1) : [];
  const { letters, count } = await console.deadLetters.all();
  const page = letters.slice(start, start + first);
  return { letters: page, start, count, hasNextPage: start + page.length < letters.length };
}

/** @throws {GraphQLError} NOT_FOUND; BAD_USER_INPUT for one that cannot be put back */
async function settle(
  deed: 'retry' | 'drop',
  { topic, key }: { readonly topic: string; readonly key: string },
  { console, viewer }: Context,
): Promise<DeadLetter> {
  const letter = await console.deadLetters.one(topic, key);
  if (letter === undefined) throw notFound(`there is no dead letter ${key} of ${topic}: it may have been settled`);
  try {
    await console[deed](letter, viewer);
  } catch (error) {
    throw error instanceof CannotRetry ? badInput('key', error.message) : error;
  }
  return letter;
}

/** @throws {GraphQLError} JOB_UNDER_WAY while another job is under way */
async function start(...[{ console, viewer }, ...given]: [Context, ...Begin]): Promise<SystemNow> {
  try {
    return await console.start(...given, viewer);
  } catch (error) {
    throw error instanceof JobUnderWay ? jobUnderWay(error.message) : error;
  }
}
type Begin = [begin: Parameters<Context['console']['start']>[0], what: string];

const queries: QueryResolvers = {
  system: (_, __, { console }) => console.now(),
  deadLetters: (_, args, context) => readPage(args, context),
  stuckTransactions: async (_, { olderThanSeconds, first }, context) => {
    const seconds = olderThanSeconds ?? 60;
    if (seconds < LEAST_SECONDS)
      throw badInput('olderThanSeconds', `olderThanSeconds must be at least ${LEAST_SECONDS}, it is ${seconds}`);
    const before = new Date(Date.now() - seconds * 1000).toISOString();
    return stuckNow(await context.console.stuck(before, pageSize(first)), context);
  },
};

const mutations: Resolvers['Mutation'] = {
  retryDeadLetter: (_, which, context) => settle('retry', which, context),
  dropDeadLetter: (_, which, context) => settle('drop', which, context),
  startVerify: (_, { decide }, context) =>
    start(context, (jobs) => jobs.verify(context.viewer, { decide: decide === true }), 'verify'),
  startRebuild: (_, { acceptUnreadable: accept }, context) =>
    start(context, (jobs) => jobs.rebuild(context.viewer, { acceptUnreadable: accept === true }), 'rebuild'),
};

const subscriptions: SubscriptionResolvers = {
  system: {
    subscribe: (_, __, { console }) => console.follow(),
    resolve: (system: SystemNow) => system,
  },
};

/** The transaction that waits for the record. */
async function stalledBy({ ended, record }: DeadLetter, { tracker }: Context): Promise<TransactionRecord | null> {
  const id = record.headers['ce_transactionid'];
  if (ended || id === undefined || id === '') return null;
  const transaction = await tracker.lookUp(id);
  return transaction === undefined || isFinal(transaction.status) ? null : transaction;
}

const letterFields: DeadLetterResolvers = {
  entityId: ({ record }) => record.key,
  type: ({ record }) => record.headers['ce_type'] ?? null,
  transactionId: ({ record }) => record.headers['ce_transactionid'] ?? null,
  stalls: (letter, _, context) => stalledBy(letter, context),
  headers: ({ record }) => record.headers,
  value: ({ record }) => record.value?.toString('utf8') ?? null,
};

/** Transactions of one answer, with what all of them are looked at by: asked for once, if at all. */
export interface StuckNow extends Stuck {
  readonly around: () => Promise<readonly [DeadLetters, SystemNow]>;
}

function stuckNow(found: readonly Stuck[], { console }: Context): readonly StuckNow[] {
  let asked: ReturnType<StuckNow['around']> | undefined;
  const around = () => {
    asked ??= Promise.all([console.deadLetters.all(), console.now()]);
    return asked;
  };
  return found.map((each) => ({ ...each, around }));
}

async function awaited({ transaction, around }: StuckNow, { console }: Context): Promise<readonly Awaited[]> {
  const [commands, [{ letters }, { processes }]] = await Promise.all([
    unansweredCommands(console.history, transaction.id),
    around(),
  ]);
  if (commands.length === 0) return [{ command: null, deadLetter: null, why: whyNotBegun(transaction, processes) }];
  return commands.map((command) => {
    const deadLetter = letters.find((letter) => isLetterOf(letter, command));
    return { command, deadLetter: deadLetter ?? null, why: whyWaiting(command, deadLetter, processes) };
  });
}

const capitals = <C extends string>(word: Lowercase<C>) => word.toUpperCase() as C;

const rights = {
  Query: { system: ADMIN, deadLetters: ADMIN, stuckTransactions: ADMIN },
  Mutation: { retryDeadLetter: ADMIN, dropDeadLetter: ADMIN, startVerify: ADMIN, startRebuild: ADMIN },
  Subscription: { system: ADMIN },
  AwaitedCommand: AS_ITS_OBJECT,
  DeadLetter: AS_ITS_OBJECT,
  DeadLetterConnection: AS_ITS_OBJECT,
  DeadLetterEdge: AS_ITS_OBJECT,
  Job: AS_ITS_OBJECT,
  PartitionLag: AS_ITS_OBJECT,
  Process: AS_ITS_OBJECT,
  ProcessPart: AS_ITS_OBJECT,
  StuckTransaction: AS_ITS_OBJECT,
  System: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

export const operatorConsole = {
  resolvers: {
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    DeadLetter: letterFields,
    DeadLetterConnection: {
      edges: ({ letters, start: from }) =>
        letters.map((node, i) => ({ node, cursor: encodeOpaque(LIST, [from + i + 1]) })),
      nodes: ({ letters }) => letters,
      pageInfo: ({ letters, start: from, hasNextPage }) => ({
        ...{ hasNextPage, hasPreviousPage: from > 0 },
        startCursor: letters.length === 0 ? null : encodeOpaque(LIST, [from + 1]),
        endCursor: letters.length === 0 ? null : encodeOpaque(LIST, [from + letters.length]),
      }),
      totalCount: ({ count }) => count,
    },
    Job: {
      kind: ({ kind }) => capitals<JobKind>(kind),
      state: ({ state }) => capitals<JobState>(state),
    },
    Process: { hearing: ({ hearing }) => capitals<ProcessHearing>(hearing) },
    StuckTransaction: { waitsFor: (stuck, _, context) => awaited(stuck, context) },
  },
  rights,
} satisfies SchemaModule;
