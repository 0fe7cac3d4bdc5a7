/** What a purchase's lines cost: exact, in minor units. The price that counts is the agreed one or else the product's own. */
import type { PurchaseState } from './purchase.ts';

/** A discount is a share of a line's price in ten-thousandths: 1500 is 15 %. This is the whole of it. */
export const WHOLE_SHARE = 10_000;

interface PricedLine {
  readonly quantity: number;
  /** null: not known yet. */
  readonly unitPrice: number | null;
  readonly discount: number | null;
}

/** quantity × unit price less the discount, half a minor unit rounded up; null as long as the price is not known. */
export function lineTotal({ quantity, unitPrice, discount }: PricedLine): number | null {
  if (unitPrice === null) return null;
  if (!discount) return quantity * unitPrice;
  // BigInt: in ten-thousandths the largest line is beyond 2^53.
  const parts = BigInt(quantity) * BigInt(unitPrice) * BigInt(WHOLE_SHARE - discount);
  return Number((parts + BigInt(WHOLE_SHARE / 2)) / BigInt(WHOLE_SHARE));
}

/** The sum of the lines whose price is known. */
export function totalOf(lines: readonly PricedLine[]): number {
  return lines.reduce((sum, line) => sum + (lineTotal(line) ?? 0), 0);
}

/** The lines once the stock of this product is reserved, at the product's own price. */
export function reserveLine(
  lines: PurchaseState['lines'],
  productId: string,
  listPrice: number,
): PurchaseState['lines'] {
  return lines.map((line) =>
    line.productId === productId ? { ...line, listPrice, unitPrice: line.agreedPrice ?? listPrice } : line,
  );
}
