/** Spans of time that people ask for, each with the one before to compare it with, by the clocks of one zone. No DOM. */
import { addDays, addMonths, dayAt, minutesAt, momentAt } from './days';

export type Preset = 'today' | 'week' | 'month' | 'year';

/** The presets with their titles. */
export const presets: readonly (readonly [Preset, string])[] = [
  ['today', 'Today'],
  ['week', '7 days'],
  ['month', 'This month'],
  ['year', 'Last year'],
];

/** Both ends belong to it. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export interface Compared {
  /** What has passed of it by now. */
  readonly period: Period;
  /** As much of the one before: today until half past ten is compared with yesterday until half past ten. */
  readonly before: Period;
  /** What `before` is called. */
  readonly beforeTitle: string;
}

/**
 * @param now to the minute, so that what is asked for does not change with every look at the clock
 * @param timeZone whose days and months they are
 */
export function comparedPeriods(preset: Preset, now: Date, timeZone: string): Compared {
  const today = dayAt(now.getTime(), timeZone);
  const minutes = minutesAt(now.getTime(), timeZone);
  const month = `${today.slice(0, 8)}01`;
  const begin = (day: string) => new Date(momentAt(day, 0, timeZone));
  /** The same time of day on another day. Days are counted in the calendar: those on which clocks change are shorter or longer. */
  const sameTime = (day: string) => new Date(momentAt(day, minutes, timeZone));
  const until = (day: string) => new Date(begin(day).getTime() - 1);
  switch (preset) {
    case 'today':
      return {
        period: { from: begin(today), to: now },
        before: { from: begin(addDays(today, -1)), to: earlier(sameTime(addDays(today, -1)), until(today)) },
        beforeTitle: 'yesterday, until this time',
      };
    case 'week': {
      const first = addDays(today, -6);
      return {
        period: { from: begin(first), to: now },
        before: { from: begin(addDays(first, -7)), to: earlier(sameTime(addDays(today, -7)), until(first)) },
        beforeTitle: 'the 7 days before, until this time',
      };
    }
    case 'month': {
      const first = addMonths(month, -1);
      // Months differ in length: of the 31st the month before may have the 28th at most.
      const day = Math.min(Number(today.slice(8)), Number(addDays(month, -1).slice(8)));
      return {
        period: { from: begin(month), to: now },
        before: { from: begin(first), to: earlier(sameTime(addDays(first, day - 1)), until(month)) },
        beforeTitle: 'last month, until this day and time',
      };
    }
    case 'year': {
      const year = `${today.slice(0, 4)}-01-01`;
      const [first, before] = [addMonths(year, -12), addMonths(year, -24)];
      return {
        period: { from: begin(first), to: until(year) },
        before: { from: begin(before), to: until(first) },
        beforeTitle: 'the year before',
      };
    }
  }
}

/** A time of day that clocks skip may come to lie on the day after. */
const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** The first and the last day of a preset, as date fields and addresses have them: `2026-03-01`. */
export function daysOf(preset: Preset, now: Date, timeZone: string): { readonly from: string; readonly to: string } {
  const { from, to } = comparedPeriods(preset, now, timeZone).period;
  return { from: dayAt(from.getTime(), timeZone), to: dayAt(to.getTime(), timeZone) };
}

/** By how much it has grown, as a share of what it was: 0.5 is half as much again; null when it was nothing. */
export function growth(now: bigint, before: bigint): number | null {
  return before === 0n ? null : Number(((now - before) * 10_000n) / before) / 10_000;
}
