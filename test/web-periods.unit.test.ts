/** The spans that people ask for, and what each is compared with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparedPeriods, daysOf, dayText, growth, type Preset, presets } from '../web/src/text/periods';

const instant = fc
  .date({ min: new Date('1995-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 60_000) * 60_000));
const anyPreset = fc.constantFrom<Preset>(...presets.map(([preset]) => preset));
const at = (text: string) => new Date(text);
const shown = ({ from, to }: { readonly from: Date; readonly to: Date }) => [written(from), written(to)];
const written = (date: Date) => `${dayText(date)} ${date.toTimeString().slice(0, 5)}`;

describe('a period and the one before it', () => {
  it.each<[Preset, string, [string, string], [string, string]]>([
    ['today', '2026-03-10T10:30', ['2026-03-10 00:00', '2026-03-10 10:30'], ['2026-03-09 00:00', '2026-03-09 10:30']],
    ['today', '2026-01-01T00:00', ['2026-01-01 00:00', '2026-01-01 00:00'], ['2025-12-31 00:00', '2025-12-31 00:00']],
    ['week', '2026-03-10T10:30', ['2026-03-04 00:00', '2026-03-10 10:30'], ['2026-02-25 00:00', '2026-03-03 10:30']],
    ['month', '2026-03-10T10:30', ['2026-03-01 00:00', '2026-03-10 10:30'], ['2026-02-01 00:00', '2026-02-10 10:30']],
    ['month', '2026-03-31T10:30', ['2026-03-01 00:00', '2026-03-31 10:30'], ['2026-02-01 00:00', '2026-02-28 10:30']],
    ['month', '2026-01-15T10:30', ['2026-01-01 00:00', '2026-01-15 10:30'], ['2025-12-01 00:00', '2025-12-15 10:30']],
    ['year', '2026-03-10T10:30', ['2025-01-01 00:00', '2025-12-31 23:59'], ['2024-01-01 00:00', '2024-12-31 23:59']],
  ])('%s at %s', (preset, now, period, before) => {
    const compared = comparedPeriods(preset, at(now));
    expect(shown(compared.period)).toEqual(period);
    expect(shown(compared.before)).toEqual(before);
  });

  it('never overlap, never lie in the future, and the one before never ends before it begins', () => {
    fc.assert(
      fc.property(anyPreset, instant, (preset, now) => {
        const { period, before } = comparedPeriods(preset, now);
        expect(before.from.getTime()).toBeLessThanOrEqual(before.to.getTime());
        expect(before.to.getTime()).toBeLessThanOrEqual(period.from.getTime());
        expect(period.from.getTime()).toBeLessThanOrEqual(period.to.getTime());
        expect(period.to.getTime()).toBeLessThanOrEqual(now.getTime());
      }),
    );
  });

  it('have days as the address holds them, the last of them today or the end of last year', () => {
    expect(daysOf('week', at('2026-03-02T08:00'))).toEqual({ from: '2026-02-24', to: '2026-03-02' });
    expect(daysOf('year', at('2026-03-02T08:00'))).toEqual({ from: '2025-01-01', to: '2025-12-31' });
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
