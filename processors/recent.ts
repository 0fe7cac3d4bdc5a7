/** A set that forgets: ids with the time they were added, for memories that go back so far and no further. It is in a store. */
import type { PartitionStore } from '../store/partition-store.ts';
import { storeKey } from '../store/store-key.ts';

/** Times as keys sort as the times do. Enough digits for any time that a Date can hold. */
const DIGITS = 14;
/** Most that is put right at once of what a clock that was ahead has added. */
const MOST_AHEAD = 1000;
/** The set is looked through for what is old after so small a part of the time for which it is kept: a minute, of a week. */
const LOOKS = 10_000;

export class Recent {
  readonly #keptMs: number;
  readonly #store: PartitionStore;
  /** By id, the time. */
  readonly #ids: string;
  /** By time and id, the id. */
  readonly #times: string;
  #looked = Number.NEGATIVE_INFINITY;

  /** @param table its name begins those of the tables that it has in the store */
  constructor(store: PartitionStore, table: string, keptMs: number) {
    this.#store = store;
    this.#keptMs = keptMs;
    this.#ids = table;
    this.#times = `${table}@`;
  }

  has(id: string): boolean {
    return this.since(id) !== undefined;
  }

  /** The time at which it was added, ms. */
  since(id: string): number | undefined {
    const at = this.#store.get(this.#ids, storeKey(id));
    return at === undefined ? undefined : Number(at);
  }

  /** Adds an id, or keeps the time at which it was added. `at` in ms. */
  add(id: string, at: number): void {
    if (this.has(id)) return;
    this.#store.put(this.#ids, storeKey(id), String(at));
    this.#store.put(this.#times, timeKey(at, id), id);
  }

  drop(id: string): void {
    const at = this.since(id);
    if (at === undefined) return;
    this.#store.remove(this.#ids, storeKey(id));
    this.#store.remove(this.#times, timeKey(at, id));
  }

  /** Drops what was added longer ago than is kept, now or a little later; never anything younger. Returns what it dropped. */
  forget(now: number, most = Number.MAX_SAFE_INTEGER): readonly string[] {
    const old = this.older(now, most);
    for (const id of old) this.drop(id);
    return old;
  }

  /** What was added longer ago than is kept, oldest first, at most so many. Some may be told a little later than they might. */
  older(now: number, most: number = Number.MAX_SAFE_INTEGER): readonly string[] {
    const since = now - this.#looked;
    if (since >= 0 && since < this.#keptMs / LOOKS) return [];
    this.#putRight(now);
    const old = this.#store.range(this.#times, { below: timeKey(now - this.#keptMs), most });
    if (old.length < most) this.#looked = now;
    return old.map(([, id]) => id);
  }

  /** The clock was ahead and has been set back: the time counts from now. */
  #putRight(now: number): void {
    for (const [key, id] of this.#store.range(this.#times, { from: timeKey(now + 1), most: MOST_AHEAD })) {
      this.#store.remove(this.#times, key);
      this.#store.put(this.#ids, storeKey(id), String(now));
      this.#store.put(this.#times, timeKey(now, id), id);
    }
  }
}

function timeKey(at: number, id = ''): string {
  return `${Math.max(0, Math.floor(at)).toString().padStart(DIGITS, '0')}${storeKey(id)}`;
}
