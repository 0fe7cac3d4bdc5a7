/**
 * Retention and compaction. Drops records older than the topic's `ms`; on compact topics, records that newer ones replaced, and
 * tombstones after a day, which every reader has had to see them. It writes small batches, so that others' writes go between.
 */
import type { GroupCommit } from './group-commit.ts';
import { offsetIn, recordKey, replacedKey } from './keys.ts';
import { timestampOf } from './record-encoding.ts';
import type { Storage } from './storage.ts';
import type { Topic } from './topic.ts';
import type { Removal } from './write-batch.ts';

const REMOVALS_AT_ONCE = 1000;
/** Kafka's default for `delete.retention.ms`. */
const TOMBSTONE_MS = 24 * 3_600_000;

/** As Kafka's `min.compaction.lag.ms`: no live reader is so far behind. */
const REPLACED_MS = 60_000;

/** Drops records of compact topics that newer ones replaced a while before `now`. */
export async function dropReplaced(
  storage: Storage,
  commits: GroupCommit,
  now: number,
  stop: AbortSignal,
): Promise<void> {
  const end = replacedKey(Math.max(0, now - REPLACED_MS), Buffer.alloc(0));
  while (storage.replaced !== undefined && !stop.aborted) {
    const replaced = [...storage.replaced.getKeys({ end, limit: REMOVALS_AT_ONCE })];
    if (replaced.length === 0) return;
    await commits.submit({ records: [], replaced });
  }
}

/** Resolves when everything that is too old at `now` (ms since 1970) is gone, or once `stop` says so. */
export async function dropOldRecords(
  storage: Storage,
  commits: GroupCommit,
  now: number,
  stop: AbortSignal,
): Promise<void> {
  for (const topic of storage.topics()) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      let removals = tooOld(storage, topic, partition, now);
      while (removals.length > 0 && !stop.aborted) {
        await commits.submit({ records: [], removals });
        removals = tooOld(storage, topic, partition, now);
      }
    }
  }
}

function tooOld(storage: Storage, topic: Topic, partition: number, now: number): readonly Removal[] {
  if (topic.retention === 'forever') return [];
  const range = {
    start: recordKey(topic.id, partition, 0),
    end: recordKey(topic.id, partition, storage.end({ topic: topic.name, partition })),
    limit: REMOVALS_AT_ONCE,
  };
  const removals: Removal[] = [];
  if (topic.retention === 'compact') {
    for (const { key, value } of storage.tombstones.getRange(range)) {
      if (value.readUIntBE(0, 6) >= now - TOMBSTONE_MS) break;
      removals.push({ topic, partition, offset: offsetIn(key), newestKey: value.subarray(6) });
    }
    return removals;
  }
  for (const { key, value } of storage.records.getRange(range)) {
    if (timestampOf(value) >= now - topic.retention.ms) break;
    removals.push({ topic, partition, offset: offsetIn(key) });
  }
  return removals;
}
