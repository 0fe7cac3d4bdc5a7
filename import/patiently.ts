/** Retry with back-off, for as long as it takes: for a server that is out of reach, or whose log is. */
import { BackOff, jitterAround } from '../waiting/back-off.ts';
import { OperationFailed, Unreachable } from './executor.ts';

/** Codes that pass: the log or the views are out of reach, or one asked too often. */
const COME_AGAIN: ReadonlySet<string | undefined> = new Set(['UNAVAILABLE', 'RATE_LIMITED']);

export interface Patience {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told what is waited for, again at each failure, and undefined once it is over. */
  onWaiting(why: string | undefined): void;
}

export function comesAgain(code: string | undefined): boolean {
  return COME_AGAIN.has(code);
}

/** The pauses between the tries of one request. */
export function retryPauses(): BackOff {
  return new BackOff({ firstMs: 100, longestMs: 5000, jitter: jitterAround });
}

/** Only for what may be sent twice: queries, and mutations with an idempotency key. @throws what does not pass by itself */
export async function patiently<T>(run: () => Promise<T>, { signal, onWaiting }: Patience): Promise<T> {
  const backOff = retryPauses();
  for (let waited = false; ; waited = true) {
    try {
      const result = await run();
      if (waited) onWaiting(undefined);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof Unreachable || (error instanceof OperationFailed && comesAgain(error.code));
      if (!mayPass) throw error;
      onWaiting(error.message);
      await backOff.wait(signal);
      signal.throwIfAborted();
    }
  }
}
