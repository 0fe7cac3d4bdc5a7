/** Drops the collections of generations that nobody reads or fills any more. */
import type { Db } from 'mongodb';
import { byGeneration, collectionIds, type MetaDoc, metaOf } from './collections.ts';

/** How long readers have to notice a switch, and a rebuild whose lease ran out to renew it, where no other time is given. */
export const GRACE_MS = 60_000;

/**
 * Drops what was live until more than `graceMs` ago, and what rebuilds left half built whose lease is gone, or ran out more
 * than `graceMs` ago. Never the live one, nor one that a rebuild is filling. Safe at any time, from any process.
 * @returns the numbers of those dropped.
 */
export async function dropUnused(db: Db, graceMs: number): Promise<readonly number[]> {
  // Collections first, then who uses them: a generation begun in between is not in the list.
  const generations = byGeneration((await collectionIds(db)).keys());
  if (Number.isFinite(graceMs)) await endDeadLease(db, graceMs);
  const [meta] = await metaOf(db)
    .aggregate<MetaDoc & { readonly now: Date }>([{ $match: { _id: 'live' } }, { $set: { now: '$$NOW' } }])
    .toArray();
  if (meta === undefined) return [];
  const graceOver = meta.now.getTime() - meta.switchedAt.getTime() >= graceMs;
  const dropped: number[] = [];
  for (const [generation, names] of generations) {
    if (generation === meta.generation || generation === meta.rebuild?.generation) continue;
    // Below the live one: it was live before, or its rebuild was overtaken.
    if (generation < meta.generation && !graceOver) continue;
    for (const name of names) await db.dropCollection(name);
    dropped.push(generation);
  }
  return dropped;
}

/** A rebuild that was only asleep for so long finds its lease gone, and gives up. */
async function endDeadLease(db: Db, graceMs: number): Promise<void> {
  const dead = { $lte: ['$rebuild.expiresAt', { $subtract: ['$$NOW', graceMs] }] };
  await metaOf(db).updateOne({ _id: 'live', rebuild: { $ne: null }, $expr: dead }, { $set: { rebuild: null } });
}
