/** A queue between a source that must not wait and a reader that may be slow: of each key it keeps only the newest. */
import { UpdatesMissed } from './errors.ts';

export class LatestQueue<T> implements AsyncIterableIterator<T> {
  readonly #items = new Map<string, T>();
  readonly #most: number;
  readonly #onEnd: () => void;
  #wake: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;

  /** Ends with `UpdatesMissed` when more than `most` different keys wait. `onEnd` is called once, however it ends. */
  constructor(onEnd: () => void, most = 10_000) {
    this.#onEnd = onEnd;
    this.#most = most;
  }

  push(key: string, item: T): void {
    if (this.#ended) return;
    this.#items.set(key, item);
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
    this.#items.clear();
    this.end();
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const first = this.#items.entries().next();
      if (!first.done) {
        const [key, value] = first.value;
        this.#items.delete(key);
        return { done: false, value };
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
    this.#items.clear();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: Error): Promise<IteratorResult<T>> {
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
