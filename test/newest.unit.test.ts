/** The newest record of each key of a compacted topic: which it is, and that records are handed on as they are read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../log/event-log.ts';
import { newestOfEach, newestOffsets } from '../migration/newest.ts';

const place = { topic: 'products.state', partition: 0 };
type Written = readonly (readonly [key: string, value: string | null])[];

/** A log of one partition, read in batches of two; `batches` counts all that were read, by whichever reading. */
class Partition {
  readonly #records: readonly LogRecord[];
  batches = 0;

  constructor(written: Written) {
    this.#records = written.map(([key, value], i) => ({
      ...{ ...place, key, value: value === null ? null : Buffer.from(value), headers: {} },
      // Compacted: there are gaps.
      ...{ offset: 3 * i, timestamp: 0 },
    }));
  }

  async *read(): AsyncGenerator<readonly LogRecord[]> {
    for (let at = 0; at < this.#records.length; at += 2) {
      this.batches++;
      yield this.#records.slice(at, at + 2);
    }
  }
}

const told = ({ key, value }: LogRecord) => [key, String(value)];

describe('the newest record of each key', () => {
  it('is handed on while the rest is yet to be read, so that no more than a batch is held', async () => {
    const log = new Partition(Array.from({ length: 20 }, (_, i) => [`p${i}`, `state ${i}`]));
    const newest = newestOfEach(log, place);
    const first = await newest.next();
    expect(first.value?.map(told)).toEqual([
      ['p0', 'state 0'],
      ['p1', 'state 1'],
    ]);
    // All for the places, and one of the records.
    expect(log.batches).toBe(10 + 1);
    await newest.return(undefined);
  });

  it('always is the last one written, in the order of the log, and none where that is a tombstone', async () => {
    const writes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.string(), { nil: null })));
    await fc.assert(
      fc.asyncProperty(writes, async (written) => {
        const last = written.filter(([key], at) => !written.slice(at + 1).some(([later]) => later === key));
        const expected = last.filter(([, value]) => value !== null);
        const found: LogRecord[] = [];
        for await (const records of newestOfEach(new Partition(written), place)) found.push(...records);
        expect(found.map(told)).toEqual(expected.map(([key, value]) => [key, value]));
        const offsets = await newestOffsets(new Partition(written), place);
        expect([...offsets].sort()).toEqual(found.map(({ key, offset }) => [key, offset]).sort());
      }),
    );
  });
});
