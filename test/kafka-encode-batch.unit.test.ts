/** What we encode, our own decoder and kafkajs's read back; the checksum is that of the RFC's examples and of kafkajs. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../log/kafka/crc32c.ts';
import { type BatchOptions, encodeBatch } from '../log/kafka/encode-batch.ts';
import { decodeRecords } from './kafka-decode.ts';

const require = createRequire(import.meta.url);
const theirCrc32c = require('kafkajs/src/protocol/recordBatch/crc32C/crc32C') as (bytes: Buffer) => number;
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<{
  readonly firstSequence: number;
  readonly producerEpoch: number;
  readonly inTransaction: boolean;
  readonly records: readonly { key: Buffer; value: Buffer | null; headers: Record<string, Buffer>; offset: string }[];
}>;

const OPTIONS: BatchOptions = {
  producerId: 4711n,
  epoch: 3,
  baseSequence: 17,
  transactional: true,
  timestamp: Date.UTC(2026, 0, 31),
};

const record = fc.record({
  key: fc.string({ unit: 'binary' }),
  value: fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.uint8Array().map(Buffer.from))),
  headers: fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 12, noNullPrototype: true }),
});

describe('the checksum', () => {
  it('is that of the examples of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  });

  it('is always the same as that of kafkajs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(crc32c(bytes)).toBe(theirCrc32c(Buffer.from(bytes)) >>> 0);
      }),
    );
  });
});

describe('a batch', () => {
  it('is always read back as it was, by our decoder', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 200 }), (records) => {
        const batches = encodeBatch(records, OPTIONS);
        const place = { topic: 't', partition: 0, errorCode: 0, highWatermark: 0, lastStableOffset: 0, aborted: [] };
        const { records: found, next } = decodeRecords({ ...place, batches }, 0);
        expect(next).toBe(records.length);
        expect(
          found.map(({ key, value, headers, offset, timestamp }) => ({ key, value, headers, offset, timestamp })),
        ).toEqual(
          records.map(({ key, value, headers }, offset) => ({
            key: Buffer.from(key).toString(),
            value: value === null ? null : Buffer.from(value),
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, text]) => [
                Buffer.from(name).toString(),
                Buffer.from(text).toString(),
              ]),
            ),
            offset,
            timestamp: OPTIONS.timestamp,
          })),
        );
      }),
    );
  });

  it('is always read back by kafkajs, with who wrote it and its sequence number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const read = await decodeBatch(new Decoder(encodeBatch(records, OPTIONS)));
        expect(read).toMatchObject({ firstSequence: 17, producerEpoch: 3, inTransaction: true });
        expect(read.records.map(({ key, value }) => [key?.toString() ?? '', value?.toString() ?? null])).toEqual(
          records.map(({ key, value }) => [
            Buffer.from(key).toString(),
            value === null ? null : Buffer.from(value).toString(),
          ]),
        );
      }),
    );
  });
});
