/**
 * A sorted set of keys, like a B-tree of two levels: blocks of a few hundred keys. Inserting moves the rest of one block, not
 * of everything, and any gap is found by two binary searches. Made for sizes that fit in memory.
 */
import { compareScalars } from '../keyset.ts';
import type { Scalar } from '../view-store.ts';

/** The values of an index's fields, and last the document's id. */
export type Key = readonly Scalar[];

/** Where a key lies with regard to a range: before it (negative), in it (0), after it (positive). Grows with the keys. */
export type Locate = (key: Key) => number;

/** A gap between two keys: before the key at `index` in a block. */
export interface Gap {
  readonly block: number;
  readonly index: number;
}

const BLOCK = 512;

export class OrderedKeys {
  readonly #blocks: Key[][] = [];

  add(key: Key): void {
    const { block, index } = this.gap((other) => compareKeys(other, key));
    const keys = this.#blocks[block] ?? this.#blocks.at(-1);
    if (keys === undefined) {
      this.#blocks.push([key]);
      return;
    }
    if (keys === this.#blocks[block]) keys.splice(index, 0, key);
    else keys.push(key);
    if (keys.length > BLOCK) this.#blocks.splice(this.#blocks.indexOf(keys) + 1, 0, keys.splice(BLOCK / 2));
  }

  delete(key: Key): void {
    const { block, index } = this.gap((other) => compareKeys(other, key));
    const keys = this.#blocks[block];
    const found = keys?.[index];
    if (keys === undefined || found === undefined || compareKeys(found, key) !== 0) return;
    keys.splice(index, 1);
    if (keys.length === 0) this.#blocks.splice(block, 1);
  }

  /** The gap before the first key that is not before the range; or, with `end`, before the first that is after it. */
  gap(locate: Locate, end = false): Gap {
    const before = (key: Key | undefined): boolean => {
      if (key === undefined) return false;
      const where = locate(key);
      return end ? where <= 0 : where < 0;
    };
    const block = bisect(this.#blocks.length, (i) => before(this.#blocks[i]?.at(-1)));
    const keys = this.#blocks[block] ?? [];
    return { block, index: bisect(keys.length, (i) => before(keys[i])) };
  }

  /** How many keys lie between two gaps. */
  count(from: Gap, to: Gap): number {
    if (to.block < from.block) return 0;
    let count = to.index - from.index;
    for (let block = from.block; block < to.block; block++) count += this.#blocks[block]?.length ?? 0;
    return Math.max(0, count);
  }

  *forwards(from: Gap, to: Gap): Generator<Key> {
    for (let block = from.block; block <= to.block; block++) {
      const keys = this.#blocks[block] ?? [];
      const last = block === to.block ? to.index : keys.length;
      for (let i = block === from.block ? from.index : 0; i < last; i++) yield keys[i] ?? [];
    }
  }

  *backwards(from: Gap, to: Gap): Generator<Key> {
    for (let block = to.block; block >= from.block; block--) {
      const keys = this.#blocks[block] ?? [];
      const first = block === from.block ? from.index : 0;
      for (let i = (block === to.block ? to.index : keys.length) - 1; i >= first; i--) yield keys[i] ?? [];
    }
  }
}

export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareScalars(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** Lower bound, by binary search: the first of `length` indexes for which `before` is false, being true for all before it. */
function bisect(length: number, before: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
