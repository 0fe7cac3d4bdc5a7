/** A pause for loops that end when they are stopped. */

export interface PauseOptions {
  /** Ends the pause. */
  readonly signal?: AbortSignal | undefined;
  /** false: the pause does not keep the process alive. Default true. */
  readonly ref?: boolean | undefined;
}

/**
 * Resolves after so many ms, or at once when the signal is aborted. Unlike the pause of `node:timers/promises` it does not
 * reject then: a loop that is stopped while it waits has not failed.
 */
export function pause(ms: number, { signal, ref = true }: PauseOptions = {}): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (!ref) timer.unref();
    signal?.addEventListener('abort', done, { once: true });
  });
}
