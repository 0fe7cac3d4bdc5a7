/** Decoding of what Kafka's brokers send, in the shapes that are hard to bring a broker to: compacted and aborted batches. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AbortedTransaction, decodeRecords } from '../log/kafka/record-batches.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const GZIP = 1;

interface BatchSpec {
  readonly baseOffset: number;
  /** Default: that of the last record. */
  readonly lastOffset?: number;
  readonly producerId?: bigint;
  readonly attributes?: number;
  readonly records: readonly {
    readonly offset: number;
    readonly key: Buffer | string | null;
    readonly value: string | null;
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

  it('reads gzip, and refuses other compression by name of the partition', () => {
    const records = [r(0, 'a', 'x'), r(1, 'a', 'y')];
    expect(decode([batch({ baseOffset: 0, attributes: GZIP, records })], 0).records).toHaveLength(2);
    expect(() => decode([batch({ baseOffset: 0, attributes: 4, records })], 0)).toThrow(/partition 3 of t .* codec 4/);
  });
});

function r(offset: number, key: string | null, value: string | null) {
  return { offset, key, value };
}

function decode(batches: readonly Buffer[], from: number, aborted: readonly AbortedTransaction[] = []) {
  const fetched = { topic: 't', partition: 3, errorCode: 0, highWatermark: 100, lastStableOffset: 100 };
  return decodeRecords({ ...fetched, aborted, batches: Buffer.concat(batches) }, from);
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
function batch({ baseOffset, lastOffset, producerId = -1n, attributes = 0, records }: BatchSpec): Buffer {
  const bodies = records.map(({ offset, key, value }) => {
    const delta = zigzag(offset - baseOffset);
    const content = Buffer.concat([Buffer.from([0]), delta, delta, sized(key), sized(value), zigzag(0)]);
    return Buffer.concat([zigzag(content.length), content]);
  });
  const body = Buffer.concat(bodies);
  const header = Buffer.alloc(61);
  const content = (attributes & 0x07) === GZIP ? gzipSync(body) : body;
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
