/**
 * An LRU cache of what was read from the stores and parsed: one for all partitions of a process, bounded by an estimate of
 * its bytes. What was not used for longest goes first; it is read from its store again when it is needed.
 */

/** An object takes more memory than its JSON: for names of fields, boxes of numbers, and its entry here. */
const TIMES_JSON = 3;
const PER_ENTRY = 300;
/** What is left when the cache was full: a Map goes over all that was deleted from its beginning, so it is done seldom. */
const LEFT = 0.9;

interface Entry {
  readonly value: unknown;
  readonly bytes: number;
}

/** The part of the cache that one table of one partition has. */
export interface CacheView<T> {
  get(key: string): T | undefined;
  /** @param json how long the value is as JSON */
  set(key: string, value: T, json: number): void;
  delete(key: string): void;
  /** Forgets all that this view has; also to be called when it is not used any more. */
  clear(): void;
}

export class StateCache {
  readonly #most: number;
  /** In the order of use: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #views = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many values are held. */
  get size(): number {
    return this.#entries.size;
  }

  view<T>(): CacheView<T> {
    const own = `${this.#views++}/`;
    return {
      // A view puts nothing but its own type under its own prefix.
      get: (key) => this.#get(own + key) as T | undefined,
      set: (key, value, json) => this.#set(own + key, { value, bytes: TIMES_JSON * json + PER_ENTRY }),
      delete: (key) => this.#delete(own + key),
      clear: () => {
        for (const key of this.#entries.keys()) if (key.startsWith(own)) this.#delete(key);
      },
    };
  }

  #get(key: string): unknown {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  #set(key: string, entry: Entry): void {
    this.#delete(key);
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    if (this.#bytes <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#delete(oldest);
      if (this.#bytes <= LEFT * this.#most) return;
    }
  }

  #delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
