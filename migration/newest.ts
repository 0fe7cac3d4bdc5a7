/** What a partition of a compacted topic says: the newest record of each key. */
import type { EventLog, LogRecord, TopicPartition } from '../log/event-log.ts';

/** In the order in which they stand on the log; keys whose newest record is a tombstone are left out. */
export async function newestOfEach(
  log: EventLog,
  place: TopicPartition,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, LogRecord>> {
  const newest = new Map<string, LogRecord>();
  for await (const records of log.read(place)) {
    signal?.throwIfAborted();
    for (const record of records) {
      if (record.key === null) continue;
      // Again at the end: the order of the newest ones is to be kept.
      newest.delete(record.key);
      if (record.value !== null) newest.set(record.key, record);
    }
  }
  return newest;
}
