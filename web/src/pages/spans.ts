/** Spans of time for the overview's charts: the server's groups as bars, with one also where nothing was bought. */
import type { PurchaseGrouping } from '../gql/graphql';
import { addDays, addMonths, dayAt } from '../text/days';
import { formatter } from '../text/writing';

export type Span = 'hour' | 'day' | 'month' | 'all';

/** The spans to choose from, with their titles. */
export const spans: readonly (readonly [Span, string])[] = [
  ['hour', 'Hour'],
  ['day', 'Day'],
  ['month', '30 days'],
  ['all', 'All time'],
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MONTH_KEY = '1996-07'.length;

const groupings: Record<Span, PurchaseGrouping> = { hour: 'MINUTE', day: 'HOUR', month: 'DAY', all: 'MONTH' };
/** By what the server groups purchases for the bars of a span. */
export const groupingOf = (span: Span): PurchaseGrouping => groupings[span];

/** What one bar stands for. */
export const perBar: Record<Span, string> = {
  hour: 'per minute',
  day: 'per hour',
  month: 'per day',
  all: 'per month',
};

/** Bars of so many milliseconds each, with keys of as much of an ISO time in UTC as names one. */
const layouts: Record<'hour' | 'day', { readonly ms: number; readonly count: number; readonly keyLength: number }> = {
  hour: { ms: MINUTE, count: 60, keyLength: 16 },
  day: { ms: HOUR, count: 24, keyLength: 13 },
};
/** Bars of the span `month`. */
const DAYS = 30;

export interface SalesBar {
  readonly key: string;
  readonly count: number;
  /** Exact, a decimal string. */
  readonly amount: string;
  /** For the height of a bar only; null where the line breaks off. */
  readonly height: number | null;
  /** As ends of a range of times have it: exact times for minutes and hours, else the first and the last day. */
  readonly from: string;
  readonly to: string;
}

/** Months without any purchase beyond which they are drawn as one break. */
const LONGEST_QUIET = 6;
/** The key of such a break. */
export const QUIET = '⋯';

/** Where the span's first bar begins, or null when the groups decide it. @param timeZone whose days are meant */
export function beginOf(span: Span, now: number, timeZone: string): string | null {
  if (span === 'all') return null;
  if (span === 'month') return addDays(dayAt(now, timeZone), 1 - DAYS);
  const { ms, count } = layouts[span];
  return new Date(Math.floor(now / ms) * ms - (count - 1) * ms).toISOString();
}

interface Group {
  readonly key: string;
  readonly count: number;
  readonly amount: string;
}

const bar = (key: string, from: string, to: string, group: Group | undefined): SalesBar => ({
  key,
  count: group?.count ?? 0,
  amount: group?.amount ?? '0.00',
  height: Number(group?.amount ?? 0),
  from,
  to,
});

/**
 * The bars of a span, without a gap between them, also where nothing was bought; long quiet times become one break.
 * @param groups by key, in order of time: the beginning of an ISO time in UTC, or a day or month of the zone such as `1996-07`
 * @param timeZone whose days and months they are
 */
export function barsOf(span: Span, groups: readonly Group[], now: number, timeZone: string): SalesBar[] {
  if (span === 'all') return monthBars(groups);
  const byKey = new Map(groups.map((group) => [group.key, group]));
  if (span === 'month') {
    const today = dayAt(now, timeZone);
    const days = Array.from({ length: DAYS }, (_, index) => addDays(today, index + 1 - DAYS));
    return days.map((day) => bar(day, day, day, byKey.get(day)));
  }
  const { ms, count, keyLength } = layouts[span];
  const first = Math.floor(now / ms) * ms - (count - 1) * ms;
  return Array.from({ length: count }, (_, index) => {
    const from = new Date(first + index * ms).toISOString();
    const key = from.slice(0, keyLength);
    return bar(key, from, new Date(first + (index + 1) * ms - 1).toISOString(), byKey.get(key));
  });
}

function monthBars(groups: readonly Group[]): SalesBar[] {
  const bars: SalesBar[] = [];
  // While another span is on its way, the groups at hand are still those of the one before.
  for (const group of groups.filter(({ key }) => key.length === MONTH_KEY)) {
    const at = `${group.key}-01`;
    const last = bars.at(-1);
    let next = last === undefined ? at : addDays(last.to, 1);
    if (addMonths(next, LONGEST_QUIET) < at) {
      bars.push({ ...bar(QUIET, next, addDays(at, -1), undefined), height: null });
      next = at;
    }
    for (; next < at; next = addMonths(next, 1)) bars.push(monthBar(next, undefined));
    bars.push(monthBar(at, group));
  }
  return bars;
}

const monthBar = (first: string, group: Group | undefined): SalesBar =>
  bar(first.slice(0, MONTH_KEY), first, addDays(addMonths(first, 1), -1), group);

const clock = formatter(
  ({ locale, timeZone }) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone }),
);
const dayName = formatter(
  ({ locale }) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
);
const monthName = formatter(
  ({ locale }) => new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
);

/** What is written under a bar, of where it begins: a time by the page's clocks, or a day as it is. */
export function barTitle(span: Span, from: string): string {
  const date = new Date(from);
  switch (span) {
    case 'hour':
    case 'day':
      return clock().format(date);
    case 'month':
      return dayName().format(date);
    case 'all':
      return monthName().format(date);
  }
}
