/** The spans that people ask for, and what each is compared with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayAt, minutesAt, momentAt } from '../web/src/text/days';
import { comparedPeriods, daysOf, growth, type Preset, presets } from '../web/src/text/periods';

const instant = fc
  .date({ min: new Date('1995-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 60_000) * 60_000));
const anyPreset = fc.constantFrom<Preset>(...presets.map(([preset]) => preset));
const zones = ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Auckland', 'Africa/Cairo'];
const anyZone = fc.constantFrom(...zones);
const at = (text: string, zone: string) =>
  new Date(momentAt(text.slice(0, 10), Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)), zone));
const two = (value: number) => String(value).padStart(2, '0');

describe('a period and the one before it', () => {
  it.each<[Preset, string, [string, string], [string, string]]>([
    ['today', '2026-03-10T10:30', ['2026-03-10 00:00', '2026-03-10 10:30'], ['2026-03-09 00:00', '2026-03-09 10:30']],
    ['today', '2026-01-01T00:00', ['2026-01-01 00:00', '2026-01-01 00:00'], ['2025-12-31 00:00', '2025-12-31 00:00']],
    ['week', '2026-03-10T10:30', ['2026-03-04 00:00', '2026-03-10 10:30'], ['2026-02-25 00:00', '2026-03-03 10:30']],
    ['month', '2026-03-10T10:30', ['2026-03-01 00:00', '2026-03-10 10:30'], ['2026-02-01 00:00', '2026-02-10 10:30']],
    ['month', '2026-03-31T10:30', ['2026-03-01 00:00', '2026-03-31 10:30'], ['2026-02-01 00:00', '2026-02-28 10:30']],
    ['month', '2026-01-15T10:30', ['2026-01-01 00:00', '2026-01-15 10:30'], ['2025-12-01 00:00', '2025-12-15 10:30']],
    ['year', '2026-03-10T10:30', ['2025-01-01 00:00', '2025-12-31 23:59'], ['2024-01-01 00:00', '2024-12-31 23:59']],
  ])('%s at %s, in any zone', (preset, now, period, before) => {
    for (const zone of zones) {
      const written = (date: Date) => {
        const minutes = minutesAt(date.getTime(), zone);
        return `${dayAt(date.getTime(), zone)} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
      };
      const compared = comparedPeriods(preset, at(now, zone), zone);
      expect([written(compared.period.from), written(compared.period.to)]).toEqual(period);
      expect([written(compared.before.from), written(compared.before.to)]).toEqual(before);
    }
  });

  it('are as long as the days are on which clocks change', () => {
    // In Berlin 2026-03-29 has 23 hours: 2 o'clock is skipped.
    const zone = 'Europe/Berlin';
    const { period, before } = comparedPeriods('today', new Date('2026-03-30T10:30:00Z'), zone);
    expect(period.from.toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(before.from.toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(before.to.toISOString()).toBe('2026-03-29T10:30:00.000Z');
    expect(new Date(momentAt('2026-03-29', 150, zone)).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    // On 2026-10-25 half past two comes twice: the first is meant.
    expect(new Date(momentAt('2026-10-25', 150, zone)).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });

  it('never overlap, never lie in the future, and the one before never ends before it begins', () => {
    fc.assert(
      fc.property(anyPreset, instant, anyZone, (preset, now, zone) => {
        const { period, before } = comparedPeriods(preset, now, zone);
        expect(before.from.getTime()).toBeLessThanOrEqual(before.to.getTime());
        expect(before.to.getTime()).toBeLessThanOrEqual(period.from.getTime());
        expect(period.from.getTime()).toBeLessThanOrEqual(period.to.getTime());
        expect(period.to.getTime()).toBeLessThanOrEqual(now.getTime());
      }),
    );
  });

  it('have days as the address holds them, the last of them today or the end of last year', () => {
    // Where it is still Sunday in London it is Monday in Auckland.
    const now = new Date('2026-03-01T20:00:00Z');
    expect(daysOf('week', now, 'Europe/London')).toEqual({ from: '2026-02-23', to: '2026-03-01' });
    expect(daysOf('week', now, 'Pacific/Auckland')).toEqual({ from: '2026-02-24', to: '2026-03-02' });
    expect(daysOf('year', now, 'UTC')).toEqual({ from: '2025-01-01', to: '2025-12-31' });
  });
});

describe('growth', () => {
  it.each([
    [150n, 100n, 0.5],
    [50n, 100n, -0.5],
    [100n, 100n, 0],
    [0n, 100n, -1],
    [5n, 0n, null],
    [3n * 10n ** 20n, 10n ** 20n, 2],
  ])('from %s, having been %s, is %s', (now, before, share) => {
    expect(growth(now, before)).toBe(share);
  });
});
