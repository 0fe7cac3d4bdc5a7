/** Tells a MongoDB that is out of reach from one that answered with an error, and keeps callers from waiting for it. */
import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoSystemError,
  MongoTopologyClosedError,
} from 'mongodb';
import { within } from '../../waiting/within.ts';
import { ViewsUnavailable } from '../view-store.ts';
import { reasonOf, wayOutOf } from './access.ts';

/** Answers of a server that steps down, starts, stops, or gave up at the time limit we set. */
const OUTAGE_CODES: ReadonlySet<unknown> = new Set([50, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** What a write to a socket throws whose other end has just gone: the driver (7.9) lets it through as Node made it. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

export function isOutage(failure: unknown): boolean {
  // A bulk write wraps what went wrong, a lost connection too, in an error that looks like an answer of the server.
  const error: unknown = failure instanceof MongoBulkWriteError ? failure.errorResponse : failure;
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoSystemError ||
    error instanceof MongoOperationTimeoutError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoServerClosedError ||
    error instanceof MongoTopologyClosedError ||
    (error instanceof MongoError && error.name === 'MongoWaitQueueTimeoutError') ||
    (error instanceof MongoServerError && OUTAGE_CODES.has(error.code)) ||
    (error instanceof Error && 'code' in error && SOCKET_CODES.has(error.code))
  );
}

/** The error to throw to callers: `ViewsUnavailable` for an outage, anything else as it is. */
export function orUnavailable(error: unknown): unknown {
  if (error instanceof ViewsUnavailable) return error;
  // A user who is refused now was let in once: as the password changes, processes are a little behind.
  if (!isOutage(error) && wayOutOf(error) === undefined) return error;
  return new ViewsUnavailable(`MongoDB cannot be reached or did not answer in time: ${reasonOf(error)}`, {
    cause: error,
  });
}

/** The result of `run`, or `ViewsUnavailable` after so many ms: a stopped mongod keeps its sockets open and says nothing. */
export async function answerWithin<T>(timeoutMs: number, run: () => Promise<T>): Promise<T> {
  const late = () => new ViewsUnavailable(`MongoDB did not answer within ${timeoutMs} ms`);
  try {
    return await within(timeoutMs, late, run());
  } catch (error) {
    throw orUnavailable(error);
  }
}

export function isTransient(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

export function isUnknownCommit(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
}

/** Two writers made the same document at the same moment. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}

/** The server no longer has the changes from where a stream was to go on, or the stream's collection was dropped. */
export function isHistoryLost(error: unknown): boolean {
  return error instanceof MongoServerError && [136, 222, 260, 280, 286].includes(Number(error.code));
}
