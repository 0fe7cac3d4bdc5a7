/**
 * A clock for one partition: it counts the time during which a processor runs there, and goes on where it was when the
 * partition moves to another process. It counts by the process's monotonic clock, so it does not matter when a machine's time
 * of day is wrong, or jumps.
 */

/** Milliseconds that only ever grow, from any beginning: `performance.now`. */
export type Monotonic = () => number;

export class PartitionClock {
  readonly #monotonic: Monotonic;
  readonly #mostMs: number;
  #read = 0;
  #at: number;

  /**
   * @param mostMs no more than this counts between two calls of `tick`: a process that was stopped for an hour may have lost
   *   the partition meanwhile, and must not set the clock for whoever has it now
   */
  constructor(mostMs: number, monotonic: Monotonic) {
    this.#mostMs = mostMs;
    this.#monotonic = monotonic;
    this.#at = monotonic();
  }

  /** Milliseconds for which the partition has been processed, by whichever process. */
  now(): number {
    return Math.floor(this.#read + Math.min(this.#monotonic() - this.#at, this.#mostMs));
  }

  /** To be called again and again while the processor runs. */
  tick(): void {
    this.#read = this.now();
    this.#at = this.#monotonic();
  }

  /** Goes on from what stands on the log, unless it is further than that already. */
  continueFrom(ms: number): void {
    this.#read = Math.max(this.now(), ms);
    this.#at = this.#monotonic();
  }
}
