/**
 * How a record is laid out: a fixed head, then key, headers and value as they are. Headers are
 * JSON, which V8 writes and reads faster than anything written in JavaScript.
 *
 * | byte | 0      | 1 to 6       | 7 to 10    | 11 to 14       | then               |
 * | ---- | ------ | ------------ | ---------- | -------------- | ------------------ |
 * |      | kind   | timestamp ms | key length | headers length | key headers value  |
 */
import type { LogRecord, NewRecord } from '../event-log.ts';

const HEAD = 15;
const VALUE = 1;
const TOMBSTONE = 2;

/** A record as it is written, and as it is read afterwards. */
export interface EncodedRecord {
  readonly bytes: Buffer;
  /** Its value is a part of `bytes`. */
  readonly record: Omit<LogRecord, 'topic' | 'partition' | 'offset' | 'unreadable'> & { readonly key: string };
}

export function encodeRecord(record: NewRecord, timestamp: number): EncodedRecord {
  const headers = JSON.stringify(record.headers);
  const keyLength = Buffer.byteLength(record.key);
  const headersLength = Buffer.byteLength(headers);
  const { value } = record;
  const valueLength = value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  const bytes = Buffer.allocUnsafe(HEAD + keyLength + headersLength + valueLength);
  bytes[0] = value === null ? TOMBSTONE : VALUE;
  bytes.writeUIntBE(timestamp, 1, 6);
  bytes.writeUInt32BE(keyLength, 7);
  bytes.writeUInt32BE(headersLength, 11);
  bytes.write(record.key, HEAD);
  bytes.write(headers, HEAD + keyLength);
  const start = HEAD + keyLength + headersLength;
  if (typeof value === 'string') bytes.write(value, start);
  else if (value !== null) value.copy(bytes, start);
  const { key, headers: asGiven } = record;
  return { bytes, record: { key, value: value === null ? null : bytes.subarray(start), headers: asGiven, timestamp } };
}

/** `bytes` must belong to the caller: the record's value is a part of them, not a copy. */
export function decodeRecord(topic: string, partition: number, offset: number, bytes: Buffer): LogRecord {
  const kind = bytes[0];
  if (kind !== VALUE && kind !== TOMBSTONE) {
    throw new Error(
      `${topic}/${partition} holds a record of unknown kind ${kind} at ${offset}: written by a newer version?`,
    );
  }
  const afterKey = HEAD + bytes.readUInt32BE(7);
  const afterHeaders = afterKey + bytes.readUInt32BE(11);
  return {
    topic,
    partition,
    offset,
    key: bytes.toString('utf8', HEAD, afterKey),
    value: kind === TOMBSTONE ? null : bytes.subarray(afterHeaders),
    headers: JSON.parse(bytes.toString('utf8', afterKey, afterHeaders)) as Record<string, string>,
    timestamp: timestampOf(bytes),
  };
}

/** When the record was written, in ms since 1970, without decoding the rest. */
export function timestampOf(bytes: Buffer): number {
  return bytes.readUIntBE(1, 6);
}
