/** How amounts, numbers and times are written in the reader's language. */

const count = new Intl.NumberFormat();
const amount = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 2 });
const compactAmount = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** `1234` → `1,234`, as the reader's language has it. */
export const formatCount = (value: number): string => count.format(value);

/** `amount` is a decimal string; Intl reads it digit by digit, without passing through a binary fraction. */
export const formatMoney = (money: string): string => amount.format(money as `${number}`);

/** `0.15` → `15%`; exact, as `formatMoney` is. */
export const formatShare = (part: string): string => share.format(part as `${number}`);

/** `12345` → `12.3K`, for the axes of charts. */
export const formatCompact = (value: number): string => compactAmount.format(value);

const isMidnight = (date: Date): boolean => date.getTime() % 86_400_000 === 0;

/** The time alone for today, else the day. Days that came without a time (midnight UTC) are written as that very day. */
export function formatWhen(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (isMidnight(date))
    return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return date.toDateString() === now.toDateString() ? time.format(date) : day.format(date);
}

/** The time of day with milliseconds. */
export const formatTime = (iso: string): string => {
  const date = new Date(iso);
  return `${time.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

/** Day and time in full. */
export function formatExact(iso: string): string {
  const date = new Date(iso);
  return isMidnight(date)
    ? date.toLocaleDateString(undefined, { dateStyle: 'full', timeZone: 'UTC' })
    : exact.format(date);
}

/** `340` → `340 ms`, `1500` → `1.5 s`, `120000` → `2 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** `1 product`, `2 products`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;

/** A customer's first and last name; one of them may be empty. */
export const fullName = (customer: { readonly firstName: string; readonly lastName: string }): string =>
  `${customer.firstName} ${customer.lastName}`.trim();
