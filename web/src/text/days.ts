/** Days of the calendar, written `1996-07-04`, and whose they are. Pure but for the zone that is set. */
import { offsetAt } from '../../../resolvers/time-zone';
import { formatter } from './writing';

const DAY_MS = 86_400_000;

/** The zone whose days the page's days are: the one that is set, or the reader's own. Some browsers do not tell it. */
export const pageTimeZone = formatter(({ timeZone }) => {
  if (timeZone !== undefined) return timeZone;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return /^[A-Za-z]/.test(zone) && zone !== 'Etc/Unknown' ? zone : 'UTC';
});

const NUMBERS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
/** By zone: there is one, or a few. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The day in the zone at a moment. */
export function dayAt(moment: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en', { ...NUMBERS, timeZone });
  formats.set(timeZone, format);
  const parts = format.formatToParts(moment);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/**
 * When clocks of the zone show so many minutes after midnight of a day: the first time, where they are put back. Of a time that
 * they skip, as much later as they are put forward.
 */
export function momentAt(day: string, minutes: number, timeZone: string): number {
  const shown = Date.parse(day) + minutes * 60_000;
  // Clocks change once between these two at most, so that one of the offsets holds unless the time is skipped.
  const offsets = [shown - DAY_MS, shown + DAY_MS].map((near) => offsetAt(timeZone, near));
  const moments = offsets.map((offset) => shown - offset);
  const right = moments.filter((moment) => moment + offsetAt(timeZone, moment) === shown);
  return right.length > 0 ? Math.min(...right) : Math.max(...moments);
}

/** Minutes since midnight that clocks of the zone show, as if no clock had been changed that day. */
export function minutesAt(moment: number, timeZone: string): number {
  const shown = moment + offsetAt(timeZone, moment);
  return Math.floor((((shown % DAY_MS) + DAY_MS) % DAY_MS) / 60_000);
}

/** Whether there is such a day. */
export function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** `days` later; earlier where it is negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, day.length);
}

/** The month `months` after that of a day: its first day. */
export function addMonths(day: string, months: number): string {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1))
    .toISOString()
    .slice(0, 10);
}
