/** Tries again what a server out of reach, or one whose log is, did not do: for a minute, with growing pauses. */
import { setTimeout as pause } from 'node:timers/promises';
import { OperationFailed, Unreachable } from './executor.ts';

const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** Only for what may be sent twice: queries, and mutations with an idempotency key. */
export async function patiently<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await run();
    } catch (error) {
      const mayPass =
        error instanceof Unreachable || (error instanceof OperationFailed && error.code === 'UNAVAILABLE');
      if (!mayPass || signal.aborted || Date.now() + pauseMs > until) throw error;
      // Callers that failed together do not come back together.
      await pause(pauseMs * (0.5 + Math.random()), undefined, { signal });
    }
  }
}
