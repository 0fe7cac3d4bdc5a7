/** Groups by the days and months of a time zone: the same on every engine, also where clocks change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localGroups } from '../../resolvers/local-groups.ts';
import type { Note, ViewsUnderTest } from './under-test.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'Africa/Monrovia',
];
/** Around changes of clocks, ends of months, and the day that Samoa skipped. */
const AROUND = ['2026-03-29T01:00', '2026-10-25T01:00', '2018-11-04T03:00', '2011-12-30T10:00', '1970-01-01T00:44'];
const moment = fc
  .tuple(fc.constantFrom(...AROUND), fc.integer({ min: -2 * 86_400, max: 2 * 86_400 }))
  .map(([around, seconds]) => new Date(Date.parse(`${around}:30Z`) + seconds * 1000).toISOString());

/** What Intl alone makes of it, document by document. */
function expectedOf(notes: readonly Note[], timeZone: string, length: number) {
  const format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const groups = new Map<string, { count: number; rank: number }>();
  for (const { day, rank } of notes) {
    const parts = format.formatToParts(Date.parse(day ?? ''));
    const key = ['year', 'month', 'day']
      .map((name) => parts.find(({ type }) => type === name)?.value)
      .join('-')
      .slice(0, length);
    const group = groups.get(key) ?? { count: 0, rank: 0 };
    groups.set(key, { count: group.count + 1, rank: group.rank + rank });
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { count, rank }]) => ({ key, count, sums: { rank: BigInt(rank) } }));
}

export function localDaysContract(suite: ViewsUnderTest): void {
  describe('groups by days of a time zone', () => {
    it('hold each moment on the day that a calendar there shows', { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(moment, { minLength: 1, maxLength: 12 }),
          fc.constantFrom(...ZONES),
          fc.constantFrom(10, 7),
          async (moments, zone, prefix) => {
            const notes = moments.map((day, i): Note => ({ _id: `n${i}`, day, rank: i + 1 }));
            await suite.store.step([], async (tx) => {
              await tx.remove(
                'notes',
                (await tx.find('notes', {})).map(({ _id }) => _id),
              );
              await tx.put('notes', notes);
            });
            const groups = await localGroups(suite.store, 'notes', { by: 'day', prefix, sums: ['rank'] }, zone);
            expect(groups).toEqual(expectedOf(notes, zone, prefix));
          },
        ),
        { numRuns: suite.runs },
      );
    });

    it('are complete over many days, in zones that differ from UTC by hours and by parts of them', async () => {
      const start = Date.UTC(2026, 0, 1);
      const notes = Array.from({ length: 600 }, (_, i): Note => {
        return { _id: `n${i}`, day: new Date(start + i * 13_500_000).toISOString(), rank: i };
      });
      await suite.putAll('notes', notes);
      for (const zone of ZONES) {
        for (const prefix of [10, 7]) {
          const groups = await localGroups(suite.store, 'notes', { by: 'day', prefix, sums: ['rank'] }, zone);
          expect(groups).toEqual(expectedOf(notes, zone, prefix));
        }
      }
    });

    it('have 23 and 25 hours where clocks change', async () => {
      const hours = Array.from({ length: 24 * 4 }, (_, i) => new Date(Date.UTC(2026, 2, 27, i)).toISOString());
      const autumn = Array.from({ length: 24 * 4 }, (_, i) => new Date(Date.UTC(2026, 9, 23, i)).toISOString());
      await suite.putAll(
        'notes',
        [...hours, ...autumn].map((day, i): Note => ({ _id: `n${i}`, day, rank: 1 })),
      );
      const question = { by: 'day', prefix: 10, sums: ['rank'] };
      const groups = await localGroups(suite.store, 'notes', question, 'Europe/Berlin');
      const counts = new Map(groups.map(({ key, count }) => [key, count]));
      expect(counts.get('2026-03-29')).toBe(23);
      expect(counts.get('2026-10-25')).toBe(25);
      expect(counts.get('2026-03-28')).toBe(24);
    });
  });
}
