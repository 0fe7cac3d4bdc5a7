/** Decoding of what Kafka's brokers send, in the shapes that are hard to bring a broker to: compacted and aborted batches. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import lz4 from 'lz4-napi';
import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { MAX_DECOMPRESSED_BYTES } from '../log/kafka/compression.ts';
import { deliver } from '../log/kafka/deliver.ts';
import { PartitionStream } from '../log/kafka/partition-stream.ts';
import type { AbortedTransaction } from '../log/kafka/record-batches.ts';
import { detached, headerOf } from '../log/lazy-record.ts';
import { decodeRecords } from './kafka-decode.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Java's snappy: blocks with their lengths, behind a header. */
function xerial(body: Buffer): Buffer {
  const blocks = [body.subarray(0, 1000), body.subarray(1000)].filter(({ length }) => length > 0);
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
  return Buffer.concat([
    header,
    ...blocks.flatMap((block) => {
      const compressed = snappy.compress(block);
      return [int32(compressed.length), compressed];
    }),
  ]);
}

/** A zstd frame without a content size, of blocks that are stored as they are. */
function stored(body: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < body.length || blocks.length === 0; at += 100_000) {
    const block = body.subarray(at, at + 100_000);
    blocks.push(zstdBlock(0, block.length, at + 100_000 >= body.length), block);
  }
  return Buffer.concat([ZSTD_HEADER, ...blocks]);
}

const ZSTD_HEADER = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);

function zstdBlock(type: 0 | 1, size: number, last: boolean): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(size * 8 + type * 2 + (last ? 1 : 0));
  return header.subarray(0, 3);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

type Compression = readonly [attributes: number, compress: (body: Buffer) => Buffer];

const COMPRESS: Readonly<Record<string, Compression>> = {
  gzip: [1, gzipSync],
  'snappy as Java frames it': [2, xerial],
  'snappy as one block': [2, (body) => Buffer.from(snappy.compress(body))],
  lz4: [3, (body) => lz4.compressFrameSync(body)],
  zstd: [4, stored],
};

const TOO_MUCH = MAX_DECOMPRESSED_BYTES + 1;
const BOMBS: Readonly<Record<string, readonly [attributes: number, bomb: () => Buffer]>> = {
  gzip: [1, () => gzipSync(Buffer.alloc(TOO_MUCH))],
  snappy: [2, () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])],
  lz4: [3, () => lz4.compressFrameSync(Buffer.alloc(TOO_MUCH))],
  zstd: [
    4,
    () => {
      const block = Buffer.concat([zstdBlock(1, 131_072, false), Buffer.from('x')]);
      return Buffer.concat([
        ZSTD_HEADER,
        ...Array.from({ length: TOO_MUCH / 131_072 + 1 }, () => block),
        zstdBlock(0, 0, true),
      ]);
    },
  ],
};

interface BatchSpec {
  readonly baseOffset: number;
  /** Default: that of the last record. */
  readonly lastOffset?: number;
  readonly producerId?: bigint;
  readonly attributes?: number;
  readonly compress?: (body: Buffer) => Buffer;
  readonly records: readonly {
    readonly offset: number;
    readonly key: Buffer | string | null;
    readonly value: string | null;
    readonly headers?: readonly (readonly [string, Buffer | null])[];
  }[];
}

describe('decodeRecords', () => {
  it('gives keys, values, tombstones, offsets and times', () => {
    const { records, next } = decode(
      [batch({ baseOffset: 7, records: [r(7, 'a', 'x'), r(8, 'b', null), r(9, null, '')] })],
      7,
    );
    expect(records).toEqual([
      { topic: 't', partition: 3, offset: 7, key: 'a', value: Buffer.from('x'), headers: {}, timestamp: 1007 },
      { topic: 't', partition: 3, offset: 8, key: 'b', value: null, headers: {}, timestamp: 1008 },
      { topic: 't', partition: 3, offset: 9, key: null, value: Buffer.from(''), headers: {}, timestamp: 1009 },
    ]);
    expect(next).toBe(10);
  });

  it('leaves out what lies before the position in the same batch', () => {
    const { records, next } = decode(
      [batch({ baseOffset: 0, records: [r(0, 'a', '0'), r(1, 'a', '1'), r(2, 'a', '2')] })],
      1,
    );
    expect(records.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(next).toBe(3);
  });

  it('moves on past records that compaction took away, at the end of a batch and where a whole batch is empty', () => {
    const batches = [
      batch({ baseOffset: 0, lastOffset: 9, records: [r(4, 'a', 'x')] }),
      batch({ baseOffset: 10, lastOffset: 19, records: [] }),
    ];
    const { records, next } = decode(batches, 0);
    expect(records.map(({ offset }) => offset)).toEqual([4]);
    expect(next).toBe(20);
    expect(decode(batches, 5)).toEqual({ records: [], next: 20 });
  });

  it('hides aborted transactions, and only those, when transactions of several producers are interleaved', () => {
    const batches = [
      batch({ baseOffset: 0, producerId: 1n, attributes: TRANSACTIONAL, records: [r(0, 'k', 'aborted')] }),
      batch({ baseOffset: 1, producerId: 2n, attributes: TRANSACTIONAL, records: [r(1, 'k', 'committed')] }),
      batch({ baseOffset: 2, records: [r(2, 'k', 'plain')] }),
      batch({ baseOffset: 3, producerId: 1n, attributes: TRANSACTIONAL, records: [r(3, 'k', 'aborted too')] }),
      marker(4, 1n, 'abort'),
      marker(5, 2n, 'commit'),
      batch({ baseOffset: 6, producerId: 1n, attributes: TRANSACTIONAL, records: [r(6, 'k', 'next transaction')] }),
      marker(7, 1n, 'commit'),
    ];
    const { records, next } = decode(batches, 0, [{ producerId: 1n, firstOffset: 0 }]);
    expect(records.map(({ value }) => value?.toString())).toEqual(['committed', 'plain', 'next transaction']);
    expect(next).toBe(8);
  });

  it('moves on past markers when there is nothing else', () => {
    expect(decode([marker(4, 1n, 'commit')], 4)).toEqual({ records: [], next: 5 });
  });

  it('ignores a last batch that is cut off, wherever the cut is', () => {
    const whole = batch({ baseOffset: 0, records: [r(0, 'a', 'x')] });
    const second = batch({ baseOffset: 1, records: [r(1, 'a', 'y')] });
    for (let cut = 0; cut < second.length; cut++) {
      const { records, next } = decode([whole, second.subarray(0, cut)], 0);
      expect(records).toHaveLength(1);
      expect(next).toBe(1);
    }
  });

  it.each(Object.entries(COMPRESS))('reads %s', (_, [attributes, compress]) => {
    const records = [r(0, 'a', 'x'), r(1, 'a', 'y'.repeat(100_000))];
    expect(decode([batch({ baseOffset: 0, attributes, compress, records })], 0)).toEqual(
      decode([batch({ baseOffset: 0, records })], 0),
    );
  });

  it('names the place of a batch that cannot be read, after all that stands before it', () => {
    const records = [r(7, 'a', 'x')];
    const good = batch({ baseOffset: 5, records: [r(5, 'a', 'x'), r(6, 'a', 'y')] });
    const next = batch({ baseOffset: 8, records: [r(8, 'a', 'x')] });
    const old = batch({ baseOffset: 7, records });
    old.writeInt8(1, 16);
    const wrong: readonly (readonly [Buffer, RegExp])[] = [
      [batch({ baseOffset: 7, attributes: 7, records }), /codec 7/],
      [batch({ baseOffset: 7, attributes: 1, records }), /gzip cannot be opened/],
      [batch({ baseOffset: 7, attributes: 2, records }), /snappy cannot be opened/],
      [batch({ baseOffset: 7, attributes: 3, records }), /lz4 cannot be opened/],
      [batch({ baseOffset: 7, attributes: 4, records }), /zstd cannot be opened/],
      [old, /message format 1/],
    ];
    for (const [bad, reason] of wrong) {
      const { records, next: upTo } = decode([good, bad, next], 5);
      expect(records.map(({ offset }) => offset)).toEqual([5, 6]);
      expect(upTo).toBe(7);
      expect(() => decode([bad, next], upTo)).toThrow(/partition 3 of t .* offset 7: /);
      expect(() => decode([bad, next], upTo)).toThrow(reason);
    }
  });

  it.each(Object.entries(BOMBS))(
    'passes over a batch of %s that holds more than fits in memory',
    (_, [attributes, bomb]) => {
      const records = [r(0, 'a', 'x'), r(1, 'a', 'y')];
      const bad = batch({ baseOffset: 0, attributes, compress: () => bomb(), records });
      const after = batch({ baseOffset: 2, records: [r(2, 'a', 'z')] });
      const { records: read, next } = decode([bad, after], 0);
      expect(read).toMatchObject([
        { offset: 1, key: null, value: null, unreadable: expect.stringMatching(/2 records.*over/) },
        { offset: 2 },
      ]);
      expect(next).toBe(3);
    },
  );

  it('takes the last of headers with one name, and no value for an empty one; what is not UTF-8 is marked', () => {
    const headers: (readonly [string, Buffer | null])[] = [
      ['twice', Buffer.from('1')],
      ['twice', Buffer.from('2')],
      ['none', null],
      ['__proto__', Buffer.from('x')],
      ['bytes', Buffer.from([0xff, 0xfe])],
    ];
    const [record] = decode([batch({ baseOffset: 0, records: [{ ...r(0, 'a', 'x'), headers }] })], 0).records;
    expect(Object.entries(record?.headers ?? {})).toEqual([
      ['twice', '2'],
      ['none', ''],
      ['__proto__', 'x'],
      ['bytes', '\ufffd\ufffd'],
    ]);
  });

  it('always reads the same of a record whose headers are left unread, and breaks on the same bytes', () => {
    const name = fc.constantFrom('ce_id', 'ce_transactionid', 'ce_it', '', 'é');
    const header = fc.tuple(name, fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })));
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(header, { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        fc.array(change, { maxLength: 3 }),
        (all, changes) => {
          const records = all.map((headers, at) => ({
            ...r(at, `k${at}`, 'x'),
            headers: headers.map(([name, text]) => [name, text === null ? null : Buffer.from(text)] as const),
          }));
          const bytes = batch({ baseOffset: 0, records });
          for (const { at, byte } of changes) bytes[61 + (at % (bytes.length - 61))] = byte;
          const [eager, lazy] = [attempt(() => decode([bytes], 0)), attempt(() => decode([bytes], 0, [], true))];
          expect(lazy.error).toEqual(eager.error);
          expect(lazy.done?.next).toBe(eager.done?.next);
          expect(lazy.done?.records.length).toBe(eager.done?.records.length);
          for (const [at, record] of (lazy.done?.records ?? []).entries()) {
            const { headers, ...rest } = eager.done?.records[at] ?? record;
            for (const one of [record, detached(record)]) {
              expect(one).toMatchObject(rest);
              for (const name of ['ce_id', 'ce_transactionid', 'ce_it', 'none']) {
                expect(headerOf(one, name)).toBe(Object.hasOwn(headers, name) ? headers[name] : undefined);
              }
              expect(Object.entries(one.headers)).toEqual(Object.entries(headers));
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('always either reads bytes that were changed or says where they stand, and never goes back', () => {
    const offsets = fc.integer({ min: 0, max: 30 });
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    const codec = fc.constantFrom(undefined, ...Object.values(COMPRESS));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(offsets, codec), { minLength: 1, maxLength: 4 }),
        fc.array(change, { maxLength: 6 }),
        fc.nat(),
        (specs, changes, cut) => {
          const whole = Buffer.concat(
            specs.map(([first, compression], at) => {
              const records = [r(first, 'a', 'x'.repeat(at * 20)), r(first + 1, null, null)];
              const compressed = compression && { attributes: compression[0], compress: compression[1] };
              return batch({ baseOffset: first, records, ...compressed });
            }),
          );
          for (const { at, byte } of changes) whole[at % whole.length] = byte;
          const bytes = cut % 3 === 0 ? whole.subarray(0, cut % whole.length) : whole;
          try {
            const { next } = decode([bytes], 3);
            expect(next).toBeGreaterThanOrEqual(3);
          } catch (error) {
            expect(String(error)).toMatch(/partition 3 of t holds a batch that cannot be read, at or after offset 3: /);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('always ends on bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, headed) => {
        const start = headed ? batch({ baseOffset: 0, records: [r(0, 'a', 'x')] }).subarray(0, 61) : Buffer.alloc(0);
        try {
          expect(decode([start, Buffer.from(bytes)], 0).next).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(String(error)).toMatch(/partition 3 of t/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('deliver', () => {
  const three = Buffer.concat(
    [0, 2, 4].map((at) => batch({ baseOffset: at, records: [r(at, 'a', `${at}`), r(at + 1, 'b', 'x')] })),
  );
  const fetched = {
    topic: 't',
    partition: 3,
    errorCode: 0,
    highWatermark: 6,
    lastStableOffset: 6,
    aborted: [],
    batches: three,
  };
  const opened = () => new PartitionStream({ topic: 't', partition: 3 }, 0, () => undefined);
  const taken = async (stream: PartitionStream) => (await stream.take(100))?.records.map(({ offset }) => offset);

  it('lets others go between batches, and what is decoded is there meanwhile', async () => {
    const stream = opened();
    const there: unknown[] = [];
    await deliver(stream, fetched, { over: () => true, next: async () => void there.push(await taken(stream)) });
    expect(there).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect([stream.fetchOffset, stream.end]).toEqual([6, 6]);
  });

  it('drops what was handed over meanwhile', async () => {
    const stream = opened();
    const handOver = async () => {
      const [record] = decodeRecords(
        { ...fetched, batches: batch({ baseOffset: 2, records: [r(2, 'a', 'handed over')] }) },
        2,
      ).records;
      if (stream.fetchOffset === 2 && record !== undefined) stream.push({ records: [record], next: 3, bytes: 0 });
    };
    await deliver(stream, fetched, { over: () => true, next: handOver });
    const { records } = (await stream.take(100)) ?? { records: [] };
    expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [0, '0'],
      [1, 'x'],
      [2, 'handed over'],
      [3, 'x'],
      [4, '4'],
      [5, 'x'],
    ]);
  });

  it('is not fetched on while what came waits, in however many slices', async () => {
    const stream = opened();
    const megabyte = 'x'.repeat(1_100_000);
    const batches = [0, 1].map((at) => batch({ baseOffset: at, records: [r(at, 'a', megabyte)] }));
    const large = { ...fetched, batches: Buffer.concat(batches) };
    await deliver(stream, large, { over: () => true, next: async () => undefined });
    expect(stream.wanting).toBe(false);
    await stream.take(1);
    expect(stream.wanting).toBe(true);
  });

  it('stops when the stream is closed', async () => {
    const stream = opened();
    await deliver(stream, fetched, { over: () => true, next: async () => stream.close() });
    expect(stream.fetchOffset).toBe(2);
  });
});

function r(offset: number, key: string | null, value: string | null) {
  return { offset, key, value };
}

function decode(
  batches: readonly Buffer[],
  from: number,
  aborted: readonly AbortedTransaction[] = [],
  lazy: boolean = false,
) {
  const fetched = { topic: 't', partition: 3, errorCode: 0, highWatermark: 100, lastStableOffset: 100 };
  return decodeRecords({ ...fetched, aborted, batches: Buffer.concat(batches) }, from, lazy);
}

function attempt<T>(work: () => T): { readonly done?: T; readonly error?: unknown } {
  try {
    return { done: work() };
  } catch (error) {
    return { error };
  }
}

function marker(offset: number, producerId: bigint, type: 'abort' | 'commit'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]);
  return batch({
    baseOffset: offset,
    producerId,
    attributes: TRANSACTIONAL | CONTROL,
    records: [{ offset, key, value: '' }],
  });
}

/** A record batch, message format 2; times are 1000 + offset. */
function batch({ baseOffset, lastOffset, producerId = -1n, attributes = 0, compress, records }: BatchSpec): Buffer {
  const bodies = records.map(({ offset, key, value, headers = [] }) => {
    const delta = zigzag(offset - baseOffset);
    const content = Buffer.concat([
      Buffer.from([0]),
      delta,
      delta,
      sized(key),
      sized(value),
      zigzag(headers.length),
      ...headers.flatMap(([name, text]) => [sized(name), sized(text)]),
    ]);
    return Buffer.concat([zigzag(content.length), content]);
  });
  const body = Buffer.concat(bodies);
  const header = Buffer.alloc(61);
  const content = compress?.(body) ?? body;
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(49 + content.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE((lastOffset ?? records.at(-1)?.offset ?? baseOffset) - baseOffset, 23);
  header.writeBigInt64BE(BigInt(1000 + baseOffset), 27);
  header.writeBigInt64BE(BigInt(1000 + baseOffset), 35);
  header.writeBigInt64BE(producerId, 43);
  header.writeInt32BE(records.length, 57);
  return Buffer.concat([header, content]);
}

function sized(value: Buffer | string | null): Buffer {
  if (value === null) return zigzag(-1);
  const bytes = Buffer.from(value);
  return Buffer.concat([zigzag(bytes.length), bytes]);
}

function zigzag(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
