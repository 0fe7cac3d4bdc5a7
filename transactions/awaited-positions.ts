/**
 * Polling: waits until positions that another process moves on have come far enough.
 *
 * Nothing can be watched in its place. A consumer group's offsets in Kafka have no feed, and those of shared views are not
 * documents of a view: a batch that changes no document moves them on all the same. So they are read again with growing
 * pauses, at most 25 ms where it is not said otherwise, only while somebody waits, and no longer than the waiters' signals allow. One read
 * serves all who wait: a hundred queries at once cost what one costs.
 */
import type { Position, TopicPartition } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';
import { BackOff } from '../waiting/back-off.ts';

interface Waiter {
  readonly left: Map<string, Position>;
  resolve(): void;
}

/** The positions of these places as they are now; a place without one may be left out. */
export type ReadPositions = (places: readonly TopicPartition[]) => Promise<readonly Position[]>;

export class AwaitedPositions {
  readonly #read: ReadPositions;
  readonly #longestMs: number;
  readonly #waiters = new Set<Waiter>();
  #running = false;
  #newcomer = false;
  #wake: () => void = () => undefined;

  /** @param longestMs between two reads: a longer one wastes half of it for each who waits, a shorter one costs more reads */
  constructor(read: ReadPositions, longestMs = 25) {
    this.#read = read;
    this.#longestMs = longestMs;
  }

  /**
   * Resolves when each position has been reached. A read that fails is tried again.
   * @throws the signal's reason once it is aborted
   */
  async reached(targets: readonly Position[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (targets.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      const left = new Map<string, Position>();
      for (const target of targets) {
        if (target.offset > (left.get(placeOf(target))?.offset ?? 0)) left.set(placeOf(target), target);
      }
      const give = () => {
        this.#waiters.delete(waiter);
        this.#wake();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        left,
        resolve: () => {
          this.#waiters.delete(waiter);
          signal.removeEventListener('abort', give);
          resolve();
        },
      };
      if (left.size === 0) return resolve();
      signal.addEventListener('abort', give, { once: true });
      this.#waiters.add(waiter);
      this.#newcomer = true;
      this.#wake();
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Those who come in the same turn are in the first read.
    await new Promise(setImmediate);
    // Between two reads while nobody new comes.
    const backOff = new BackOff({ firstMs: 1, longestMs: this.#longestMs });
    while (this.#waiters.size > 0) {
      this.#newcomer = false;
      await this.#look();
      if (this.#waiters.size === 0) break;
      if (this.#newcomer) backOff.reset();
      else await this.#pause(backOff.take());
    }
    this.#running = false;
  }

  async #look(): Promise<void> {
    const places = new Map([...this.#waiters].flatMap(({ left }) => [...left]));
    try {
      for (const position of await this.#read([...places.values()])) {
        const place = placeOf(position);
        for (const waiter of this.#waiters) {
          const target = waiter.left.get(place);
          if (target === undefined || position.offset < target.offset) continue;
          waiter.left.delete(place);
          if (waiter.left.size === 0) waiter.resolve();
        }
      }
    } catch {
      // Out of reach: whoever waits says for how long it is worth while.
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
