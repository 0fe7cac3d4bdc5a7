/** A set that forgets: ids with the time they were added, for memories that go back so far and no further. */

export class Recent {
  readonly #keptMs: number;
  /** In the order they were added, which is the order of time as long as the clock does not go backwards. */
  readonly #since = new Map<string, number>();

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  has(id: string): boolean {
    return this.#since.has(id);
  }

  /** The time at which it was added, ms. */
  since(id: string): number | undefined {
    return this.#since.get(id);
  }

  /** Adds an id, or keeps the time at which it was added. `at` in ms. */
  add(id: string, at: number): void {
    if (!this.#since.has(id)) this.#since.set(id, at);
  }

  drop(id: string): void {
    this.#since.delete(id);
  }

  /** Drops what was added longer ago than is kept; never anything younger. Returns what it dropped. */
  forget(now: number): readonly string[] {
    const old = this.older(now);
    for (const id of old) this.#since.delete(id);
    return old;
  }

  /** What was added longer ago than is kept, oldest first, at most so many. */
  older(now: number, most: number = Number.POSITIVE_INFINITY): readonly string[] {
    const old: string[] = [];
    for (const [id, at] of this.#since) {
      // The clock was ahead and has been set back: the time counts from now, or this entry would hold up those behind it.
      if (at > now) {
        this.#since.delete(id);
        this.#since.set(id, now);
      } else if (at >= now - this.#keptMs || old.length >= most) return old;
      else old.push(id);
    }
    return old;
  }
}
