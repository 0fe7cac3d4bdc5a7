/**
 * The documents of one view in memory, and how a search in them is planned: by the index that leaves the fewest candidates,
 * or by walking an index in the order asked for until the page is full, whichever is expected to look at fewer documents.
 */
import { checkCursor, compareBy, cursorOf, fullSort } from '../keyset.ts';
import type { Cursor, Doc, Filter, Find, Scalar, Sort } from '../view-store.ts';
import { type Conjunct, conjuncts, matcher } from './match.ts';
import { type Range, ViewIndex } from './view-index.ts';

export const DEFAULT_LIMIT = 1000;

interface Candidates {
  readonly index: ViewIndex;
  readonly ranges: readonly Range[];
  readonly count: number;
}

export class ViewDocuments {
  readonly #docs = new Map<string, Doc>();
  readonly #indexes: readonly ViewIndex[];

  constructor(indexes: readonly (readonly string[])[]) {
    this.#indexes = [['_id'], ...indexes].map((fields) => new ViewIndex(fields));
  }

  get(id: string): Doc | undefined {
    return this.#docs.get(id);
  }

  put(doc: Doc): void {
    for (const index of this.#indexes) index.replace(this.#docs.get(doc._id), doc);
    this.#docs.set(doc._id, doc);
  }

  remove(id: string): void {
    for (const index of this.#indexes) index.replace(this.#docs.get(id), undefined);
    this.#docs.delete(id);
  }

  /** Every document that matches, in no order. */
  *matching(filter: Filter = {}): Generator<Doc> {
    const matches = matcher(filter);
    for (const doc of this.#read(this.#narrowest(conjuncts(filter)))) if (matches(doc)) yield doc;
  }

  count(filter: Filter): number {
    if (Object.keys(filter).length === 0) return this.#docs.size;
    let count = 0;
    for (const _ of this.matching(filter)) count++;
    return count;
  }

  find({ filter = {}, sort, after, limit = DEFAULT_LIMIT }: Find): readonly Doc[] {
    const order = fullSort(sort);
    if (after !== undefined) checkCursor(after, order);
    const all = conjuncts(filter);
    const narrowest = this.#narrowest(all);
    const matches = matcher(filter);
    const candidates = narrowest?.count ?? this.#docs.size;
    const walk = this.#walk(all, order, after);
    // With matches spread evenly, a page is full after looking at this many.
    const walked = walk && Math.min(walk.count, (limit * walk.count) / Math.max(candidates, 1));
    if (walk === undefined || walked === undefined || candidates < walked) {
      return firstOf(this.#read(narrowest), matches, order, after, limit);
    }
    const page: Doc[] = [];
    if (limit <= 0) return page;
    for (const id of walk.index.ids(walk.range, order[0]?.[1])) {
      const doc = this.#docs.get(id);
      if (doc !== undefined && matches(doc) && page.push(doc) === limit) break;
    }
    return page;
  }

  #narrowest(all: readonly Conjunct[]): Candidates | undefined {
    let best: Candidates | undefined;
    for (const index of this.#indexes) {
      for (const conjunct of all) {
        if (conjunct.path !== index.fields[0]) continue;
        const ranges = index.rangesOf(conjunct);
        if (ranges === undefined) continue;
        const count = index.count(ranges);
        if (best === undefined || count < best.count) best = { index, ranges, count };
      }
    }
    return best;
  }

  /**
   * The shortest walk in the order asked for: an index on that order, after fields for which the filter gives a value.
   * A document stands there once, because sort fields hold no arrays.
   */
  #walk(all: readonly Conjunct[], order: Sort, after: Cursor | undefined) {
    const direction = order[0]?.[1] ?? 1;
    if (order.some(([, other]) => other !== direction)) return undefined;
    const sorted = order.map(([field]) => field);
    const tail = sorted.at(-1) === '_id' ? sorted.slice(0, -1) : sorted;
    let best: { readonly index: ViewIndex; readonly range: Range; readonly count: number } | undefined;
    for (const index of this.#indexes) {
      const fields = index.fields[0] === '_id' ? [] : index.fields;
      const head = fields.length - tail.length;
      if (head < 0 || tail.some((field, i) => field !== fields[head + i])) continue;
      const equal = fields.slice(0, head).map((field) => equalTo(all, field));
      if (!equal.every((value) => value !== undefined)) continue;
      let range = index.range(equal);
      if (after !== undefined) range = index.beyond(range, [...equal, ...after], direction);
      const count = index.count([range]);
      if (best === undefined || count < best.count) best = { index, range, count };
    }
    return best;
  }

  *#read(candidates: Candidates | undefined): Generator<Doc> {
    if (candidates === undefined) {
      yield* this.#docs.values();
      return;
    }
    const seen = new Set<string>();
    for (const range of candidates.ranges) {
      for (const id of candidates.index.ids(range)) {
        const doc = this.#docs.get(id);
        if (doc === undefined || seen.has(id)) continue;
        seen.add(id);
        yield doc;
      }
    }
  }
}

/** Top k: the first documents in order, with no more than those in memory. */
export function firstOf(
  docs: Iterable<Doc>,
  matches: (doc: Doc) => boolean,
  order: Sort,
  after: Cursor | undefined,
  limit: number,
): readonly Doc[] {
  const compare = compareBy(order);
  let first: { readonly doc: Doc; readonly cursor: Cursor }[] = [];
  let bar: Cursor | undefined;
  const settle = () => {
    first.sort((a, b) => compare(a.cursor, b.cursor));
    first = first.slice(0, Math.max(limit, 0));
    if (first.length === limit) bar = first.at(-1)?.cursor;
  };
  for (const doc of docs) {
    if (!matches(doc)) continue;
    const cursor = cursorOf(doc, order);
    if (after !== undefined && compare(cursor, after) <= 0) continue;
    if (bar !== undefined && compare(cursor, bar) >= 0) continue;
    if (first.push({ doc, cursor }) >= 2 * limit + 100) settle();
  }
  settle();
  return first.map(({ doc }) => doc);
}

function equalTo(all: readonly Conjunct[], path: string): Scalar | undefined {
  const found = all.find((conjunct) => conjunct.path === path && conjunct.operator === '$eq');
  return found === undefined ? undefined : (found.operand as Scalar);
}
