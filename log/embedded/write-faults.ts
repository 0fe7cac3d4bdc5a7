/** How a write to lmdb fails: with nothing written, or with an unknown outcome; and what people are told then. */
import { within } from '../../waiting/within.ts';
import { LogUnavailable } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { numberIn, type Storage } from './storage.ts';

/** The batch was not applied and will not be: the same write may be tried again. */
export class NothingWritten extends LogUnavailable {}

/** Whether the batch was applied is unknown, and nothing more can be written until the log is opened again. */
export class StorageFailed extends LogUnavailable {}

/** How long lmdb may take for a flush before callers are told. The batch's outcome is then unknown. */
const FLUSH_TIMEOUT_MS = 30_000;
const MDB_PANIC = -30795;

/**
 * Waits for a commit of lmdb.
 * @throws {NothingWritten} when it was certainly not applied
 * @throws {StorageFailed} when that is unknown
 */
export async function durable(storage: Storage, committed: Promise<unknown>): Promise<void> {
  const late = () =>
    new StorageFailed(`the disk has not answered for ${FLUSH_TIMEOUT_MS / 1000} s: check it, then restart`);
  try {
    await within(FLUSH_TIMEOUT_MS, late, committed);
  } catch (error) {
    throw error instanceof StorageFailed ? error : await explained(error, storage);
  }
}

/** lmdb rejects with a general error whose `commitError` is a promise that is rejected with the cause. */
async function explained(error: unknown, storage: Storage): Promise<LogUnavailable> {
  let cause = error;
  if (error instanceof Error && 'commitError' in error) {
    cause = await Promise.resolve(error.commitError).then(
      () => error,
      (reason: unknown) => reason,
    );
  }
  const message = messageOf(cause);
  // After a failure in the very last write, the one that makes lmdb's transaction visible, lmdb refuses everything (MDB_PANIC).
  if (numberIn(cause instanceof Error && 'code' in cause ? cause.code : 0) === MDB_PANIC) {
    return new StorageFailed(`the disk failed (${message}): check it, then restart`, { cause });
  }
  return refused(cause, storage);
}

/** What to throw when nothing was written, because the disk or the log is full. */
export function refused(cause: unknown, storage: Storage): NothingWritten {
  const message = messageOf(cause);
  const room = `${storage.bytesFree()} bytes free on that disk`;
  const way = 'make room there or choose another DATA_DIR; it goes on by itself';
  return new NothingWritten(`the log could not write to ${storage.dir} (${message}; ${room}): ${way}`, { cause });
}
