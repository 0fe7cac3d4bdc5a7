/** Records that are stored together are read one by one, whatever they hold, and whatever samples come and go. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeChunk, encodeChunk, endOfChunk } from '../log/embedded/chunk-encoding.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { RecentRecords } from '../log/embedded/recent-records.ts';
import { encodeRecord, timestampOf } from '../log/embedded/record-encoding.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';

const newRecord = fc.record({
  topic: fc.constant('t'),
  key: fc.string({ unit: 'binary', maxLength: 50 }),
  value: fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.uint8Array().map(Buffer.from))),
  headers: fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 8, noNullPrototype: true }),
});

const bytesOf = (value: string | Buffer | null) => (value === null ? null : Buffer.from(value));

describe('a chunk', () => {
  it('always gives back its records as they were, with their offsets, with and without a sample', () => {
    fc.assert(
      fc.property(
        fc.array(newRecord, { minLength: 1, maxLength: 64 }),
        fc.array(fc.string({ minLength: 1, maxLength: 300 }).map(Buffer.from), { maxLength: 3 }),
        (records, samples) => {
          const encoded = records.map((record, i) => encodeRecord(record, 1000 + i));
          const stored = encodeChunk(
            encoded.map(({ bytes }) => bytes),
            samples,
          );
          const later = [...samples, Buffer.from('a newer sample')];
          expect(decodeChunk('t', 3, 70, stored, later)).toEqual(
            records.map(({ topic, key, value, headers }, i) => {
              return { topic, partition: 3, offset: 70 + i, key, value: bytesOf(value), headers, timestamp: 1000 + i };
            }),
          );
          expect(endOfChunk(70, stored)).toBe(70 + records.length);
          expect(timestampOf(stored)).toBe(1000 + records.length - 1);
          expect(encoded.map(({ record }) => record)).toEqual(
            records.map(({ key, value, headers }, i) => {
              return { key, value: bytesOf(value), headers, timestamp: 1000 + i };
            }),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes a small part of what its records take that are much the same', () => {
    const record = (i: number) => {
      const headers = { 'content-type': 'application/json', ce_type: 'SomethingHappened', ce_source: '/somewhere' };
      return encodeRecord({ topic: 't', key: `k${i}`, value: `{"number":${i},"name":"a name"}`, headers }, i).bytes;
    };
    const records = Array.from({ length: 50 }, (_, i) => record(i));
    const plain = records.reduce((sum, { length }) => sum + length, 0);
    expect(encodeChunk(records, []).length).toBeLessThan(plain / 5);
    expect(encodeChunk([record(7)], [record(0)]).length).toBeLessThan(record(7).length / 2);
  });

  it('says so when a sample is missing that it was written with', () => {
    const record = encodeRecord({ topic: 't', key: 'k', value: 'x'.repeat(300), headers: {} }, 1).bytes;
    const stored = encodeChunk([record, record], [Buffer.from('one'), Buffer.from('two')]);
    expect(() => decodeChunk('t', 0, 5, stored, [])).toThrow('t/0 holds records at 5 that were written with a sample');
  });
});

describe('a folder', () => {
  let dir: string;
  let log: EventLog;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'counterfoil-chunks-'));
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });

  async function open(sample: string | undefined): Promise<void> {
    log = await openEmbeddedLog({ dir });
    const spec = { name: 't', partitions: 1, retention: 'forever' } as const;
    await log.createTopics([sample === undefined ? spec : { ...spec, sample: () => sample }]);
  }

  async function valuesFrom(from: number): Promise<readonly string[]> {
    const found: LogRecord[] = [];
    for await (const batch of log.read({ topic: 't', partition: 0 }, from)) found.push(...batch);
    expect(found.map(({ offset }) => offset)).toEqual(found.map((_, i) => from + i));
    return found.map(({ value }) => String(value));
  }

  it('is read from any offset, in chunks of one or many, whatever samples it was written with', async () => {
    const written: string[] = [];
    for (const sample of [undefined, '{"number":"","text":""}', '{"number":0,"text":"","more":""}']) {
      await open(sample);
      for (const count of [1, 3, 200]) {
        const values = Array.from({ length: count }, (_, i) => `{"number":${i},"text":"${sample?.length}"}`);
        await log.append(values.map((value) => ({ topic: 't', key: 'k', value, headers: { h: 'v' } })));
        written.push(...values);
      }
      // Read from the disk by the next round, and at the end by one that has written nothing.
      await log.close();
    }
    await open(undefined);
    for (const from of [0, 1, 2, 3, 4, 67, 68, 203, 204, 205, 300, 611, 612]) {
      expect(await valuesFrom(from)).toEqual(written.slice(from));
    }
  });
});

describe('a step of a processor', () => {
  it('is given about a megabyte at most, however well that is compressed, from the disk and from memory', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'counterfoil-steps-'));
    const [count, size] = [200, 30_000];
    const append = (log: EventLog) =>
      log.append(Array.from({ length: count }, () => ({ topic: 't', key: 'k', value: 'x'.repeat(size), headers: {} })));
    let log = await openEmbeddedLog({ dir });
    try {
      await log.createTopics([{ name: 't', partitions: 1, retention: 'forever' }]);
      await append(log);
      await log.close();
      log = await openEmbeddedLog({ dir });
      const steps: number[] = [];
      const running = await log.process({
        ...{ name: 'p', input: 't', positions: 'positions', restore: [] },
        open: () => ({
          restore: () => undefined,
          restored: () => undefined,
          step: (records) => {
            steps.push(records.length);
            return { records: [], committed: () => undefined };
          },
          close: () => undefined,
        }),
      });
      await running.caughtUp();
      await append(log);
      await running.caughtUp();
      await running.stop();
      expect(steps.reduce((sum, length) => sum + length, 0)).toBe(2 * count);
      expect(Math.max(...steps) * size).toBeLessThan(1.2 * 2 ** 20);
    } finally {
      await log.close();
      await rm(dir, { recursive: true });
    }
  });
});

describe('recent records', () => {
  const record = (offset: number, topic = 't', size = 10): LogRecord => {
    return { topic, partition: 0, offset, key: 'k', value: Buffer.alloc(size), headers: {}, timestamp: 0 };
  };
  const place = { topic: 't', partition: 0 };
  const offsetsOf = (records: readonly LogRecord[] | undefined) => records?.map(({ offset }) => offset);

  it('are read from where they are known, and never with a gap', () => {
    const recent = new RecentRecords();
    for (const offset of [5, 6, 7, 8]) recent.add(record(offset));
    expect(recent.read(place, 4, 9, 10)).toBeUndefined();
    expect(offsetsOf(recent.read(place, 5, 9, 10))).toEqual([5, 6, 7, 8]);
    expect(offsetsOf(recent.read(place, 6, 8, 10))).toEqual([6, 7]);
    expect(offsetsOf(recent.read(place, 6, 9, 2))).toEqual([6, 7]);
    expect(offsetsOf(recent.read(place, 9, 9, 10))).toEqual([]);
    recent.add(record(20));
    expect(recent.read(place, 8, 21, 10)).toBeUndefined();
    expect(offsetsOf(recent.read(place, 20, 21, 10))).toEqual([20]);
  });

  it('are read in parts where they are large, one at least', () => {
    const recent = new RecentRecords();
    for (const offset of [5, 6, 7, 8]) recent.add(record(offset, 't', 100_000));
    expect(offsetsOf(recent.read(place, 5, 9, 10, 200_000))).toEqual([5, 6]);
    expect(offsetsOf(recent.read(place, 7, 9, 10, 200_000))).toEqual([7, 8]);
    expect(offsetsOf(recent.read(place, 5, 9, 10, 1))).toEqual([5]);
    expect(offsetsOf(recent.read(place, 9, 9, 10, 1))).toEqual([]);
  });

  it('are forgotten when one of them is dropped from the disk, and not when an older one is', () => {
    const recent = new RecentRecords();
    for (const offset of [5, 6, 7]) recent.add(record(offset));
    recent.forget({ ...place, offset: 4 });
    expect(offsetsOf(recent.read(place, 5, 8, 10))).toEqual([5, 6, 7]);
    recent.forget({ ...place, offset: 6 });
    expect(recent.read(place, 5, 8, 10)).toBeUndefined();
    recent.add(record(8));
    expect(offsetsOf(recent.read(place, 8, 9, 10))).toEqual([8]);
  });

  it('take bounded memory, the newest of each partition', () => {
    const recent = new RecentRecords(100_000);
    for (let offset = 0; offset < 1000; offset++) {
      recent.add(record(offset, 't', 1000));
      recent.add(record(offset, 'u', 1000));
    }
    for (const topic of ['t', 'u']) {
      const kept = Array.from({ length: 1000 }, (_, from) => recent.read({ ...place, topic }, from, 1000, 1000));
      const longest = kept.find((found) => found !== undefined);
      expect(longest?.at(-1)?.offset).toBe(999);
      expect(longest?.length).toBeLessThan(50);
    }
  });
});
