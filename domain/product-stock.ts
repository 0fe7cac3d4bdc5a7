/**
 * How a product's stock moves and adds up: received = free + reserved + sold, and none of them negative. An allocation is what
 * one purchase holds of it.
 */
import type { BrokenInvariant, Message, Rejection } from './aggregate.ts';
import { MAX_ON_HAND } from './limits.ts';
import type { Allocation, ProductEvents, ProductState } from './product.ts';

/**
 * Idempotent: moves an allocation from one stage to the next. At any other stage there is nothing to do: it has been moved
 * already, or cannot be any more.
 */
export function moveOn(
  type: 'StockSettled' | 'StockReleased' | 'StockTakenBack',
  from: Allocation['stage'],
): (c: { purchaseId: string }, was: ProductState) => readonly Message<ProductEvents>[] {
  return ({ purchaseId }, was) => {
    const held = was.allocations.get(purchaseId);
    return held?.stage === from ? [{ type, data: { purchaseId, quantity: held.quantity } }] : [];
  };
}

/** The allocations with that of one purchase at another stage. */
export function allocate(was: ProductState, purchaseId: string, stage: Allocation['stage'], quantity: number) {
  return was.allocations.set(purchaseId, { ...was.allocations.get(purchaseId), stage, quantity });
}

/** Why so many more units cannot be counted, if so. */
export function checkRoom(was: ProductState, quantity: number): Rejection | undefined {
  const onHand = was.free + was.reserved;
  if (onHand + quantity > MAX_ON_HAND) {
    const message = `${onHand} units are on hand, free or reserved: with ${quantity} more there would be over ${MAX_ON_HAND}`;
    return { code: 'STOCK_TOO_LARGE', message, field: 'quantity' };
  }
  // All that is ever received bounds what is free, reserved and sold, also when sales are taken back.
  return was.received + quantity > Number.MAX_SAFE_INTEGER
    ? {
        code: 'STOCK_TOO_LARGE',
        message: `over ${Number.MAX_SAFE_INTEGER} units would have been received`,
        field: 'quantity',
      }
    : undefined;
}

/** Why so many units cannot be taken out of the stock, if so: what is reserved or sold belongs to purchases. */
export function checkFree(was: ProductState, quantity: number): Rejection | undefined {
  if (quantity <= was.free) return undefined;
  const message = `only ${was.free} of ${was.name} are free, ${quantity} were to be written off`;
  return { code: 'INSUFFICIENT_STOCK', message, field: 'quantity' };
}

/** What of the promise at this file's head is broken. */
export function* brokenStock({ received, free, reserved, sold }: ProductState): Iterable<BrokenInvariant> {
  const found = { received, free, reserved, sold };
  if (Math.min(received, free, reserved, sold) < 0) yield { what: 'stock below 0', expected: 'none below 0', found };
  if (![received, free, reserved, sold].every(Number.isSafeInteger)) {
    yield { what: 'stock in whole numbers below 2^53', expected: 'nothing larger', found };
    return;
  }
  // BigInt: beyond 2^53 a sum of numbers is rounded, and could be equal by that alone.
  const sum = BigInt(free) + BigInt(reserved) + BigInt(sold);
  if (BigInt(received) !== sum)
    yield { what: 'received = free + reserved + sold', expected: received, found: { sum: Number(sum), ...found } };
}
