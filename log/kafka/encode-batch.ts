/**
 * Encodes a record batch, Kafka's message format 2 (`RecordBatch` in the protocol guide): the counterpart of
 * `record-batches.ts`. A batch is encoded once with its sequence number and sent again, if need be, as the same bytes:
 * that is what lets a broker recognise it (KIP-98).
 */
import type { NewRecord } from '../event-log.ts';
import { compressed } from './compression.ts';
import { crc32c } from './crc32c.ts';

/** Who writes: a broker drops a batch whose sequence number it has seen from the same producer and epoch. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface BatchOptions extends ProducerIdentity {
  /** The sequence number of the first record; one is added for each. */
  readonly baseSequence: number;
  readonly transactional: boolean;
  /** Milliseconds since 1970: when the records were written. */
  readonly timestamp: number;
}

type Encodable = Pick<NewRecord, 'key' | 'value' | 'headers'>;

const HEADER_BYTES = 61;
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

/** Header names are few, and come again in every record. */
const names = new Map<string, Buffer>();
const MOST_NAMES = 1000;

function bytesOfName(name: string): Buffer {
  const known = names.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  if (names.size < MOST_NAMES) names.set(name, bytes);
  return bytes;
}

/** Bytes that a zigzag varint takes. */
function varintSize(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

function writeVarint(into: Buffer, index: number, value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let next = index;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[next++] = (rest % 0x80) | 0x80;
  into[next++] = rest;
  return next;
}

interface Sized {
  readonly record: Encodable;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly headers: readonly (readonly [name: Buffer, value: string, valueBytes: number])[];
  /** Of the record without the length in front of it. */
  readonly bytes: number;
}

function sized(record: Encodable, offsetDelta: number): Sized {
  const keyBytes = Buffer.byteLength(record.key);
  const valueBytes = record.value === null ? -1 : Buffer.byteLength(record.value);
  const headers: [Buffer, string, number][] = [];
  // Attributes, and the delta of the timestamp, which is 0.
  let bytes = 2 + varintSize(offsetDelta) + varintSize(keyBytes) + keyBytes;
  bytes += varintSize(valueBytes) + Math.max(0, valueBytes);
  for (const name in record.headers) {
    const value = record.headers[name] ?? '';
    const [nameBuffer, length] = [bytesOfName(name), Buffer.byteLength(value)];
    headers.push([nameBuffer, value, length]);
    bytes += varintSize(nameBuffer.length) + nameBuffer.length + varintSize(length) + length;
  }
  return { record, keyBytes, valueBytes, headers, bytes: bytes + varintSize(headers.length) };
}

/** @returns the batch as it goes into a Produce request. There must be at least one record. */
export function encodeBatch(records: readonly Encodable[], options: BatchOptions): Buffer {
  const all = records.map(sized);
  const plain = Buffer.allocUnsafe(all.reduce((sum, { bytes }) => sum + varintSize(bytes) + bytes, HEADER_BYTES));
  let index = HEADER_BYTES;
  for (const [offsetDelta, each] of all.entries()) index = writeRecord(plain, index, each, offsetDelta);
  const { body, codec } = compressed(plain.subarray(HEADER_BYTES));
  const batch = codec === 0 ? plain : Buffer.concat([plain.subarray(0, HEADER_BYTES), body]);
  writeHeader(batch, records.length, codec, options);
  batch.writeUInt32BE(crc32c(batch, CHECKED_FROM), CHECKSUM_AT);
  return batch;
}

function writeHeader(batch: Buffer, count: number, codec: number, options: BatchOptions): void {
  const { producerId, epoch, baseSequence, transactional, timestamp } = options;
  batch.writeBigInt64BE(0n, 0); // Base offset: the broker's to say.
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12); // Leader epoch: the broker's.
  batch.writeInt8(MAGIC, 16);
  batch.writeInt16BE(codec | (transactional ? TRANSACTIONAL : 0), CHECKED_FROM);
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(timestamp), 27);
  batch.writeBigInt64BE(BigInt(timestamp), 35);
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(epoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeInt32BE(count, 57);
}

function writeRecord(batch: Buffer, start: number, of: Sized, offsetDelta: number): number {
  const { record, keyBytes, valueBytes, headers, bytes } = of;
  let index = writeVarint(batch, start, bytes);
  batch[index++] = 0; // Attributes.
  batch[index++] = 0; // Delta of the timestamp.
  index = writeVarint(batch, index, offsetDelta);
  index = writeVarint(batch, index, keyBytes);
  index += batch.write(record.key, index);
  index = writeVarint(batch, index, valueBytes);
  if (typeof record.value === 'string') index += batch.write(record.value, index);
  else if (record.value !== null) index += record.value.copy(batch, index);
  index = writeVarint(batch, index, headers.length);
  for (const [name, value, length] of headers) {
    index = writeVarint(batch, index, name.length);
    index += name.copy(batch, index);
    index = writeVarint(batch, index, length);
    index += batch.write(value, index);
  }
  return index;
}
