/**
 * Coalescing: what is asked for while requests are under way goes together into the next one. So there is no timer, and the
 * busier it is the more goes into one request.
 */

export interface CoalescedOptions<K, V> {
  /** Most items of one request. */
  readonly most: number;
  /** Requests under way at once. */
  readonly atOnce: number;
  /** Answers each item in its place. */
  run(items: readonly K[]): Promise<readonly V[]>;
}

interface Waiting<K, V> {
  readonly item: K;
  resolve(value: V): void;
  reject(error: unknown): void;
}

export class Coalesced<K, V> {
  readonly #options: CoalescedOptions<K, V>;
  #waiting: Waiting<K, V>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: CoalescedOptions<K, V>) {
    this.#options = options;
  }

  /** @throws what the request that the item goes into throws */
  ask(item: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** In the next turn of the event loop: what is asked for in this one goes into the same request. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#running < this.#options.atOnce && this.#waiting.length > 0) {
        void this.#run(this.#waiting.splice(0, this.#options.most));
      }
    });
  }

  async #run(batch: readonly Waiting<K, V>[]): Promise<void> {
    this.#running++;
    try {
      const values = await this.#options.run(batch.map(({ item }) => item));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const value = values[i];
        if (value === undefined) reject(new Error('a request left out what it was asked for'));
        else resolve(value);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running--;
      this.#schedule();
    }
  }
}
