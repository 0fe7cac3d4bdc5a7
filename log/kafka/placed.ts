/** A record whose partition is known: the one it names, or its key's. */
import type { NewRecord } from '../event-log.ts';
import { partitionOf } from '../partition-of.ts';

export interface PlacedRecord extends NewRecord {
  readonly partition: number;
}

export function placed(record: NewRecord, partitions: number): PlacedRecord {
  return record.partition === undefined
    ? { ...record, partition: partitionOf(record.key, partitions) }
    : { ...record, partition: record.partition };
}
