/** Runs an asynchronous read at most every so often, and never twice at once, so that a flood of changes costs little. */

const SHORTEST_MS = 800;
/** A slow server is asked less often: each read is followed by a pause of this many times its own length. */
const REST_FACTOR = 3;

export interface Throttled {
  /** Asks for a run: now if it is time, else as soon as it is. */
  request(): void;
  cancel(): void;
}

/**
 * @param run may throw: the next request runs it again
 * @param shortestMs the rest after a run, at least
 */
export function throttled(run: () => Promise<unknown>, shortestMs = SHORTEST_MS): Throttled {
  let running = false;
  let wanted = false;
  let cancelled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function go(): Promise<void> {
    timer = undefined;
    wanted = false;
    running = true;
    const began = performance.now();
    try {
      await run();
    } catch {
      // The next change, or the next reconnect, asks again; what is shown stays.
    }
    running = false;
    if (cancelled) return;
    const rest = Math.max(shortestMs, (performance.now() - began) * REST_FACTOR);
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted) void go();
    }, rest);
  }

  return {
    request() {
      if (cancelled) return;
      if (running || timer !== undefined) wanted = true;
      else void go();
    },
    cancel() {
      cancelled = true;
      clearTimeout(timer);
    },
  };
}
