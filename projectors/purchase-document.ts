/** What the purchases view holds, and how a document is made of a purchase's state and the names it shows. Pure. */
import { lineTotal, type PurchaseState } from '../domain/index.ts';
import type { ViewSpec } from '../views/view-store.ts';
import { wordsOf } from '../views/words.ts';

export const PURCHASES = 'purchases';

export interface PurchaseLineDoc {
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  /** The product's own price when its stock was reserved. */
  readonly listPrice: number | null;
  /** The price that counts. */
  readonly unitPrice: number | null;
  /** A share of the line's price, in ten-thousandths; null: none. */
  readonly discount: number | null;
  readonly total: number | null;
}

export interface PurchaseDoc {
  readonly _id: string;
  readonly version: number;
  /** What the shop prints for it. */
  readonly number: string | null;
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED' | 'REJECTED';
  readonly customerId: string;
  readonly customerName: string;
  readonly customerKey: string;
  readonly lines: readonly PurchaseLineDoc[];
  /** What it came to; 0 of one that came to nothing, whatever had been reserved for it. */
  readonly total: number;
  readonly placedAt: string;
  readonly confirmedAt: string | null;
  readonly cancelledAt: string | null;
  readonly rejection: { readonly code: string; readonly message: string; readonly field?: string | undefined } | null;
  /** Words of its number, and of the customer's and the products' names, folded, each once. */
  readonly words: readonly string[];
  readonly transactionId: string;
  /** Whose it is; null where nobody's is known. */
  readonly userId: string | null;
}

export const purchasesView: ViewSpec = {
  name: PURCHASES,
  indexes: [
    ['number'],
    ['placedAt'],
    ['total'],
    ['customerKey'],
    ['customerId', 'placedAt'],
    ['lines.productId', 'placedAt'],
    ['status', 'placedAt'],
    ['rejection.code', 'placedAt'],
    ['words', 'placedAt'],
  ],
  lists: ['lines.productId', 'words'],
  filtered: ['userId'],
  // Status by status, day by day: the page's totals and its reports are sums of these.
  totals: { by: [['status'], ['placedAt', 10], ['rejection.code']], sums: ['total'] },
};

export interface ShownNames {
  readonly customerName: string;
  readonly customerKey: string;
  productName(id: string): string;
}

export function purchaseDocument(id: string, state: PurchaseState, names: ShownNames): PurchaseDoc {
  const lines = state.lines.map((line): PurchaseLineDoc => {
    const { productId, quantity, listPrice, unitPrice, discount } = line;
    const productName = names.productName(productId);
    return { productId, productName, quantity, listPrice, unitPrice, discount, total: lineTotal(line) };
  });
  return wordsOfPurchase({
    _id: id,
    version: state.version,
    number: state.number,
    status: state.status,
    customerId: state.customerId,
    customerName: names.customerName,
    customerKey: names.customerKey,
    lines,
    total: cameToNothing(state) ? 0 : state.total,
    placedAt: state.placedAt,
    confirmedAt: state.confirmedAt,
    cancelledAt: state.cancelledAt,
    rejection: state.rejection,
    words: [],
    transactionId: state.transactionId,
    userId: state.userId,
  });
}

/** A purchase's document with another state of the same purchase: the names that it shows stay. */
export function purchaseThen(now: PurchaseDoc, state: PurchaseState): PurchaseDoc {
  const names = new Map(now.lines.map(({ productId, productName }) => [productId, productName]));
  const { customerName, customerKey } = now;
  return purchaseDocument(now._id, state, { customerName, customerKey, productName: (id) => names.get(id) ?? '' });
}

/** Rejected, or cancelled before it was confirmed: nothing was ever bought, and no sum of purchases may hold any of it. */
function cameToNothing({ status, confirmedAt }: PurchaseState): boolean {
  return status === 'REJECTED' || (status === 'CANCELLED' && confirmedAt === null);
}

/** The document with its words made anew from the names in it. */
export function wordsOfPurchase(purchase: PurchaseDoc): PurchaseDoc {
  const names = purchase.lines.map((line) => line.productName);
  return { ...purchase, words: wordsOf(purchase.number ?? '', purchase.customerName, ...names) };
}
