/** How a purchase's document is made of the purchase's state and the names it shows. Pure. */
import type { PurchaseState } from '../domain/index.ts';
import { wordsOf } from '../views/words.ts';
import type { LineDoc, PurchaseDoc } from './documents.ts';

export interface ShownNames {
  readonly customerName: string;
  readonly customerKey: string;
  productName(id: string): string;
}

export function purchaseDocument(id: string, state: PurchaseState, names: ShownNames): PurchaseDoc {
  const lines = state.lines.map(({ productId, quantity, unitPrice }): LineDoc => {
    const total = unitPrice === null ? null : unitPrice * quantity;
    return { productId, productName: names.productName(productId), quantity, unitPrice, total };
  });
  return wordsOfPurchase({
    _id: id,
    version: state.version,
    status: state.status,
    customerId: state.customerId,
    customerName: names.customerName,
    customerKey: names.customerKey,
    lines,
    total: state.total,
    placedAt: state.placedAt,
    confirmedAt: state.confirmedAt,
    cancelledAt: state.cancelledAt,
    rejection: state.rejection,
    words: [],
    transactionId: state.transactionId,
  });
}

/** The document with its words made anew from the names in it. */
export function wordsOfPurchase(purchase: PurchaseDoc): PurchaseDoc {
  const names = purchase.lines.map((line) => line.productName);
  return { ...purchase, words: wordsOf(purchase.customerName, ...names) };
}
