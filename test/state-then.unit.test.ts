/** What an entity was, of a list of a million events: as much of it is read as the moment needs, and the answer is that of the whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { product } from '../domain/index.ts';
import { CLOCK_SKEW_MS } from '../history/place-behind.ts';
import type { EntityRecords, ListedRecord, RecordList } from '../history/record-lists.ts';
import { MOST_FOLDED, statesAt, versionAt } from '../history/state-then.ts';
import { eventsTopic } from '../records/topics.ts';
import { Books } from './audit.books.ts';

const MILLION = 1_000_000;
const BEGIN = Date.UTC(2026, 0, 1);
const SECOND = 1000;
/** What the head of a list and some twenty of its parts hold: a search, and the first stretch. */
const FEW = 3_000;

/** The records of an entity, and how many places of its events have been asked for. */
class Counted implements EntityRecords {
  readonly version: number;
  readonly commands: RecordList = { kind: 'commands', partition: 0, total: 0, slice: async () => [] };
  readonly events: RecordList;
  asked = 0;

  constructor(total: number, eventAt: (ordinal: number) => Pick<ListedRecord, 'time' | 'version'>) {
    this.version = eventAt(total - 1).version;
    this.events = {
      kind: 'events',
      partition: 0,
      total,
      slice: async (from, to) => {
        const places = Array.from({ length: Math.max(0, Math.min(to, total) - from) }, (_, i) => from + i);
        this.asked += places.length;
        return places.map((ordinal) => ({ ordinal, offset: ordinal, ...eventAt(ordinal) }));
      },
    };
  }
}

/** A change each second. */
const aMillion = () => new Counted(MILLION, (n) => ({ version: n + 1, time: BEGIN + n * SECOND }));
const asOf = (seconds: number) => ({ asOf: new Date(BEGIN + seconds * SECOND).toISOString() });

describe('what an entity with a million events was', () => {
  it('is folded from the events up to the version alone, and no others are looked at', async () => {
    const books = new Books();
    books.command('products', 'addProduct', 'tea', { name: 'Tea', price: 450, stock: 10 });
    books.command('products', 'restockProduct', 'tea', { quantity: 5 });
    const log = books.records(eventsTopic('products'));
    const records = aMillion();
    const reading = { recordsAt: async (places: readonly { offset: number }[]) => places.map((at) => log[at.offset]) };
    const states = await statesAt(reading, product, 'tea', records, new Set([1, 2]));
    expect([states.get(1), states.get(2)]).toMatchObject([{ free: 10 }, { free: 15 }]);
    expect(records.asked).toBeLessThan(FEW);
  });

  it('is found by a time without a walk through the others', async () => {
    const records = aMillion();
    expect(await versionAt('products tea', records, asOf(-1000))).toBe(0);
    expect(await versionAt('products tea', records, asOf(0))).toBe(1);
    expect(await versionAt('products tea', records, asOf(9.5))).toBe(10);
    expect(records.asked).toBeLessThan(3 * FEW);
  });

  it('is looked for no further once it is more than is folded', async () => {
    const records = aMillion();
    expect(await versionAt('products tea', records, asOf(MILLION))).toBeGreaterThan(MOST_FOLDED);
    expect(records.asked).toBeLessThan(2 * MOST_FOLDED);
    await expect(
      statesAt({ recordsAt: async () => [] }, product, 'tea', records, new Set([MOST_FOLDED + 1])),
    ).rejects.toThrow(`ask for version ${MOST_FOLDED} or less`);
  });

  it('is always the highest version of all that was written down by then, on clocks that differ', async () => {
    const event = fc.record({
      after: fc.integer({ min: 0, max: 5 * SECOND }),
      // By which the clock is ahead.
      ahead: fc.integer({ min: 0, max: CLOCK_SKEW_MS - 1 }),
      changes: fc.boolean(),
    });
    const lists = fc.array(event, { minLength: 1, maxLength: 700, size: 'max' });
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: -100, max: 4000 }), async (given, seconds) => {
        let [now, version] = [BEGIN, 0];
        const events = given.map(({ after, ahead, changes }) => {
          now += after;
          if (changes) version++;
          return { time: now + ahead, version: changes ? version : 0 };
        });
        const records = new Counted(events.length, (n) => events[n] ?? { time: 0, version: 0 });
        const by = BEGIN + seconds * SECOND;
        const expected = Math.max(0, ...events.filter(({ time }) => time <= by).map((each) => each.version));
        expect(await versionAt('products tea', records, asOf(seconds))).toBe(expected);
      }),
    );
  });
});
