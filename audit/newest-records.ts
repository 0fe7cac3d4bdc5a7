/** Finds the newest record of keys: read from the log when somebody asks, as to note all of them would fill memory. */
import type { EventLog } from '../log/event-log.ts';

/** Whose newest record is looked for. */
export interface Owner {
  readonly topic: string;
  readonly key: string;
}

export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

export const ownerId = ({ topic, key }: Owner) => `${topic}/${key}`;

/** Where the newest record of each stands, by `ownerId`. Reads their topics from the beginning, if there are any. */
export async function newestRecords(
  log: EventLog,
  owners: readonly Owner[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, RecordPlace>> {
  const wanted = new Set(owners.map(ownerId));
  const newest = new Map<string, RecordPlace>();
  for (const topic of new Set(owners.map((owner) => owner.topic))) {
    for (const { partition } of await log.ends([topic])) {
      for await (const records of log.read({ topic, partition }, 0)) {
        signal?.throwIfAborted();
        for (const { key, offset } of records) {
          const id = ownerId({ topic, key: key ?? '' });
          if (wanted.has(id)) newest.set(id, { partition, offset });
        }
      }
    }
  }
  return newest;
}
