/** The stock's books: received = free + reserved + sold, and none of them negative. Pure. */
import type { PublishedProduct } from '../domain/index.ts';

export type StockFigures = Pick<PublishedProduct, 'received' | 'free' | 'reserved' | 'sold'>;

export interface StockError {
  readonly what: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export function isStocked(state: unknown): state is StockFigures {
  return typeof state === 'object' && state !== null && 'received' in state && 'sold' in state;
}

export function* stockErrors({ received, free, reserved, sold }: StockFigures): Iterable<StockError> {
  const found = { received, free, reserved, sold };
  if (Math.min(received, free, reserved, sold) < 0) yield { what: 'stock below 0', expected: 'none below 0', found };
  if (![received, free, reserved, sold].every(Number.isSafeInteger)) {
    yield { what: 'stock in whole numbers below 2^53', expected: 'nothing larger', found };
    return;
  }
  // Of numbers the sum may be rounded to what it should be.
  const sum = BigInt(free) + BigInt(reserved) + BigInt(sold);
  if (BigInt(received) !== sum)
    yield { what: 'received = free + reserved + sold', expected: received, found: { sum: Number(sum), ...found } };
}
