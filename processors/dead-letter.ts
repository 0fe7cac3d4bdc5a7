/** Where a record goes that cannot be read: `<topic>.dead`, bytes unchanged, with the reason and where it stood. */
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { deadTopic } from '../log/topics.ts';

/** @param ended whether the transaction that it began has ended with it: then it can only be dropped */
export function deadLetter(record: LogRecord, reason: string, at: string, ended: boolean): NewRecord {
  return {
    topic: deadTopic(record.topic),
    partition: record.partition,
    key: `${record.partition}/${record.offset}`,
    // A tombstone on the dead topic would settle the letter; the header tells that the record was one.
    value: record.value ?? '',
    headers: {
      ...record.headers,
      dead_reason: encodeURI(reason),
      dead_topic: record.topic,
      dead_partition: String(record.partition),
      dead_offset: String(record.offset),
      dead_at: at,
      ...(record.key === null ? {} : { dead_key: encodeURIComponent(record.key) }),
      ...(ended ? { dead_ended: '1' } : {}),
      ...(record.value === null ? { dead_tombstone: '1' } : {}),
    },
  };
}
