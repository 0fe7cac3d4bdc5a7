/** A set that forgets: ids with the time they were added, for memories that go back as far as a topic's retention. */

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

  /** Adds an id, or keeps the time at which it was added. `at` in ms. */
  add(id: string, at: number): void {
    if (!this.#since.has(id)) this.#since.set(id, at);
  }

  /** Drops what was added longer ago than is kept; never anything younger. Returns what it dropped. */
  forget(now: number): readonly string[] {
    const dropped: string[] = [];
    for (const [id, at] of this.#since) {
      // A clock that was ahead has been put right: from here on it counts anew, or it would stay in the way of all others.
      if (at > now) {
        this.#since.delete(id);
        this.#since.set(id, now);
      } else if (at >= now - this.#keptMs) return dropped;
      else {
        this.#since.delete(id);
        dropped.push(id);
      }
    }
    return dropped;
  }
}
