/**
 * Decodes what a fetch returns. kafkajs's own decoder forgets where a batch ended, so a reader of a compacted topic could
 * not tell how far it has come, and a batch that compaction left empty would make it skip what follows; this one keeps it.
 * The layout is that of Kafka's message format 2 (`RecordBatch` in the protocol guide).
 */
import type { LogRecord, TopicPartition } from '../event-log.ts';
import { ByteReader } from './byte-reader.ts';
import { DecompressedTooLarge, decompressed } from './compression.ts';
import { FetchedRecord, headersAt, skipHeaders } from './fetched-record.ts';

const HEADER_BYTES = 61;
/** What a batch's length counts of its header: all but the first offset and the length itself. */
const COUNTED_HEADER_BYTES = 49;
const COMPRESSION = 0x07;
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

/** The fixed part of a batch, and its records as they are encoded. */
interface Batch {
  readonly lastOffset: number;
  readonly attributes: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
  readonly count: number;
  readonly body: Buffer;
  /** Where the next batch begins. */
  readonly end: number;
}

/** What one batch holds. */
export interface DecodedBatch {
  readonly records: readonly LogRecord[];
  /** The position behind it. */
  readonly next: number;
  /** Its length as it was fetched. */
  readonly bytes: number;
}

/**
 * Batch by batch the committed records at or after `from`, and the position after it, which counts what is not
 * returned too: transaction markers, records of aborted transactions, and those that compaction took away.
 * @param lazy as in `FollowOptions`
 * @throws for a batch that cannot be read, naming partition and offset, unless others before it were returned: a call
 *   of its own is to throw then.
 */
export function* decodeBatches(fetched: FetchedPartition, from: number, lazy = false): Generator<DecodedBatch> {
  const { batches } = fetched;
  const pending = [...fetched.aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  let next = from;
  for (let index = 0; index + HEADER_BYTES <= batches.length; ) {
    let records: readonly LogRecord[] = [];
    const start = index;
    try {
      const batch = batchAt(batches, index);
      if (batch === undefined) return;
      for (let first = pending[0]; first !== undefined && first.firstOffset <= batch.lastOffset; first = pending[0]) {
        aborting.add(first.producerId);
        pending.shift();
      }
      if ((batch.attributes & CONTROL) !== 0) {
        if (batch.count > 0 && isAbortMarker(batch.body)) aborting.delete(batch.producerId);
      } else if (batch.lastOffset < from) {
        // Known already: it was handed over, see `hand-over.ts`.
      } else if ((batch.attributes & TRANSACTIONAL) === 0 || !aborting.has(batch.producerId)) {
        records = recordsOf(batch, fetched, lazy);
        if (batch.baseOffset < from) records = records.filter(({ offset }) => offset >= from);
      }
      index = batch.end;
      next = Math.max(next, batch.lastOffset + 1);
    } catch (error) {
      if (next > from) return;
      const reason = error instanceof Error ? error.message : String(error);
      const place = `partition ${fetched.partition} of ${fetched.topic}`;
      throw new Error(`${place} holds a batch that cannot be read, at or after offset ${next}: ${reason}`);
    }
    yield { records, next, bytes: index - start };
  }
}

/** Undefined: it is cut off. */
function batchAt(batches: Buffer, index: number): Batch | undefined {
  const header = new ByteReader(batches, index);
  const baseOffset = header.int64();
  const length = header.int32();
  header.int32(); // Leader epoch.
  const magic = header.int8();
  if (magic !== 2) throw new Error(`it is in message format ${magic}, and only format 2 can be read`);
  if (length < COUNTED_HEADER_BYTES) throw new Error(`its length is ${length} bytes`);
  const end = index + 12 + length;
  if (end > batches.length) return undefined;
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
  return { lastOffset, attributes, baseOffset, baseTimestamp, maxTimestamp, producerId, count, body, end };
}

function recordsOf(batch: Batch, place: TopicPartition, lazy: boolean): readonly LogRecord[] {
  const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, attributes, count } = batch;
  const appendTime = (attributes & LOG_APPEND_TIME) !== 0 ? maxTimestamp : undefined;
  let content: Buffer;
  try {
    content = decompressed(batch.body, attributes & COMPRESSION);
  } catch (error) {
    if (!(error instanceof DecompressedTooLarge)) throw error;
    // Nobody who writes here for Counterfoil makes such a batch: it is passed over, as one record that cannot be read.
    const { topic, partition } = place;
    const unreadable = `a batch of ${count} records: ${error.message}`;
    const timestamp = maxTimestamp;
    return [{ topic, partition, offset: lastOffset, key: null, value: null, headers: {}, timestamp, unreadable }];
  }
  const reader = new ByteReader(content);
  const records: LogRecord[] = [];
  const within = { content, place, baseOffset, baseTimestamp, appendTime, lazy };
  for (let i = 0; i < count; i++) records.push(decodeRecord(reader, within));
  return records;
}

interface Within {
  readonly content: Buffer;
  readonly place: TopicPartition;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly appendTime: number | undefined;
  readonly lazy: boolean;
}

function decodeRecord(
  reader: ByteReader,
  { content, place: { topic, partition }, baseOffset, baseTimestamp, appendTime, lazy }: Within,
): LogRecord {
  const length = reader.varint();
  const end = reader.offset + length;
  reader.int8(); // Attributes: none are defined.
  const createTime = baseTimestamp + reader.varint();
  const offset = baseOffset + reader.varint();
  const keyLength = reader.varint();
  const key = keyLength < 0 ? null : reader.text(keyLength);
  const valueLength = reader.varint();
  const valueStart = reader.offset;
  const value = lazy ? undefined : reader.bytes(valueLength);
  if (lazy) reader.skip(Math.max(0, valueLength));
  const headersStart = reader.offset;
  const headers = lazy ? undefined : headersAt(reader);
  if (lazy) skipHeaders(reader);
  const headersEnd = reader.offset;
  if (headersEnd > end) throw new Error(`the record at offset ${offset} is longer than it says`);
  reader.skipTo(end);
  const timestamp = appendTime ?? createTime;
  if (value !== undefined && headers !== undefined) {
    return { topic, partition, offset, key, value, headers, timestamp };
  }
  const within = { bytes: content, valueStart, valueLength, headersStart, end: headersEnd };
  return new FetchedRecord({ topic, partition, offset, key, timestamp }, within);
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
