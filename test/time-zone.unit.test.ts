/** Days of time zones: where they begin and end, however long they are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOf, momentsOf, parseGivenTime } from '../resolvers/given-time.ts';
import { beginOfDay, dayAfter, localTime, offsetAt, timeZoneNamed } from '../resolvers/time-zone.ts';

const HOUR = 3_600_000;
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tehran'],
  ...['Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Chatham', 'Africa/Casablanca', 'America/Havana', 'Asia/Beirut'],
];
const zone = fc.constantFrom(...ZONES);
const moment = fc.integer({ min: Date.UTC(1972, 0), max: Date.UTC(2040, 0) });

/** The day that a calendar in the zone shows, told by Intl alone. */
function dayShown(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value;
  return `${part('year')}-${part('month')}-${part('day')}`;
}

describe('a day in a time zone', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['Europe/Berlin', '2026-07-04', '2026-07-03T22:00:00.000Z', 24],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5],
    // No midnight: clocks went from 00:00 to 01:00. And two of them: from 01:00 to 00:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
    ['America/Havana', '2018-11-04', '2018-11-04T04:00:00.000Z', 25],
    // Samoa went over the date line and skipped a day.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', 0],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00.000Z', 24],
    ['UTC', '2026-01-01', '2026-01-01T00:00:00.000Z', 24],
  ])('of %s, %s, begins at %s and has %f hours', (zone, day, begin, hours) => {
    const from = beginOfDay(zone, day);
    expect(new Date(from).toISOString()).toBe(begin);
    expect((beginOfDay(zone, dayAfter(day) ?? '') - from) / HOUR).toBe(hours);
  });

  it('always holds the moments at which a calendar there shows it, and no others', () => {
    fc.assert(
      fc.property(zone, moment, (zone, at) => {
        const day = dayShown(zone, at);
        expect(localTime(zone, at).slice(0, 10)).toBe(day);
        expect(beginOfDay(zone, day)).toBeLessThanOrEqual(at);
        expect(beginOfDay(zone, dayAfter(day) ?? '')).toBeGreaterThan(at);
      }),
    );
  });

  it('is known to the second, as it was before there were zones', () => {
    expect(offsetAt('Africa/Monrovia', Date.UTC(1970, 0))).toBe(-(44 * 60 + 30) * 1000);
  });
});

describe('a time zone', () => {
  it('is known by its IANA name, in any case, and by the names it once had', () => {
    expect(timeZoneNamed('Europe/Berlin')).toBe('Europe/Berlin');
    expect(timeZoneNamed('europe/berlin')).toBe('Europe/Berlin');
    expect(timeZoneNamed('Asia/Kolkata')).toBe(timeZoneNamed('Asia/Calcutta'));
    expect(timeZoneNamed('Etc/GMT+5')).toBeDefined();
  });

  it.each(['', 'Mars/Olympus', '+02:00', 'Europe/Berlin ', 'x'.repeat(100), '__proto__'])('is not %j', (name) => {
    expect(timeZoneNamed(name)).toBeUndefined();
  });
});

describe('a range of times', () => {
  const range = (from: string, to: string, timeZone?: string) =>
    momentsOf({ from: parseGivenTime(from), to: parseGivenTime(to), ...(timeZone ? { timeZone } : {}) }, 'UTC');

  it('holds days as a whole, at both ends', () => {
    expect(range('2026-01-01', '2026-01-31')).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      before: '2026-02-01T00:00:00.000Z',
    });
    expect(range('2026-03-29', '2026-03-29', 'Europe/Berlin')).toEqual({
      from: '2026-03-28T23:00:00.000Z',
      before: '2026-03-29T22:00:00.000Z',
    });
  });

  it('holds exact times as they are, in whatever zone', () => {
    expect(range('2026-01-01T12:00:00+02:00', '2026-01-01T12:00:00Z', 'Asia/Tokyo')).toEqual({
      from: '2026-01-01T10:00:00.000Z',
      to: '2026-01-01T12:00:00.000Z',
    });
  });

  it('goes by the zone asked for, unless it names its own', () => {
    const from = parseGivenTime('2026-01-01');
    expect(momentsOf({ from }, 'Asia/Tokyo')).toEqual({ from: '2025-12-31T15:00:00.000Z', to: undefined });
    expect(momentsOf({ from, timeZone: 'UTC' }, 'Asia/Tokyo')).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: undefined,
    });
  });

  it('has no end where the last day of all is', () => {
    expect(range('9999-12-31', '9999-12-31')).toEqual({ from: '9999-12-31T00:00:00.000Z', before: undefined });
  });

  it('is none when none is given', () => {
    expect(momentsOf(undefined)).toBeUndefined();
    expect(momentsOf({})).toEqual({ from: undefined, to: undefined });
  });
});

describe('a day where a time is needed', () => {
  it('means its beginning in UTC', () => {
    expect(momentOf(parseGivenTime('1996-07-04'))).toBe('1996-07-04T00:00:00.000Z');
    expect(momentOf(parseGivenTime('1996-07-04T10:00:00+02:00'))).toBe('1996-07-04T08:00:00.000Z');
  });
});
