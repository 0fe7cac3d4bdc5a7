/** The port's reads in MongoDB's terms. */
import type { ClientSession, Collection, Filter as MongoFilter } from 'mongodb';
import { afterCursor, fullSort } from '../keyset.ts';
import { type Doc, type Filter, type Find, type Group, type GroupSums, type Scalar } from '../view-store.ts';

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

export async function searched<D extends Doc>(
  collection: Collection<Doc>,
  { filter = {}, sort, after, limit = DEFAULT_LIMIT }: Find,
  options: ReadOptions,
): Promise<readonly D[]> {
  const order = fullSort(sort);
  const whole = after === undefined ? filter : { $and: [filter, afterCursor(after, order)] };
  // MongoDB takes a limit of 0 for none.
  if (limit <= 0) return [];
  const docs = await collection
    .find(inMongo(whole), { ...options, sort: new Map(order), limit, batchSize: limit + 1 })
    .toArray();
  return docs as unknown as readonly D[];
}

export function counted(collection: Collection<Doc>, filter: Filter, options: ReadOptions): Promise<number> {
  return collection.countDocuments(inMongo(filter), { ...options });
}

interface SummedGroup {
  readonly _id: Scalar;
  readonly count: number;
  readonly [sum: `sum${number}`]: number;
}

export async function grouped(
  collection: Collection<Doc>,
  { filter = {}, by, prefix, sums }: GroupSums,
  options: ReadOptions,
): Promise<readonly Group[]> {
  // Field paths hold dots, which names of results may not: so these are numbered.
  const summed = Object.fromEntries(sums.map((field, i) => [`sum${i}`, { $sum: `$${field}` }]));
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
  return groups.map((group) => ({
    key: group._id,
    count: group.count,
    sums: Object.fromEntries(sums.map((field, i) => [field, Number(group[`sum${i}`])])),
  }));
}

function groupKey(by: string | null, prefix: number | undefined): unknown {
  if (by === null) return null;
  const whole = { $ifNull: [`$${by}`, null] };
  if (prefix === undefined) return whole;
  const isText = { $eq: [{ $type: `$${by}` }, 'string'] };
  return { $cond: [isText, { $substrCP: [`$${by}`, 0, prefix] }, whole] };
}

/** The port's filters are MongoDB's, so this is a matter of types alone. */
function inMongo(filter: Filter): MongoFilter<Doc> {
  return filter as MongoFilter<Doc>;
}
