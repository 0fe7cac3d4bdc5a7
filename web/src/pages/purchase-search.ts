/** The purchases' search between the address bar and the API: words, customer, product, status, dates and amounts. */
import type { PurchaseFilter, PurchaseStatus } from '../gql/graphql';
import { parseMoney } from '../text/money';

/** In the order of a purchase's life. */
export const STATUSES: readonly PurchaseStatus[] = ['PENDING', 'CONFIRMED', 'CANCELLED', 'REJECTED'];

/** Of a list such as `PENDING,CONFIRMED`. */
export const statusesIn = (text: string): PurchaseStatus[] => {
  const named = text.split(',');
  return STATUSES.filter((status) => named.includes(status));
};

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day in the address means that whole day in the reader's own time; charts put exact times there. */
function instant(text: string | null, end: boolean): string | null {
  if (text === null || text === '') return null;
  const date = DAY.test(text) ? new Date(`${text}T${end ? '23:59:59.999' : '00:00:00.000'}`) : new Date(text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The day part for a date field, of a day or of an exact time. */
export const dayOf = (text: string | null): string => {
  if (text === null || DAY.test(text)) return text ?? '';
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return '';
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
};

/** The API's filter for the parameters in the address; what cannot be understood is left out. */
export function filterOf(params: URLSearchParams): PurchaseFilter {
  const text = params.get('q');
  const customerId = params.get('customer');
  const productId = params.get('product');
  const reason = params.get('reason');
  const status = statusesIn(params.get('status') ?? '');
  const from = instant(params.get('from'), false);
  const to = instant(params.get('to'), true);
  const least = parseMoney(params.get('min') ?? '');
  const most = parseMoney(params.get('max') ?? '');
  return {
    ...(text ? { text } : {}),
    ...(customerId ? { customerId } : {}),
    ...(productId ? { productId } : {}),
    ...(status.length === 0 ? {} : { status }),
    ...(reason ? { rejection: [reason] } : {}),
    ...(from === null && to === null
      ? {}
      : { placedBetween: { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) } }),
    ...(least === null && most === null
      ? {}
      : { totalBetween: { ...(least === null ? {} : { from: least }), ...(most === null ? {} : { to: most }) } }),
  };
}
