/** The port's reads in MongoDB's terms. */
import type { ClientSession, Collection, Db, Decimal128, Filter as MongoFilter } from 'mongodb';
import { afterCursor, fullSort } from '../keyset.ts';
import type { Condition, Cursor, Doc, Filter, Find, Group, GroupSums, Place, Scalar, Sort } from '../view-store.ts';
import { positionId, positionsOf } from './collections.ts';

export interface ReadOptions {
  readonly session?: ClientSession;
  readonly maxTimeMS?: number;
}

const DEFAULT_LIMIT = 1000;

export async function documentsByIds<D extends Doc>(
  collection: Collection<Doc>,
  ids: readonly string[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, D>> {
  if (ids.length === 0) return new Map();
  const docs = await collection.find({ _id: { $in: ids } }, { ...options, batchSize: ids.length + 1 }).toArray();
  return new Map(docs.map((doc) => [doc._id, doc as D]));
}

/** Where the next step of each place starts; 0 where none has been. */
export async function storedPositions(
  db: Db,
  generation: number,
  places: readonly Place[],
  options: ReadOptions,
): Promise<readonly number[]> {
  const ids = places.map(({ topic, partition }) => positionId(topic, partition));
  const stored = await positionsOf(db, generation)
    .find({ _id: { $in: ids } }, options)
    .toArray();
  const next = new Map(stored.map((each) => [each._id, each.next]));
  return ids.map((id) => next.get(id) ?? 0);
}

export async function searched<D extends Doc>(
  collection: Collection<Doc>,
  { filter = {}, sort, after, limit = DEFAULT_LIMIT }: Find,
  options: ReadOptions,
): Promise<readonly D[]> {
  const order = fullSort(sort);
  // MongoDB takes a limit of 0 for none.
  if (limit <= 0) return [];
  const docs = await collection
    .find(after === undefined ? inMongo(filter) : { $and: [inMongo(filter), ...pastCursor(after, order)] }, {
      ...options,
      sort: new Map(order),
      limit,
      batchSize: limit + 1,
    })
    .toArray();
  return docs as unknown as readonly D[];
}

/**
 * The documents after the cursor. What they all fulfil on the first sort field is said once more by itself: that lets
 * MongoDB begin at the cursor in an index on it, which it does not see from a disjunction beside other conditions.
 */
function pastCursor(after: Cursor, order: Sort): readonly MongoFilter<Doc>[] {
  const [field, direction] = order[0] ?? ['_id', 1];
  const value = after[0] ?? null;
  const past = inMongo(afterCursor(after, order));
  if (value === null) return [past];
  // Not "at most", which leaves out the nulls that come before everything.
  return [direction === 1 ? { [field]: { $gte: value } } : { [field]: { $not: { $gt: value } } }, past];
}

export function counted(collection: Collection<Doc>, filter: Filter, options: ReadOptions): Promise<number> {
  return collection.countDocuments(inMongo(filter), { ...options });
}

export interface SummedGroup {
  readonly _id: Scalar;
  readonly count: number;
  readonly [sum: `sum${number}`]: Decimal128;
}

export async function grouped(
  collection: Collection<Doc>,
  { filter = {}, by, prefix, sums }: GroupSums,
  options: ReadOptions,
): Promise<readonly Group[]> {
  // Field paths hold dots, which names of results may not: so these are numbered.
  const summed = Object.fromEntries(sums.map((field, i) => [`sum${i}`, { $sum: exactly(field) }]));
  const groups = await collection
    .aggregate<SummedGroup>(
      [
        { $match: inMongo(filter) },
        { $group: { _id: groupKey(by, prefix), count: { $sum: 1 }, ...summed } },
        { $sort: { _id: 1 } },
      ],
      { ...options },
    )
    .toArray();
  return groups.map((group) => groupOf(group, sums));
}

/** A group as the port has it, from one whose sums are numbered. */
export function groupOf(group: SummedGroup, sums: readonly string[]): Group {
  return {
    key: group._id,
    count: group.count,
    sums: Object.fromEntries(sums.map((field, i) => [field, BigInt(String(group[`sum${i}`]))])),
  };
}

/**
 * Decimal128 adds 34 digits up exactly, where doubles end at 2^53 and sums of 64-bit integers turn into doubles at 2^63.
 * By way of a 64-bit integer, because MongoDB rounds to 15 digits when it makes a decimal of a double.
 */
function exactly(field: string): unknown {
  const path = `$${field}`;
  return { $cond: [{ $isNumber: path }, { $toDecimal: { $toLong: path } }, { $toDecimal: 0 }] };
}

export function groupKey(by: string | null, prefix: number | undefined): unknown {
  if (by === null) return null;
  const whole = { $ifNull: [`$${by}`, null] };
  if (prefix === undefined) return whole;
  const isText = { $eq: [{ $type: `$${by}` }, 'string'] };
  return { $cond: [isText, { $substrCP: [`$${by}`, 0, prefix] }, whole] };
}

/**
 * The port's filter in MongoDB's language, which is the same but for what asks nothing: a condition without operators would
 * look for empty objects there, and a list without filters is an error.
 */
export function inMongo(filter: Filter): MongoFilter<Doc> {
  const asked: Record<string, unknown> = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' || path === '$or') {
      const each = condition as readonly Filter[] | undefined;
      if (each === undefined || (path === '$and' && each.length === 0)) continue;
      asked[path] = each.length === 0 ? [NOTHING] : each.map(inMongo);
    } else if (!asksNothing(condition as Condition | undefined)) asked[path] = condition;
  }
  return asked as MongoFilter<Doc>;
}

const NOTHING = { _id: { $in: [] } };

function asksNothing(condition: Condition | undefined): boolean {
  if (typeof condition !== 'object' || condition === null) return condition === undefined;
  return Object.keys(condition).length === 0;
}
