/** Days in a time zone, by the rules that Node.js carries: a day there has 23, 24 or 25 hours, and some days there are not. */

export const UTC = 'UTC';
const DAY_MS = 86_400_000;
/** Names alone: offsets such as `+02:00` are known to some versions of Node.js and not to others. */
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;
/** `GMT`, `GMT+05:30`; before standard time to the second: `GMT-00:44:30`. */
const OFFSET = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** Making one takes some 50 µs. By canonical name, so there are as many as zones at most, some 450. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The canonical name of an IANA zone; undefined: there is none of this name. */
export function timeZoneNamed(name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** By how many milliseconds clocks of the zone are ahead of UTC at this moment. @param zone of `timeZoneNamed` */
export function offsetAt(zone: string, at: number): number {
  if (zone === UTC) return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = OFFSET.exec(name);
  if (match === null) throw new Error(`not an offset from UTC: ${name} of ${zone}`);
  const [, sign, hours = 0, minutes = 0, seconds = 0] = match;
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
  return sign === '-' ? -ahead : ahead;
}

/** The time that clocks of the zone show, as `1996-07-04T00:00:00.000`. */
export function localTime(zone: string, at: number): string {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(0, -1);
}

/**
 * The first moment of a day in the zone; of a day that the zone has skipped, the moment at which it did. Not always a midnight:
 * where clocks are put forward at that hour, there is none.
 * @param day `1996-07-04`, one that is on the calendar
 */
export function beginOfDay(zone: string, day: string): number {
  const midnight = Date.parse(day);
  // Bisection: no clock is a day ahead of UTC, or a day behind.
  let [before, over] = [midnight - DAY_MS, midnight + DAY_MS];
  while (over - before > 1) {
    const middle = Math.floor((before + over) / 2);
    if (localTime(zone, middle).slice(0, day.length) < day) before = middle;
    else over = middle;
  }
  return over;
}

/** The day after, by the calendar; undefined: times of it cannot be compared as text. */
export function dayAfter(day: string): string | undefined {
  return day === '9999-12-31' ? undefined : new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, day.length);
}
