/** Waiting in ways that end: with a limit, until told to stop, or until a condition holds. */

/**
 * @param why asked when the time is up: what was waited for, if that is known.
 * @throws when the promise has not settled in time; what it does later is ignored.
 */
export async function within<T>(
  ms: number,
  what: string,
  promise: Promise<T>,
  why: () => string | undefined = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = why();
      reject(new Error(`${what} took longer than ${ms} ms${reason === undefined ? '' : `: ${reason}`}`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after so many ms, or at once when stopped. */
export function pause(ms: number, stopped?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stopped?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopped?.addEventListener('abort', done, { once: true });
  });
}

/** Pauses that grow with each failure in a row, from `first` to `longest` ms. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #next: number;

  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
    this.#next = first;
  }

  reset(): void {
    this.#next = this.#first;
  }

  async wait(stopped?: AbortSignal): Promise<void> {
    const ms = this.#next;
    this.#next = Math.min(this.#longest, ms * 2);
    await pause(ms, stopped);
  }
}

/** Those who wait for a condition on something that changes; whoever changes it says so. */
export class Changes {
  readonly #waiting = new Set<{ readonly holds: () => boolean; resolve(): void; reject(error: Error): void }>();
  #ended: Error | undefined;

  until(holds: () => boolean): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => void this.#waiting.add({ holds, resolve, reject }));
  }

  changed(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.holds()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** Nothing will change any more: who still waits, or will, gets the error. */
  end(error: Error): void {
    this.#ended = error;
    for (const waiter of this.#waiting) waiter.reject(error);
    this.#waiting.clear();
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
