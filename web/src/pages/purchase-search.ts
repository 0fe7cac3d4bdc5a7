/** The purchases' search between the address bar and the API: words, customer, product, status, dates and amounts. */
import type { DateTimeRange, PurchaseFilter, PurchaseStatus } from '../gql/graphql';
import { dayAt, isDay, pageTimeZone } from '../text/days';
import { parseMoney } from '../text/money';

/** In the order of a purchase's life. */
export const STATUSES: readonly PurchaseStatus[] = ['PENDING', 'CONFIRMED', 'CANCELLED', 'REJECTED'];

/** Of a list such as `PENDING,CONFIRMED`. */
export const statusesIn = (text: string): PurchaseStatus[] => {
  const named = text.split(',');
  return STATUSES.filter((status) => named.includes(status));
};

const DAY = /^\d{4}-\d\d-\d\d$/;

/** What ends a range of times: days of the page's zone, or the exact times that charts put there. What is neither the server refuses. */
function timesOf(from: string, to: string): DateTimeRange {
  return {
    ...(from === '' ? {} : { from }),
    ...(to === '' ? {} : { to }),
    ...(DAY.test(from) || DAY.test(to) ? { timeZone: pageTimeZone() } : {}),
  };
}

/** The day part for a date field, of a day or of an exact time; empty where there is no such day. */
export const dayOf = (text: string | null): string => {
  if (text === null) return '';
  if (DAY.test(text)) return isDay(text) ? text : '';
  const at = Date.parse(text);
  return Number.isNaN(at) ? '' : dayAt(at, pageTimeZone());
};

/** What is wrong with an end of the range in the address; undefined: nothing. */
export function dateProblem(text: string | null): string | undefined {
  if (text === null || text === '') return undefined;
  const at = Date.parse(text);
  // Date.parse takes 30 February for 2 March.
  const there = !Number.isNaN(at) && isDay(text.slice(0, 10));
  return there ? undefined : `There is no date ${text}: choose another.`;
}

/** The API's filter for the parameters in the address. What cannot be understood is left out, but not a date: it would show all. */
export function filterOf(params: URLSearchParams): PurchaseFilter {
  const text = params.get('q');
  const customerId = params.get('customer');
  const productId = params.get('product');
  const reason = params.get('reason');
  const status = statusesIn(params.get('status') ?? '');
  const from = params.get('from') ?? '';
  const to = params.get('to') ?? '';
  const least = parseMoney(params.get('min') ?? '');
  const most = parseMoney(params.get('max') ?? '');
  return {
    ...(text ? { text } : {}),
    ...(customerId ? { customerId } : {}),
    ...(productId ? { productId } : {}),
    ...(status.length === 0 ? {} : { status }),
    ...(reason ? { rejection: [reason] } : {}),
    ...(from === '' && to === '' ? {} : { placedBetween: timesOf(from, to) }),
    ...(least === null && most === null
      ? {}
      : { totalBetween: { ...(least === null ? {} : { from: least }), ...(most === null ? {} : { to: most }) } }),
  };
}
