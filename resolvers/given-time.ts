/** Times as clients give them: to the moment, or a day, which lasts from one moment to another once it is known where. */
import type { GraphQLError } from 'graphql';
import { isOnCalendar } from '../domain/index.ts';
import { badValue } from './errors.ts';
import type { Range } from './filters.ts';
import { beginOfDay, dayAfter, UTC } from './time-zone.ts';

/** What is given for a `DateTime`. */
export type GivenTime =
  /** ISO 8601 in UTC with milliseconds. */
  | { readonly time: string; readonly day?: undefined }
  /** A day that is on the calendar, `1996-07-04`. */
  | { readonly day: string; readonly time?: undefined };

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Any ISO 8601 date, or date and time with its offset. @throws {GraphQLError} that says what it must be */
export function parseGivenTime(text: unknown): GivenTime {
  const match = typeof text === 'string' ? DATE_TIME.exec(text) : null;
  const at = match === null ? Number.NaN : Date.parse(match[0]);
  if (match === null) throw wrong('ISO 8601 such as "1996-07-04T00:00:00Z", or a day such as "1996-07-04"', text);
  const [given, year, month, date, time] = match;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) >= 1 && Number(month) <= 12 && Number(date) > days)
    throw wrong(`a day that there is: ${year}-${month} has ${days} days`, text);
  // Both: an offset may lead out of the years from 0001 to 9999, in which times can be compared as text.
  const utc = Number.isNaN(at) ? '' : new Date(at).toISOString();
  if (!isOnCalendar(given) || !isOnCalendar(utc)) throw wrong('a time that there is, in the years 0001 to 9999', text);
  return time === undefined ? { day: given } : { time: utc };
}

function wrong(wanted: string, text: unknown): GraphQLError {
  return badValue(`DateTime must be ${wanted}, not ${JSON.stringify(text)}`);
}

/** The moment that is meant where a time is needed: of a day its beginning in UTC. */
export function momentOf(given: GivenTime): string {
  return given.time ?? `${given.day}T00:00:00.000Z`;
}

interface GivenRange {
  readonly from?: GivenTime | null;
  readonly to?: GivenTime | null;
  readonly timeZone?: string | null;
}

/**
 * The moments of a range. A day belongs to it as a whole, at either end.
 * @param timeZone of the days, unless the range names another
 */
export function momentsOf(range: GivenRange | null | undefined, timeZone: string = UTC): Range<string> | undefined {
  if (!range) return undefined;
  const { from, to } = range;
  const zone = range.timeZone ?? timeZone;
  const begin = (day: string) => new Date(beginOfDay(zone, day)).toISOString();
  const next = to?.day === undefined ? undefined : dayAfter(to.day);
  return {
    from: from?.day === undefined ? from?.time : begin(from.day),
    ...(to?.day === undefined ? { to: to?.time } : { before: next === undefined ? undefined : begin(next) }),
  };
}
