/**
 * Totals that are kept: how many documents of a view are alike in some fields, and their sums, moved in the same transaction as
 * the documents. So a page's counts need no look at the documents, however many there are.
 *
 * Kept by fields as a whole, not by their beginnings: a step of a rebuild would write to as many groups as there are days in it.
 * Each partition's steps have totals of their own, which are added up on reading: steps of different processes do not conflict.
 */
import { type AnyBulkWriteOperation, type ClientSession, type Collection, type Db, Decimal128 } from 'mongodb';
import { scalarAt } from '../keyset.ts';
import type { Doc, Filter, Group, GroupSums, Scalar, ViewSpec } from '../view-store.ts';
import { positionsOf, totalsName } from './collections.ts';
import { groupKey, groupOf, inMongo, type ReadOptions, type SummedGroup } from './reads.ts';

export interface TotalsDoc {
  /** View, position, and the values as JSON. */
  readonly _id: string;
  readonly view: string;
  readonly count: number;
  /** `d0`, `d1` … the values of the fields, `s0`, `s1` … the sums, as Decimal128. */
  readonly [field: `d${number}` | `s${number}`]: Scalar | Decimal128;
}

export function totalsOf(db: Db, generation: number): Collection<TotalsDoc> {
  return db.collection<TotalsDoc>(totalsName(generation));
}

/** What is kept of a view; undefined: nothing. */
export interface Kept {
  readonly view: string;
  readonly by: readonly string[];
  readonly sums: readonly string[];
}

export function keptOf({ name, totals }: ViewSpec): Kept | undefined {
  if (totals === undefined) return undefined;
  const by = totals.by.flatMap(([path, prefix]) => (prefix === undefined ? [path] : []));
  return { view: name, by, sums: totals.sums };
}

interface Change {
  readonly values: readonly Scalar[];
  count: number;
  readonly sums: bigint[];
}

/** By how much a step changes the totals of one view. */
export class TotalsChange {
  readonly #kept: Kept;
  readonly #changes = new Map<string, Change>();

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /** A document has taken the place of another; null: there is none. */
  replaced(before: Doc | null, after: Doc | null): void {
    if (before !== null) this.#add(before, -1);
    if (after !== null) this.#add(after, 1);
  }

  #add(doc: Doc, sign: 1 | -1): void {
    const { by, sums } = this.#kept;
    const values = by.map((path) => scalarAt(doc, path));
    const id = JSON.stringify(values);
    const change = this.#changes.get(id) ?? { values, count: 0, sums: sums.map(() => 0n) };
    this.#changes.set(id, change);
    change.count += sign;
    for (const [i, path] of sums.entries()) {
      const value = scalarAt(doc, path);
      if (typeof value === 'number') change.sums[i] = (change.sums[i] ?? 0n) + BigInt(sign) * BigInt(value);
    }
  }

  /** @param place the position whose steps these totals are of */
  operations(place: string): readonly AnyBulkWriteOperation<TotalsDoc>[] {
    const { view } = this.#kept;
    return [...this.#changes].flatMap(([id, { values, count, sums }]) => {
      if (count === 0 && sums.every((sum) => sum === 0n)) return [];
      const fields = Object.fromEntries(values.map((value, i) => [`d${i}`, value]));
      const added = Object.fromEntries(sums.map((sum, i) => [`s${i}`, Decimal128.fromString(String(sum))]));
      const update = { $inc: { count, ...added }, $setOnInsert: { view, ...fields } };
      return [{ updateOne: { filter: { _id: `${view} ${place} ${id}` }, update, upsert: true } }];
    });
  }
}

/** Writes what a step changes, as a part of it. */
export async function changeTotals(
  collection: Collection<TotalsDoc>,
  changes: Iterable<TotalsChange>,
  place: string,
  session: ClientSession,
): Promise<void> {
  const operations = [...changes].flatMap((change) => change.operations(place));
  if (operations.length > 0) await collection.bulkWrite(operations, { session, ordered: false });
}

/**
 * The groups from the totals; undefined: they cannot tell, because the question names other fields, or because a version has
 * written to this generation that kept none.
 */
export async function groupsKept(
  db: Db,
  generation: number,
  kept: Kept | undefined,
  { filter = {}, by, prefix, sums }: GroupSums,
  options: ReadOptions,
): Promise<readonly Group[] | undefined> {
  if (kept === undefined) return undefined;
  const columns = sums.map((field) => kept.sums.indexOf(field));
  const groupedBy = by === null ? null : kept.by.indexOf(by);
  const renamed = inTotals(filter, kept);
  if (columns.includes(-1) || groupedBy === -1 || renamed === undefined) return undefined;
  const without = { totals: { $exists: false } };
  if ((await positionsOf(db, generation).countDocuments(without, { ...options, limit: 1 })) > 0) return undefined;
  const summed = Object.fromEntries(columns.map((column, i) => [`sum${i}`, { $sum: `$s${column}` }]));
  const groups = await totalsOf(db, generation)
    .aggregate<SummedGroup>(
      [
        { $match: { $and: [{ view: kept.view }, inMongo(renamed)] } },
        {
          $group: {
            _id: groupKey(groupedBy === null ? null : `d${groupedBy}`, prefix),
            count: { $sum: '$count' },
            ...summed,
          },
        },
        { $match: { count: { $ne: 0 } } },
        { $sort: { _id: 1 } },
      ],
      { ...options },
    )
    .toArray();
  return groups.map((group) => groupOf(group, sums));
}

/** The filter on totals that documents in these groups meet; undefined: it names other fields. */
function inTotals(filter: Filter, kept: Kept): Filter | undefined {
  const renamed: Record<string, unknown> = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (condition === undefined) continue;
    if (path === '$and' || path === '$or') {
      const all = (condition as readonly Filter[]).map((each) => inTotals(each, kept));
      if (all.includes(undefined)) return undefined;
      renamed[path] = all;
      continue;
    }
    const at = kept.by.indexOf(path);
    if (at === -1) return undefined;
    renamed[`d${at}`] = condition;
  }
  return renamed as Filter;
}
