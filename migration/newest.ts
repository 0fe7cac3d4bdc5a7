/**
 * What a partition of a compacted topic says: the newest record of each key. It is read twice, so that keys and places are
 * kept in memory and not the records, which may be many GB. Nobody may write to it between the two.
 */
import type { EventLog, LogRecord, TopicPartition } from '../log/event-log.ts';

type Log = Pick<EventLog, 'read'>;

/** Where the newest record of each key stands, by key; keys whose newest record is a tombstone are left out. */
export async function newestOffsets(
  log: Log,
  place: TopicPartition,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const newest = new Map<string, number>();
  for await (const records of log.read(place)) {
    signal?.throwIfAborted();
    for (const { key, value, offset } of records) {
      if (key === null) continue;
      if (value === null) newest.delete(key);
      else newest.set(key, offset);
    }
  }
  return newest;
}

/** The newest record of each key, in the order in which they stand on the log, without tombstones; in batches as they are read. */
export async function* newestOfEach(
  log: Log,
  place: TopicPartition,
  signal?: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const offsets = new Set((await newestOffsets(log, place, signal)).values());
  if (offsets.size === 0) return;
  for await (const records of log.read(place)) {
    signal?.throwIfAborted();
    const newest = records.filter(({ offset }) => offsets.has(offset));
    if (newest.length > 0) yield newest;
  }
}
