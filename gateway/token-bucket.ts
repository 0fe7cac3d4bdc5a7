/**
 * Rate limits as token buckets: a bucket holds a minute's worth, is filled evenly, and each operation takes from it. The
 * buckets of one kind are kept by who asks.
 */

/** More askers than this are not remembered: those that were seen longest ago begin with a full bucket again. */
const MOST_KEPT = 50_000;

interface Bucket {
  tokens: number;
  /** When `tokens` was right, in ms. */
  at: number;
}

/** Milliseconds that never jump. */
export type Clock = () => number;

export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #mostKept: number;

  constructor(clock: Clock = () => performance.now(), mostKept = MOST_KEPT) {
    this.#clock = clock;
    this.#mostKept = mostKept;
  }

  /**
   * Takes `tokens` from the bucket of `key`. One that asks for more than fits takes what a full bucket holds.
   * @param perMinute how much the bucket holds and is given in a minute; 0: no limit
   * @returns 0 when they were there; else nothing was taken, and they will be there in so many seconds
   */
  take(key: string, perMinute: number, tokens = 1): number {
    if (perMinute === 0) return 0;
    const now = this.#clock();
    const before = this.#buckets.get(key) ?? { tokens: perMinute, at: now };
    const there = Math.min(perMinute, before.tokens + ((now - before.at) * perMinute) / 60_000);
    const wanted = Math.min(tokens, perMinute);
    const enough = there >= wanted;
    // Deleted first: a Map keeps the order of insertion, so the first is who was seen longest ago.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: enough ? there - wanted : there, at: now });
    this.#forget();
    return enough ? 0 : Math.ceil(((wanted - there) * 60) / perMinute);
  }

  #forget(): void {
    if (this.#buckets.size <= this.#mostKept) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
