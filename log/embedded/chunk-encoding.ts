/**
 * What stands in a value of the database: one record as `record-encoding.ts` lays it out, or a chunk of records that follow one
 * another in a partition, compressed together. Two thirds of a record are names that stand in each of them, so what is written
 * together is compressed together, by LZ4 with a sample of the topic's records as the dictionary.
 *
 * | byte | 0    | 1 to 6                     | 7              | 8 and 9 | then                                      |
 * | ---- | ---- | -------------------------- | -------------- | ------- | ----------------------------------------- |
 * |      | kind | timestamp ms of the newest | which sample   | records | LZ4 of the records, each after its length |
 */
import lz4 from 'lz4-napi';
import type { LogRecord } from '../event-log.ts';
import { decodeRecord } from './record-encoding.ts';

const CHUNK = 3;
const HEAD = 10;
const LENGTH = 4;
/** A lone record of fewer bytes is not worth it. */
const COMPRESSED_FROM_BYTES = 100;

/** What the records of a topic have in common, oldest first: a chunk tells by its index which one it was written with. */
export type Samples = readonly Buffer[];

/** @param records at least one, as laid out, in order of offset without gaps */
export function encodeChunk(records: readonly Buffer[], samples: Samples): Buffer {
  const [first] = records;
  const sample = samples.at(-1);
  if (first === undefined) throw new RangeError('a chunk has at least one record');
  if (records.length === 1 && (sample === undefined || first.length < COMPRESSED_FROM_BYTES)) return first;
  const plain = Buffer.allocUnsafe(records.reduce((sum, { length }) => sum + LENGTH + length, 0));
  let at = 0;
  for (const record of records) {
    at = plain.writeUInt32BE(record.length, at);
    at += record.copy(plain, at);
  }
  const body = lz4.compressSync(plain, sample);
  if (records.length === 1 && HEAD + body.length >= first.length) return first;
  const chunk = Buffer.allocUnsafe(HEAD + body.length);
  chunk[0] = CHUNK;
  (records.at(-1) ?? first).copy(chunk, 1, 1, 7);
  chunk[7] = Math.max(0, samples.length - 1);
  chunk.writeUInt16BE(records.length, 8);
  body.copy(chunk, HEAD);
  return chunk;
}

/** The offset behind the last record of what is stored under `first`. */
export function endOfChunk(first: number, stored: Buffer): number {
  return first + (stored[0] === CHUNK ? stored.readUInt16BE(8) : 1);
}

/** `stored` must belong to the caller. @param first the offset that it is stored under */
export function decodeChunk(
  topic: string,
  partition: number,
  first: number,
  stored: Buffer,
  samples: Samples,
): readonly LogRecord[] {
  if (stored[0] !== CHUNK) return [decodeRecord(topic, partition, first, stored)];
  const which = stored[7] ?? 0;
  const sample = samples[which];
  if (sample === undefined && which > 0) {
    throw new Error(
      `${topic}/${partition} holds records at ${first} that were written with a sample that is not there`,
    );
  }
  const plain = lz4.uncompressSync(stored.subarray(HEAD), sample);
  const records: LogRecord[] = [];
  for (let at = 0; at < plain.length; ) {
    const from = at + LENGTH;
    at = from + plain.readUInt32BE(at);
    records.push(decodeRecord(topic, partition, first + records.length, plain.subarray(from, at)));
  }
  return records;
}
