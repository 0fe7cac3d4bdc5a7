/** A queue between a source that must not wait and a reader that may be slow: of each key it keeps only the newest. */
import { UpdatesMissed } from './errors.ts';

/** Told of what goes through queues, for metrics and traces. */
export interface QueueMeter {
  /** So many more items wait, or fewer. */
  waiting(more: number): void;
  /** Items that the reader will not get: newer ones took their place, or there were too many of them. */
  dropped(items: number, reason: 'replaced' | 'missed'): void;
  /** The reader is done with an item: it asks for the next one. @param since when it came, `performance.now()` */
  read(item: unknown, since: number): void;
}

interface Item<T> {
  readonly item: T;
  readonly since: number;
}

export class LatestQueue<T> implements AsyncIterableIterator<T> {
  readonly #items = new Map<string, Item<T>>();
  readonly #most: number;
  readonly #meter: QueueMeter | undefined;
  #reading: Item<T> | undefined;
  readonly #onEnd: () => void;
  #wake: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;

  /** Ends with `UpdatesMissed` when more than `most` different keys wait. `onEnd` is called once, however it ends. */
  constructor(onEnd: () => void, most = 10_000, meter?: QueueMeter) {
    this.#onEnd = onEnd;
    this.#most = most;
    this.#meter = meter;
  }

  push(key: string, item: T): void {
    if (this.#ended) return;
    const size = this.#items.size;
    this.#items.set(key, { item, since: this.#meter === undefined ? 0 : performance.now() });
    if (this.#items.size > size) this.#meter?.waiting(1);
    else this.#meter?.dropped(1, 'replaced');
    if (this.#items.size > this.#most) {
      this.fail(new UpdatesMissed('the subscriber is too slow'));
    }
    this.#wake?.();
  }

  /** Ends after what is waiting has been read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error = error;
    // Whoever fails it knows of at least one.
    this.#meter?.dropped(Math.max(1, this.#items.size), 'missed');
    this.#clear();
    this.end();
  }

  async next(): Promise<IteratorResult<T>> {
    this.#read();
    for (;;) {
      const first = this.#items.entries().next();
      if (!first.done) {
        const [key, taken] = first.value;
        this.#items.delete(key);
        this.#meter?.waiting(-1);
        this.#reading = taken;
        return { done: false, value: taken.item };
      }
      if (this.#error) {
        const error = this.#error;
        this.#error = undefined;
        throw error;
      }
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  return(): Promise<IteratorResult<T>> {
    this.#read();
    this.#clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: Error): Promise<IteratorResult<T>> {
    this.#clear();
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #read(): void {
    const read = this.#reading;
    this.#reading = undefined;
    if (read !== undefined) this.#meter?.read(read.item, read.since);
  }

  #clear(): void {
    this.#meter?.waiting(-this.#items.size);
    this.#items.clear();
  }
}
