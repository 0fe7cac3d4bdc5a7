/** How much each user and each address may ask for, as it is set. */
import type { LimitName, Read } from './variables.ts';

/** How much each user and address may ask for; 0: as much as they like. Admins may have 20 times a user's. */
export interface LimitsConfiguration {
  readonly queriesPerMinute: number;
  /** Commands: a mutation may hold several. */
  readonly mutationsPerMinute: number;
  readonly subscriptionsPerMinute: number;
  /** Of what mutations cause to be written to the log, as it is estimated. */
  readonly writtenMegabytesPerMinute: number;
  /** Of every kind, those that are refused included; this machine's own address is not counted. */
  readonly requestsPerMinuteOfAddress: number;
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  readonly operationsPerSocket: number;
  /** Of one processor core, for the work of one user; admins' is not counted. */
  readonly workPercentOfUser: number;
  readonly unfinishedTransactions: number;
  /** Of all users together, in this process: what waits for the log, and what has begun and is not shown yet. 0: no limit. */
  readonly appendingMegabytes: number;
  readonly waitingTransactions: number;
}

/** Where everyone is the same anonymous admin, limits would be everyone's together: there are none unless they are set. */
export function readLimits(read: Read, signedIn: boolean): LimitsConfiguration {
  const either = (name: LimitName, otherwise: number, anonymous = 0) =>
    read(name) ?? (signedIn ? otherwise : anonymous);
  return {
    queriesPerMinute: either('RATE_QUERIES', 1_200),
    mutationsPerMinute: either('RATE_MUTATIONS', 600),
    subscriptionsPerMinute: either('RATE_SUBSCRIPTIONS', 600),
    writtenMegabytesPerMinute: either('RATE_WRITTEN_MB', 32),
    requestsPerMinuteOfAddress: either('RATE_ADDRESS', 12_000),
    socketsPerUser: either('MAX_SOCKETS_PER_USER', 20),
    socketsPerAddress: either('MAX_SOCKETS_PER_ADDRESS', 500),
    operationsPerSocket: either('MAX_OPERATIONS_PER_SOCKET', 100, 50),
    workPercentOfUser: either('MAX_WORK_PER_USER', 10),
    unfinishedTransactions: either('MAX_UNFINISHED_TRANSACTIONS', 1_000),
    appendingMegabytes: read('MAX_APPENDING_MB') ?? 64,
    waitingTransactions: read('MAX_WAITING_TRANSACTIONS') ?? 200_000,
  };
}
