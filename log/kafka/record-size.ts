/** How large a record is on the wire, from above, and how many bytes one request may carry. */
import type { NewRecord } from '../event-log.ts';

/** Below the broker's default `max.message.bytes`, 1,048,588, which bounds what one partition gets in one request. */
export const MAX_BATCH_BYTES = 1_000_000;
/** Over all partitions of one request. */
export const MAX_REQUEST_BYTES = 8_000_000;

/** Lengths, deltas and attributes of a record take at most so many bytes. */
const RECORD_OVERHEAD = 32;
const HEADER_OVERHEAD = 8;

export function sizeOf({ key, value, headers }: NewRecord): number {
  let bytes = RECORD_OVERHEAD + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  for (const name in headers) {
    bytes += HEADER_OVERHEAD + Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  }
  return bytes;
}

export function tooLarge(record: NewRecord, bytes: number): RangeError {
  return new RangeError(
    `a record for ${record.topic} with key ${record.key.slice(0, 64)} takes ${bytes} bytes; at most ${MAX_BATCH_BYTES} fit`,
  );
}
