/**
 * Where a record goes that cannot be read: `<topic>.dead`, with the reason and where it stood. Its bytes are unchanged; of
 * one that is too large for a letter the beginning is kept, with its size and hash: the original stays where it is.
 */
import { createHash } from 'node:crypto';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { deadTopic } from './topics.ts';

/** Well below what one record may take on the log, with all headers of ours. */
const MOST_VALUE_BYTES = 700_000;
const KEPT_VALUE_BYTES = 65_536;
const MOST_HEADER_BYTES = 100_000;
const MOST_KEY = 10_000;
const MOST_REASON = 1000;

/** @param ended whether the transaction that it began has ended with it: then it can only be dropped */
export function deadLetter(record: LogRecord, reason: string, at: string, ended: boolean): NewRecord {
  const { topic, partition, offset, key, value } = record;
  const headers = keptHeaders(record.headers);
  const large = value !== null && value.length > MOST_VALUE_BYTES;
  const truncated = [
    ...(large ? ['value'] : []),
    ...(headers === undefined ? ['headers'] : []),
    ...(key !== null && key.length > MOST_KEY ? ['key'] : []),
  ];
  return {
    topic: deadTopic(topic),
    partition,
    key: `${partition}/${offset}`,
    // A tombstone's null value would settle the letter, so the value is empty and a header says that it was a tombstone.
    value: (large ? value.subarray(0, KEPT_VALUE_BYTES) : value) ?? '',
    headers: {
      ...headers,
      dead_reason: encodeURI(beginning(reason, MOST_REASON)),
      dead_topic: topic,
      dead_partition: String(partition),
      dead_offset: String(offset),
      dead_at: at,
      ...(key === null ? {} : { dead_key: encodeURIComponent(beginning(key, MOST_KEY)) }),
      ...(ended ? { dead_ended: '1' } : {}),
      ...(value === null ? { dead_tombstone: '1' } : {}),
      ...(truncated.length === 0 ? {} : { dead_truncated: truncated.join() }),
      ...(large ? { dead_size: String(value.length), dead_sha256: sha256(value) } : {}),
    },
  };
}

/** Undefined: they are too many or too large, or could be taken for ours. */
function keptHeaders(headers: LogRecord['headers']): LogRecord['headers'] | undefined {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    bytes += 16 + Buffer.byteLength(name) + Buffer.byteLength(value);
    if (bytes > MOST_HEADER_BYTES || name.startsWith('dead_')) return undefined;
  }
  return headers;
}

/** Cut where no character is cut in half, which cannot be encoded. */
function beginning(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString('utf8');
}

export function sha256(value: Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}
