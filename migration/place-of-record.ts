/**
 * In which partition a record stands where there is another number of them. Partition rule: what is of one entity stands in the
 * partition of its id, and what is of an idempotency key in that of the key, whatever the record's own key is.
 */
import type { LogRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { SOURCE as KEYS_SOURCE, readUseAnywhere } from '../processors/key-use.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readStatus } from '../records/status-record.ts';
import { KEY_USES, PARTS, SUBJECT_KEYS, TRANSACTIONS } from '../records/topics.ts';

const PARTS_TOPICS = new Set(Object.values(PARTS));

/** Undefined: nobody can say, since it has no key or cannot be read. */
export function placeOfRecord(record: LogRecord, partitions: number): number | undefined {
  if (record.key === null || record.unreadable !== undefined) return undefined;
  try {
    return partitionOf(keyOf(record, record.key), partitions);
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}

function keyOf(record: LogRecord, key: string): string {
  const { topic } = record;
  // `<aggregate's id>/<part's id>`: ids hold no slash.
  if (PARTS_TOPICS.has(topic)) return key.split('/', 1)[0] ?? key;
  // Under the name of a key; a tombstone's own place makes no difference, for the mark of the erasure counts.
  if (topic === SUBJECT_KEYS) return record.headers['ce_subject'] ?? key;
  if (topic === KEY_USES) return readUseAnywhere(record).key ?? key;
  if (topic !== TRANSACTIONS) return key;
  const { entityId, idempotency } = readStatus(record);
  return (record.headers['ce_source'] === KEYS_SOURCE && idempotency?.key) || entityId;
}
