/** How amounts, numbers and times are written: for the locale, in the currency and by the clocks that `writing.ts` holds. */
import { dayAt, pageTimeZone } from './days';
import { formatter, type Writing } from './writing';

const count = formatter(({ locale }) => new Intl.NumberFormat(locale));
const amount = formatter(moneyFormat);
const share = formatter(({ locale }) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }));
const compactAmount = formatter(
  ({ locale }) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }),
);
const percent = formatter(
  ({ locale }) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
);
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const day = formatter(({ locale, timeZone }) => new Intl.DateTimeFormat(locale, { ...DAY, timeZone }));
const dayInUtc = formatter(({ locale }) => new Intl.DateTimeFormat(locale, { ...DAY, timeZone: 'UTC' }));
const time = formatter(
  ({ locale, timeZone }) =>
    new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone }),
);
const short = formatter(
  ({ locale, timeZone }) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }),
);
const exact = formatter(
  ({ locale, timeZone }) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long', timeZone }),
);
const exactDay = formatter(({ locale }) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' }));

/** Amounts have two decimals: where the currency has fewer (JPY), those that are not zero are shown all the same. */
function moneyFormat({ locale, currency }: Writing): Intl.NumberFormat {
  if (currency === undefined)
    return new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const style = { style: 'currency', currency } as const;
  const digits = new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat(locale, {
    ...style,
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, 2),
  });
}

/** `1234` → `1,234`, as the locale has it. */
export const formatCount = (value: number): string => count().format(value);

/** `amount` is a decimal string; Intl reads it digit by digit, without passing through a binary fraction. */
export const formatMoney = (money: string): string => amount().format(money as `${number}`);

/** `0.15` → `15%`; exact, as `formatMoney` is. */
export const formatShare = (part: string): string => share().format(part as `${number}`);

/** `12345` → `12.3K`, for the axes of charts. */
export const formatCompact = (value: number): string => compactAmount().format(value);

/** `0.123` → `+12.3%`. */
export const formatChange = (share: number): string => percent().format(share);

const isMidnight = (date: Date): boolean => date.getTime() % 86_400_000 === 0;

/** The time alone for today, else the day. Days that came without a time (midnight UTC) are written as that very day. */
export function formatWhen(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (isMidnight(date)) return dayInUtc().format(date);
  const zone = pageTimeZone();
  const isToday = dayAt(date.getTime(), zone) === dayAt(now.getTime(), zone);
  return (isToday ? time() : day()).format(date);
}

/** The time of day with milliseconds. */
export const formatTime = (iso: string): string => {
  const date = new Date(iso);
  return `${time().format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

/** Day and time of day, to the minute. */
export const formatMinute = (date: Date): string => short().format(date);

/** Day and time in full. */
export function formatExact(iso: string): string {
  const date = new Date(iso);
  return (isMidnight(date) ? exactDay() : exact()).format(date);
}

/** `340` → `340 ms`, `1500` → `1.5 s`, `120000` → `2 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** `1 product`, `2 products`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;

interface Named {
  readonly firstName: string;
  readonly lastName: string;
  readonly erased?: boolean;
}

/** A customer's first and last name; one of them may be empty, and both are gone of one that was erased. */
export const fullName = ({ firstName, lastName, erased }: Named): string =>
  erased ? 'Erased customer' : `${firstName} ${lastName}`.trim();
