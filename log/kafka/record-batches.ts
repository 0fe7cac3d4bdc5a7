/**
 * Decodes what a fetch returns. kafkajs's own decoder forgets where a batch ended, so a reader of a compacted topic could
 * not tell how far it has come, and a batch that compaction left empty would make it skip what follows; this one keeps it.
 * The layout is that of Kafka's message format 2 (`RecordBatch` in the protocol guide).
 */
import { gunzipSync } from 'node:zlib';
import type { LogRecord, TopicPartition } from '../event-log.ts';
import { ByteReader } from './byte-reader.ts';

const HEADER_BYTES = 61;
const COMPRESSION = 0x07;
const GZIP = 1;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Encoded batches; the last one may be cut off. */
  readonly batches: Buffer;
}

export interface FetchResponse {
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

/** Fetch response, version 11. */
export function decodeFetchResponse(body: Buffer): FetchResponse {
  const reader = new ByteReader(body);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  reader.int32(); // Session id: we use none.
  const topics = reader.array(() => {
    const topic = reader.string();
    return reader.array((): FetchedPartition => {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const highWatermark = reader.int64();
      const lastStableOffset = reader.int64();
      reader.int64(); // Log start offset.
      const aborted = reader.array(() => ({ producerId: reader.bigint64(), firstOffset: reader.int64() }));
      reader.int32(); // Preferred read replica: we name no rack, so there is none.
      const batches = reader.bytes(reader.int32()) ?? Buffer.alloc(0);
      return { topic, partition, errorCode, highWatermark, lastStableOffset, aborted, batches };
    });
  });
  return { clientSideThrottleTime, errorCode, partitions: topics.flat() };
}

/**
 * The committed records at or after `from`, and the position after the last whole batch, which counts what is not
 * returned too: transaction markers, records of aborted transactions, and those that compaction took away.
 */
export function decodeRecords(fetched: FetchedPartition, from: number): { records: LogRecord[]; next: number } {
  const { batches } = fetched;
  const records: LogRecord[] = [];
  const pending = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  let next = from;
  for (let at = 0; at + HEADER_BYTES <= batches.length; ) {
    const header = new ByteReader(batches, at);
    const baseOffset = header.int64();
    const end = at + 12 + header.int32();
    if (end > batches.length) break;
    header.int32(); // Leader epoch.
    const magic = header.int8();
    if (magic !== 2)
      throw new Error(`${placeOf(fetched)} holds records in message format ${magic}; only format 2 can be read`);
    header.int32(); // Checksum: TCP has one.
    const attributes = header.int16();
    const lastOffset = baseOffset + header.int32();
    const baseTimestamp = header.int64();
    const maxTimestamp = header.int64();
    const producerId = header.bigint64();
    header.int16();
    header.int32();
    const count = header.int32();
    const body = batches.subarray(header.offset, end);
    at = end;

    for (let first = pending[0]; first !== undefined && first.firstOffset <= lastOffset; first = pending[0]) {
      aborting.add(first.producerId);
      pending.shift();
    }
    if ((attributes & CONTROL) !== 0) {
      if (count > 0 && isAbortMarker(body)) aborting.delete(producerId);
    } else if ((attributes & TRANSACTIONAL) === 0 || !aborting.has(producerId)) {
      const reader = new ByteReader(decompressed(body, attributes & COMPRESSION, fetched));
      const appendTime = (attributes & LOG_APPEND_TIME) !== 0 ? maxTimestamp : undefined;
      for (let i = 0; i < count; i++) {
        const record = decodeRecord(reader, fetched, baseOffset, baseTimestamp, appendTime);
        if (record.offset >= from) records.push(record);
      }
    }
    next = Math.max(next, lastOffset + 1);
  }
  return { records, next };
}

function decodeRecord(
  reader: ByteReader,
  { topic, partition }: TopicPartition,
  baseOffset: number,
  baseTimestamp: number,
  appendTime: number | undefined,
): LogRecord {
  const length = reader.varint();
  const end = reader.offset + length;
  reader.int8(); // Attributes: none are defined.
  const createTime = baseTimestamp + reader.varint();
  const offset = baseOffset + reader.varint();
  const keyLength = reader.varint();
  const key = keyLength < 0 ? null : reader.text(keyLength);
  const value = reader.bytes(reader.varint());
  const headers: [string, string][] = [];
  for (let count = reader.varint(); count > 0; count--) {
    headers.push([reader.text(reader.varint()), reader.text(reader.varint())]);
  }
  reader.offset = end;
  const timestamp = appendTime ?? createTime;
  return { topic, partition, offset, key, value, headers: Object.fromEntries(headers), timestamp };
}

/** A marker's key is its version and its type, both of 16 bits; type 0 aborts. */
function isAbortMarker(body: Buffer): boolean {
  const reader = new ByteReader(body);
  reader.varint();
  reader.int8();
  reader.varint();
  reader.varint();
  reader.varint();
  reader.int16();
  return reader.int16() === 0;
}

function decompressed(body: Buffer, codec: number, place: TopicPartition): Buffer {
  if (codec === 0) return body;
  if (codec === GZIP) return gunzipSync(body);
  throw new Error(`${placeOf(place)} holds records compressed with codec ${codec}; only gzip can be read`);
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `partition ${partition} of ${topic}`;
}
