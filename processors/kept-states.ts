/**
 * The states of one partition's aggregates and their parts, as JSON in a store, and as objects in a cache. A state is read
 * without its parts, and a part by itself: what has been bought of a product does not make the product larger.
 */
import type { Catalogue, Decider, Progress, Versioned } from '../domain/index.ts';
import { messageOf } from '../log/message-of.ts';
import { type PartitionStore, StoreFailed } from '../store/partition-store.ts';
import { storeKey } from '../store/store-key.ts';
import type { CacheView, StateCache } from './state-cache.ts';

const STATES = 'state';
const PARTS = 'part';
/** The ids of the entities that are pending, for the deadlines. */
const PENDING = 'pending';
const AT_ONCE = 1000;

/** What has to be known of an aggregate to keep its states. */
export interface KeptAggregate<C extends Catalogue, E extends Catalogue, S extends Versioned, P>
  extends Decider<C, E, S, P> {
  readonly progress?: Progress<C, E, S>;
}

export class KeptStates<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly #aggregate: KeptAggregate<C, E, S, P>;
  readonly #store: PartitionStore;
  readonly #cache: CacheView<S>;

  constructor(aggregate: KeptAggregate<C, E, S, P>, store: PartitionStore, cache: StateCache) {
    this.#aggregate = aggregate;
    this.#store = store;
    this.#cache = cache.view();
  }

  has(id: string): boolean {
    return this.#store.get(STATES, storeKey(id)) !== undefined;
  }

  /** Without its parts; undefined when there is none. */
  get(id: string): S | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const text = this.#store.get(STATES, storeKey(id));
    if (text === undefined) return undefined;
    const state = this.#parsed(text, (json) => this.#aggregate.state.parse(json));
    this.#cache.set(id, state, text.length);
    return state;
  }

  part(id: string, part: string): P | undefined {
    const { parts } = this.#aggregate;
    const text = parts === undefined ? undefined : this.#store.get(PARTS, storeKey(id, part));
    return text === undefined ? undefined : this.#parsed(text, (json) => parts?.schema.parse(json));
  }

  /** @param text the state as it is published, in the newest shape */
  put(id: string, state: S, text: string): void {
    this.restore(id, state, text);
    this.#cache.set(id, this.#aggregate.parts?.none(state) ?? state, text.length);
  }

  /** As `put`, of a state that may not be needed soon. */
  restore(id: string, state: S, text: string): void {
    const { progress } = this.#aggregate;
    this.#store.put(STATES, storeKey(id), text);
    this.#cache.delete(id);
    if (progress === undefined) return;
    if (progress.pending(state)) this.#store.put(PENDING, storeKey(id), id);
    else if (this.#store.get(PENDING, storeKey(id)) !== undefined) this.#store.remove(PENDING, storeKey(id));
  }

  putPart(id: string, part: string, text: string): void {
    this.#store.put(PARTS, storeKey(id, part), text);
  }

  remove(id: string): void {
    this.#cache.delete(id);
    this.#store.remove(STATES, storeKey(id));
    this.#store.remove(PENDING, storeKey(id));
  }

  removePart(id: string, part: string): void {
    this.#store.remove(PARTS, storeKey(id, part));
  }

  hasParts(id: string): boolean {
    return this.#partsOf(id, 1).length > 0;
  }

  removeParts(id: string): void {
    for (let some = this.#partsOf(id, AT_ONCE); some.length > 0; some = this.#partsOf(id, AT_ONCE)) {
      for (const [key] of some) this.#store.remove(PARTS, key);
    }
  }

  /** The states of all entities that are pending. */
  pending(): ReadonlyMap<string, S> {
    const pending = new Map<string, S>();
    for (let from = ''; ; ) {
      const some = this.#store.range(PENDING, { from, most: AT_ONCE });
      for (const [, id] of some) {
        const state = this.get(id);
        if (state !== undefined) pending.set(id, state);
      }
      const last = some.at(-1);
      if (last === undefined || some.length < AT_ONCE) return pending;
      from = `${last[0]}\0`;
    }
  }

  /** Forgets what is in memory. */
  clear(): void {
    this.#cache.clear();
  }

  #partsOf(id: string, most: number) {
    return this.#store.range(PARTS, { from: `${storeKey(id)}/`, below: `${storeKey(id)}0`, most });
  }

  /** What is kept was read by these schemas once: if it cannot be read any more, the store is damaged. */
  #parsed<T>(text: string, parse: (json: unknown) => T): T {
    try {
      return parse(JSON.parse(text));
    } catch (error) {
      const reason = `what ${this.#aggregate.name} keeps cannot be read: ${messageOf(error)}`;
      this.#store.wipe(reason);
      throw new StoreFailed(reason, { cause: error });
    }
  }
}
