/** Spans of time for the overview's charts: the server's groups as bars, with one also where nothing was bought. */
import type { PurchaseGrouping } from '../gql/graphql';
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
const DAY = 24 * HOUR;
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

const layouts: Record<
  Exclude<Span, 'all'>,
  { readonly ms: number; readonly count: number; readonly keyLength: number }
> = {
  hour: { ms: MINUTE, count: 60, keyLength: 16 },
  day: { ms: HOUR, count: 24, keyLength: 13 },
  month: { ms: DAY, count: 30, keyLength: 10 },
};

export interface SalesBar {
  readonly key: string;
  readonly count: number;
  /** Exact, a decimal string. */
  readonly amount: string;
  /** For the height of a bar only; null where the line breaks off. */
  readonly height: number | null;
  readonly from: string;
  readonly to: string;
}

/** Months without any purchase beyond which they are drawn as one break. */
const LONGEST_QUIET = 6;
/** The key of such a break. */
export const QUIET = '⋯';

/** Where the span's first bar begins, or null when the groups decide it. */
export function beginOf(span: Span, now: number): string | null {
  if (span === 'all') return null;
  const { ms, count } = layouts[span];
  return new Date(Math.floor(now / ms) * ms - (count - 1) * ms).toISOString();
}

interface Group {
  readonly key: string;
  readonly count: number;
  readonly amount: string;
}

const bar = (key: string, from: number, to: number, group: Group | undefined): SalesBar => ({
  key,
  count: group?.count ?? 0,
  amount: group?.amount ?? '0.00',
  height: Number(group?.amount ?? 0),
  from: new Date(from).toISOString(),
  to: new Date(to - 1).toISOString(),
});

/**
 * The bars of a span, without a gap between them, also where nothing was bought; long quiet times become one break.
 * @param groups by key, the beginning of an ISO time in UTC: `1996-07`; in order of time
 */
export function barsOf(span: Span, groups: readonly Group[], now: number): SalesBar[] {
  if (span !== 'all') {
    const byKey = new Map(groups.map((group) => [group.key, group]));
    const { ms, count, keyLength } = layouts[span];
    const first = Math.floor(now / ms) * ms - (count - 1) * ms;
    return Array.from({ length: count }, (_, index) => {
      const from = first + index * ms;
      const key = new Date(from).toISOString().slice(0, keyLength);
      return bar(key, from, from + ms, byKey.get(key));
    });
  }
  // While another span is on its way, the groups at hand are still those of the one before.
  const months = groups.filter((group) => group.key.length === MONTH_KEY);
  const bars: SalesBar[] = [];
  for (const group of months) {
    const at = new Date(`${group.key}-01T00:00:00.000Z`);
    const last = bars.at(-1);
    let next = last === undefined ? at : new Date(Date.parse(last.to) + 1);
    if (monthsBetween(next, at) > LONGEST_QUIET) {
      bars.push({ ...bar(QUIET, next.getTime(), at.getTime(), undefined), height: null });
      next = at;
    }
    for (; next < at; next = nextMonth(next)) bars.push(monthBar(next, undefined));
    bars.push(monthBar(at, group));
  }
  return bars;
}

const monthsBetween = (from: Date, to: Date): number =>
  (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();

const nextMonth = (month: Date): Date => new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));

const monthBar = (month: Date, group: Group | undefined): SalesBar =>
  bar(month.toISOString().slice(0, 7), month.getTime(), nextMonth(month).getTime(), group);

const clock = formatter(({ locale }) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }));
const dayName = formatter(
  ({ locale }) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
);
const monthName = formatter(
  ({ locale }) => new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
);

/** What is written under a bar. Minutes and hours are the reader's own; days and months are counted in UTC. */
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
