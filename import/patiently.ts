/** Retry with back-off, for a minute: for a server that is out of reach, or whose log is. */
import { BackOff, jitterAround } from '../waiting/back-off.ts';
import { OperationFailed, Unreachable } from './executor.ts';

const PATIENCE_MS = 60_000;
/** Codes that pass: the log or the views are out of reach, or one asked too often. */
const COME_AGAIN: ReadonlySet<string | undefined> = new Set(['UNAVAILABLE', 'RATE_LIMITED']);

/** Only for what may be sent twice: queries, and mutations with an idempotency key. */
export async function patiently<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  const backOff = new BackOff({ firstMs: 100, longestMs: 5000, jitter: jitterAround });
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const mayPass = error instanceof Unreachable || (error instanceof OperationFailed && COME_AGAIN.has(error.code));
      if (!mayPass || signal.aborted || Date.now() + backOff.nextMs > until) throw error;
      await backOff.wait(signal);
      signal.throwIfAborted();
    }
  }
}
