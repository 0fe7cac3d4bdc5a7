/**
 * What the owner of the idempotency keys remembers of one partition of them: which transactions have come, and which of
 * them each key stands for. What is old is told from the commands' own times and from tombstones, never from this machine's
 * clock. So a stop of weeks forgets nothing, and repeats of what waited meanwhile are recognised.
 *
 * A transaction's id is the same for one period of a week (`transactions/ids.ts`). So repeats can come for a week, and longer
 * by as much as the gateways' clocks differ. They are recognised for two weeks: enough for clocks that differ by a week.
 */
import { z } from 'zod';
import type { PartitionStore } from '../store/partition-store.ts';
import { storeKey } from '../store/store-key.ts';
import { type KeyUse, keyUse } from './key-use.ts';
import { Recent } from './recent.ts';

/** For how long a key stands for its command, ms. */
export const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** For how long a transaction is known, ms. */
export const KNOWN_MS = 2 * WEEK_MS;

/** By transaction. */
const USES = 'use';
/** By key, oldest first: what was handed on under it. The last one counts; the others should that one be covered. */
const BOUND = 'bound';
const KNOWN = 'known';
/** One entry: the newest time that commands have told. */
const CLOCK = 'clock';

const uses = z.array(keyUse);

/** Whether a key still stands for what was handed on under it, at a time in ms. */
export const standsAt = ({ at }: KeyUse, time: number): boolean => at > time - WEEK_MS;

export class KeyMemory {
  readonly #store: PartitionStore;
  readonly #known: Recent;

  constructor(store: PartitionStore) {
    this.#store = store;
    this.#known = new Recent(store, KNOWN, KNOWN_MS);
  }

  /** The newest time that commands have told, ms. */
  get time(): number {
    return Number(this.#store.get(CLOCK, '') ?? 0);
  }

  knows(transactionId: string): boolean {
    return this.#known.has(transactionId);
  }

  /** When a known transaction came, ms, and the key that it was handed on under, if it was. */
  cameAt(transactionId: string): { readonly at: number; readonly key: string | undefined } | undefined {
    const at = this.#known.since(transactionId);
    if (at === undefined) return undefined;
    const use = this.#use(transactionId);
    return { at, key: use?.forwarded === true && use.key !== null ? use.key : undefined };
  }

  /** What the key stands for at a time, if it stands for anything: for a week from its first use. */
  boundTo(key: string, time: number): KeyUse | undefined {
    const use = this.#boundTo(key).at(-1);
    return use !== undefined && standsAt(use, time) ? use : undefined;
  }

  remember(use: KeyUse): void {
    const { transactionId, key } = use;
    if (use.at > this.time) this.#store.put(CLOCK, '', String(use.at));
    this.#known.add(transactionId, use.at);
    this.#unbind(transactionId);
    this.#store.put(USES, storeKey(transactionId), JSON.stringify(use));
    if (key === null || !use.forwarded) return;
    // A use that recovery made anew can be older than the command that the key has come to stand for.
    this.#bind(
      key,
      [...this.#boundTo(key), use].sort((one, other) => one.at - other.at),
    );
  }

  /** The transactions that cannot come any more, oldest first, at most so many; they are dropped with `forget`. */
  forgettable(time: number, most: number): readonly string[] {
    return this.#known.older(time, most);
  }

  forget(transactionIds: readonly string[]): void {
    for (const id of transactionIds) {
      this.#known.drop(id);
      this.#unbind(id);
      this.#store.remove(USES, storeKey(id));
    }
  }

  #use(transactionId: string): KeyUse | undefined {
    const text = this.#store.get(USES, storeKey(transactionId));
    return text === undefined ? undefined : keyUse.parse(JSON.parse(text));
  }

  #boundTo(key: string): readonly KeyUse[] {
    const text = this.#store.get(BOUND, storeKey(key));
    return text === undefined ? [] : uses.parse(JSON.parse(text));
  }

  #unbind(transactionId: string): void {
    const use = this.#use(transactionId);
    if (use === undefined || use.key === null || !use.forwarded) return;
    this.#bind(
      use.key,
      this.#boundTo(use.key).filter((each) => each.transactionId !== transactionId),
    );
  }

  #bind(key: string, to: readonly KeyUse[]): void {
    if (to.length === 0) this.#store.remove(BOUND, storeKey(key));
    else this.#store.put(BOUND, storeKey(key), JSON.stringify(to));
  }
}
