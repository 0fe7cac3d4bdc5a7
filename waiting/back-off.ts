/** Exponential back-off: pauses between attempts, each twice as long as the one before, up to a limit. */
import { pause } from './pause.ts';

export interface BackOffOptions {
  /** The first pause, in ms. */
  readonly firstMs: number;
  /** No pause is longer than so many ms, before jitter. */
  readonly longestMs: number;
  /** Makes the length of a pause random. Default: none, the pauses are as long as they are. */
  readonly jitter?: (ms: number) => number;
  /** false: the pauses do not keep the process alive. Default true. */
  readonly ref?: boolean;
}

/** Full jitter, from 0 to the whole length. It spreads the retries of callers that failed at the same moment. */
export function fullJitter(ms: number): number {
  return ms * Math.random();
}

/** Jitter around the length, from a half of it to one and a half. It spreads retries and keeps their rate. */
export function jitterAround(ms: number): number {
  return ms * (0.5 + Math.random());
}

export class BackOff {
  readonly #options: BackOffOptions;
  #nextMs: number;

  constructor(options: BackOffOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** How long the next pause is, in ms, before jitter. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** After a success: the next pause is the first again. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }

  /** The length of this pause, in ms, with jitter. For those who wait by themselves; the pause after it is longer. */
  take(): number {
    const { longestMs, jitter = (ms) => ms } = this.#options;
    const ms = this.#nextMs;
    this.#nextMs = Math.min(2 * ms, longestMs);
    return jitter(ms);
  }

  /** Waits for the pause to be over; resolves at once when `signal` is aborted, which the caller looks at. */
  async wait(signal?: AbortSignal): Promise<void> {
    await pause(this.take(), { signal, ref: this.#options.ref });
  }
}
