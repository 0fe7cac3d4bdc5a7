/** Dates and times as shop files hold them. A time without an offset is taken as UTC. */
import { isOnCalendar } from '../../domain/rules.ts';
import type { CellReading } from './cell-reading.ts';
import type { DateFormat } from './date-formats.ts';

const YEAR_FIRST = /^(?<year>\d{4})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<day>\d{1,2})(?:$|(?=[T ,]))/u;
const DAY_FIRST = /^(?<day>\d{1,2})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<year>\d{4})(?:$|(?=[T ,]))/u;
const MONTH_FIRST = /^(?<month>\d{1,2})(?<mark>[-/.])(?<day>\d{1,2})\k<mark>(?<year>\d{4})(?:$|(?=[T ,]))/u;
const TIME =
  /^(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?(?:\s*(?<half>[ap])\.?m\.?)?\s*(?<offset>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/iu;

/** The moment as ISO 8601 UTC with milliseconds. */
export function readDate(text: string, format: DateFormat = 'YYYY-MM-DD'): CellReading<string> {
  const date = YEAR_FIRST.exec(text) ?? told(text, format);
  const time = date === null ? null : TIME.exec(text.slice(date[0].length));
  if (date === null || time === null) return { problem: notADate(text, format) };
  const { year = '', month = '', day = '' } = date.groups ?? {};
  const calendar = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isOnCalendar(calendar)) return { problem: 'is a date that is not on the calendar' };
  const ms = timeOfDay(time.groups ?? {});
  if (ms === undefined) return { problem: 'is a time of day that there is not' };
  return { value: new Date(Date.parse(`${calendar}T00:00:00Z`) + ms).toISOString() };
}

/** Only the mark that was told: another one may come from another program, with another order. */
function told(text: string, format: DateFormat): RegExpExecArray | null {
  if (format === 'YYYY-MM-DD') return null;
  const date = (format.startsWith('DD') ? DAY_FIRST : MONTH_FIRST).exec(text);
  return date?.groups?.['mark'] === format.charAt(2) ? date : null;
}

function notADate(text: string, format: DateFormat): string {
  if (format === 'YYYY-MM-DD' && DAY_FIRST.test(text)) {
    return `is a date whose order of day and month must be told: --date-format DD.MM.YYYY, or another of its formats`;
  }
  if (/^\d{5}(\.\d+)?$/u.test(text)) {
    return "is a spreadsheet's number of a day: give the column a date format there, and save it again";
  }
  return `is not a date such as ${format === 'YYYY-MM-DD' ? '2026-01-31' : format}`;
}

/** Milliseconds since midnight UTC; `undefined` for 25 o'clock and the like. */
function timeOfDay(time: Readonly<Record<string, string | undefined>>): number | undefined {
  const [hour, minute, second] = [Number(time['hour'] ?? 0), Number(time['minute'] ?? 0), Number(time['second'] ?? 0)];
  const half = time['half']?.toLowerCase();
  if (minute > 59 || second > 59 || (half === undefined ? hour > 23 : hour < 1 || hour > 12)) return undefined;
  const offset = offsetMinutes(time['offset']);
  if (offset === undefined) return undefined;
  const hour24 = half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
  const ms = Number((time['fraction'] ?? '').padEnd(3, '0').slice(0, 3));
  return ((hour24 * 60 + minute - offset) * 60 + second) * 1000 + ms;
}

/** Offsets go from -12:00 to +14:00. */
function offsetMinutes(offset: string | undefined): number | undefined {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/u.exec(offset ?? '') ?? [];
  if (hours === undefined) return 0;
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) > 59 || total > 14 * 60 ? undefined : sign === '-' ? -total : total;
}
