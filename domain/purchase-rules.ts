/** What is decided about a purchase: placing it, confirming it once all have answered, rejecting and cancelling it. */
import type { CommandMeta, Message, Rejection } from './aggregate.ts';
import { MAX_LINES, MAX_QUANTITY, MAX_UNITS } from './limits.ts';
import type { PurchaseCommands, PurchaseEvents, PurchaseState } from './purchase.ts';
import { totalOf, WHOLE_SHARE } from './purchase-price.ts';
import type { RecordedRejection } from './recorded-rejection.ts';
import { checkCount, checkId, checkPrice, firstOf, mustBeNew, mustExist } from './rules.ts';

type Events = readonly Message<PurchaseEvents>[];

/** Confirms once every line is reserved, the customer has approved and the number is given. */
export function confirmWhenComplete({
  lines,
  approved,
  numberGiven,
}: Pick<PurchaseState, 'lines' | 'approved' | 'numberGiven'>): Events {
  if (!approved || !numberGiven || lines.some((line) => line.unitPrice === null)) return [];
  return [{ type: 'PurchaseConfirmed', data: { total: totalOf(lines), settle: lines.map((line) => line.productId) } }];
}

/** Ends it, and gives back its number and what products hold for it: all but the one that rejected it, which holds nothing. */
export function reject(was: PurchaseState, rejection: RecordedRejection, rejectedBy?: string): Events {
  const release = was.lines.map((line) => line.productId).filter((id) => id !== rejectedBy);
  return [
    { type: 'PurchaseRejected', data: { rejection, release, transactionId: was.transactionId, ...numberOf(was) } },
  ];
}

function numberOf({ number }: PurchaseState) {
  return number === null ? {} : { number };
}

/** A customer's own purchase has its owner from the beginning; of another, the customer's approval tells. */
export function place(c: PurchaseCommands['placePurchase'], was: PurchaseState, meta: CommandMeta): Events | Rejection {
  const { customerId, lines, placedAt = meta.at, number } = c;
  const { transactionId, issuedBy, authority } = meta;
  const owner = authority === 'customer' ? { userId: issuedBy } : {};
  const numbered = number === undefined ? {} : { number };
  return (
    mustBeNew('purchase', c.purchaseId, was) ?? [
      { type: 'PurchasePlaced', data: { customerId, lines, placedAt, transactionId, issuedBy, ...owner, ...numbered } },
    ]
  );
}

/** What a pending one has reserved is released, what a confirmed one has bought is taken back. Its number is free again. */
export function cancel(c: PurchaseCommands['cancelPurchase'], was: PurchaseState): Events | Rejection {
  const rejection = mustExist('purchase', 'purchaseId', c.purchaseId, was, c.ifVersion);
  if (rejection) return rejection;
  const products = was.lines.map((line) => line.productId);
  const ended = { transactionId: was.transactionId, ...numberOf(was) };
  switch (was.status) {
    case 'PENDING':
      return [{ type: 'PurchaseCancelled', data: { release: products, takeBack: [], ...ended } }];
    case 'CONFIRMED':
      return [{ type: 'PurchaseCancelled', data: { release: [], takeBack: products, ...ended } }];
    case 'CANCELLED':
    case 'REJECTED':
      return {
        code: 'NOT_CANCELLABLE',
        message: `purchase ${c.purchaseId} is ${was.status.toLowerCase()} already`,
        field: 'purchaseId',
      };
  }
}

/** Why these lines cannot be placed, if so: each product once, and as many as may be bought at once. */
export function checkLines(lines: PurchaseCommands['placePurchase']['lines']): Rejection | undefined {
  const seen = new Map<string, number>();
  return firstOf(
    checkCount('lines', lines.length, 1, MAX_LINES),
    ...lines.slice(0, MAX_LINES).map(({ productId, quantity, unitPrice, discount }, index): Rejection | undefined => {
      const earlier = seen.get(productId);
      seen.set(productId, index);
      if (earlier !== undefined) {
        const message = `lines[${index}].productId is ${productId} again, as in lines[${earlier}]: add up the quantities`;
        return { code: 'INVALID_INPUT', message, field: `lines[${index}].productId` };
      }
      return firstOf(
        checkId(`lines[${index}].productId`, productId),
        checkCount(`lines[${index}].quantity`, quantity, 1, MAX_QUANTITY),
        checkPrice(`lines[${index}].unitPrice`, unitPrice),
        checkDiscount(`lines[${index}].discount`, discount),
      );
    }),
    checkUnits(lines.reduce((sum, { quantity }) => sum + quantity, 0)),
  );
}

function checkDiscount(field: string, discount: number | undefined): Rejection | undefined {
  if (discount === undefined || (discount >= 0 && discount <= WHOLE_SHARE)) return undefined;
  return { code: 'INVALID_INPUT', message: `${field} must be a share from 0 to 1`, field };
}

/** So many at the highest price are a total that is still exact. */
function checkUnits(units: number): Rejection | undefined {
  if (units <= MAX_UNITS) return undefined;
  const message = `lines may have at most ${MAX_UNITS} units in all, they have ${units}`;
  return { code: 'INVALID_INPUT', message, field: 'lines' };
}
