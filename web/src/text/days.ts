/** Days of the calendar, written `1996-07-04`, and whose they are. Pure but for the clock's zone. */

const DAY_MS = 86_400_000;

/** The zone whose days the page's days are: the reader's own. Some browsers do not tell it. */
export function pageTimeZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return /^[A-Za-z]/.test(zone) && zone !== 'Etc/Unknown' ? zone : 'UTC';
}

/** The day in the zone at a moment. */
export function dayAt(moment: number, timeZone: string): string {
  const numbers = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const parts = new Intl.DateTimeFormat('en', { ...numbers, timeZone }).formatToParts(moment);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
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
