/** Spans of time that people ask for, each with the one before to compare it with. In the reader's own time; no DOM. */

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

const lastDayOf = (year: number, month: number): number => new Date(year, month + 1, 0).getDate();

/** @param now to the minute, so that what is asked for does not change with every look at the clock */
export function comparedPeriods(preset: Preset, now: Date): Compared {
  const [year, month, date, hours, minutes] = [
    now.getFullYear(),
    now.getMonth(),
    now.getDate(),
    now.getHours(),
    now.getMinutes(),
  ];
  /** The same time of day on another day. Days are counted in the calendar: those on which clocks change are shorter or longer. */
  const at = (y: number, m: number, d: number) => new Date(y, m, d, hours, minutes);
  const until = (y: number, m: number, d: number) => new Date(new Date(y, m, d).getTime() - 1);
  switch (preset) {
    case 'today':
      return {
        period: { from: new Date(year, month, date), to: now },
        before: { from: new Date(year, month, date - 1), to: at(year, month, date - 1) },
        beforeTitle: 'yesterday, until this time',
      };
    case 'week':
      return {
        period: { from: new Date(year, month, date - 6), to: now },
        before: { from: new Date(year, month, date - 13), to: at(year, month, date - 7) },
        beforeTitle: 'the 7 days before, until this time',
      };
    case 'month': {
      const same = Math.min(date, lastDayOf(year, month - 1));
      return {
        period: { from: new Date(year, month, 1), to: now },
        before: { from: new Date(year, month - 1, 1), to: at(year, month - 1, same) },
        beforeTitle: 'last month, until this day and time',
      };
    }
    case 'year':
      return {
        period: { from: new Date(year - 1, 0, 1), to: until(year, 0, 1) },
        before: { from: new Date(year - 2, 0, 1), to: until(year - 1, 0, 1) },
        beforeTitle: 'the year before',
      };
  }
}

/** A day as date fields and addresses have it: `2026-03-01`. */
export const dayText = (date: Date): string =>
  `${String(date.getFullYear()).padStart(4, '0')}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;

/** The first and the last day of a preset. */
export function daysOf(preset: Preset, now: Date): { readonly from: string; readonly to: string } {
  const { from, to } = comparedPeriods(preset, now).period;
  return { from: dayText(from), to: dayText(to) };
}

/** By how much it has grown, as a share of what it was: 0.5 is half as much again; null when it was nothing. */
export function growth(now: bigint, before: bigint): number | null {
  return before === 0n ? null : Number(((now - before) * 10_000n) / before) / 10_000;
}
