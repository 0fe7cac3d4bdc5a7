/** The overview's bars: one after the other without a gap, and no purchase left out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barsOf, beginOf, QUIET, type SalesBar, type Span } from '../web/src/pages/spans';
import { dayAt } from '../web/src/text/days';

const instant = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) });
const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Los_Angeles', 'Pacific/Apia');
const recentSpan = fc.constantFrom<Span>('hour', 'day', 'month');
const total = (rows: readonly { readonly count: number }[]): number => rows.reduce((sum, row) => sum + row.count, 0);

/** Bars of whole days end with one, the others with a millisecond. */
function expectNoGap(bars: readonly SalesBar[]): void {
  for (const [index, bar] of bars.entries()) {
    const unit = bar.to.length === '1996-07-04'.length ? 86_400_000 : 1;
    expect(Date.parse(bar.to)).toBeGreaterThanOrEqual(Date.parse(bar.from));
    const next = bars[index + 1];
    if (next !== undefined) expect(Date.parse(next.from)).toBe(Date.parse(bar.to) + unit);
  }
}

describe('the bars of a recent span', () => {
  it.each([
    ['hour', 60],
    ['day', 24],
    ['month', 30],
  ] as const)('named %s are %i, and the last is under way', (span, count) => {
    fc.assert(
      fc.property(instant, zone, (now, timeZone) => {
        const bars = barsOf(span, [], now, timeZone);
        expect(bars).toHaveLength(count);
        expect(bars[0]?.from).toBe(beginOf(span, now, timeZone));
        const present = span === 'month' ? dayAt(now, timeZone) : new Date(now).toISOString();
        expect((bars.at(-1)?.from ?? '') <= present).toBe(true);
        expect((bars.at(-1)?.to ?? '') >= present).toBe(true);
        expectNoGap(bars);
      }),
    );
  });

  it('count every group of the span, each in its bar', () => {
    const counts = fc.array(fc.record({ index: fc.nat(23), count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 24 });
    fc.assert(
      fc.property(recentSpan, instant, counts, zone, (span, now, some, timeZone) => {
        const keys = barsOf(span, [], now, timeZone).map((bar) => bar.key);
        const groups = [...new Map(some.map(({ index, count }) => [index, count]))].map(([index, count]) => ({
          key: keys[index] ?? '',
          count,
          amount: `${count}.50`,
        }));
        const bars = barsOf(span, groups, now, timeZone);
        expect(total(bars)).toBe(total(groups));
        for (const { key, count, amount } of groups)
          expect(bars.find((bar) => bar.key === key)).toMatchObject({ count, amount, height: Number(amount) });
      }),
    );
  });

  it('have the keys that the server gives its groups', () => {
    const now = Date.parse('2026-03-01T00:30:30.500Z');
    expect(barsOf('hour', [], now, 'Asia/Tokyo').at(-1)?.key).toBe('2026-03-01T00:30');
    expect(barsOf('day', [], now, 'Asia/Tokyo').at(-1)?.key).toBe('2026-03-01T00');
    expect(barsOf('month', [], now, 'UTC').at(-2)?.key).toBe('2026-02-28');
    expect(barsOf('month', [], now, 'America/New_York').at(-1)?.key).toBe('2026-02-28');
  });
});

describe('the bars of all time', () => {
  const group = (key: string, count = 1) => ({ key, count, amount: '2.00' });
  const keysOf = (...keys: readonly string[]) =>
    barsOf(
      'all',
      keys.map((key) => group(key)),
      0,
      'UTC',
    ).map((bar) => bar.key);
  const months = fc
    .uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 40 })
    .map((numbers) =>
      [...numbers]
        .sort((a, b) => a - b)
        .map((n) => group(new Date(Date.UTC(1990, n)).toISOString().slice(0, 7), n + 1)),
    );

  it('are the months from the first purchase to the last, without a gap and with every purchase', () => {
    fc.assert(
      fc.property(months, (groups) => {
        const bars = barsOf('all', groups, 0, 'UTC');
        expectNoGap(bars);
        expect(bars.filter((bar) => bar.count > 0).map((bar) => [bar.key, bar.count])).toEqual(
          groups.map(({ key, count }) => [key, count]),
        );
        expect(bars[0]?.key).toBe(groups[0]?.key);
        expect(bars.at(-1)?.key).toBe(groups.at(-1)?.key);
      }),
    );
  });

  it('break off, with no height, always where more than six months in a row are quiet, and nowhere else', () => {
    fc.assert(
      fc.property(months, (groups) => {
        const bars = barsOf('all', groups, 0, 'UTC');
        let quiet = 0;
        for (const bar of bars) {
          quiet = bar.count === 0 && bar.key !== QUIET ? quiet + 1 : 0;
          expect(quiet).toBeLessThanOrEqual(6);
          expect(bar.height === null).toBe(bar.key === QUIET);
          if (bar.key === QUIET) expect(Date.parse(bar.to) - Date.parse(bar.from)).toBeGreaterThan(7 * 28 * 86_400_000);
        }
      }),
    );
    expect(keysOf('1996-07', '1997-02')).toHaveLength(8);
    expect(keysOf('1996-07', '1997-03')).toEqual(['1996-07', QUIET, '1997-03']);
  });

  it('leave out groups of another span, which are shown until their own have come', () => {
    expect(keysOf('2026-03-01T00:30', '2026-03')).toEqual(['2026-03']);
  });
});
