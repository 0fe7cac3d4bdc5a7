/** What a purchase asks of many products at once, and of the owner of its number. */
import type { FollowUp } from './aggregate.ts';
import { ask } from './follow-up.ts';
import { ownerOfNumber, release } from './number-claim.ts';

/** The same follow-up to each of these products. */
export function askEach(
  type: 'settleStock' | 'releaseStock' | 'takeStockBack',
  products: readonly string[],
  purchaseId: string,
): readonly FollowUp[] {
  return products.map((productId) => ask('products', productId, type, { productId, purchaseId }));
}

/** The purchase's id is that of its one claim. */
export function claimNumber(number: string | undefined, purchaseId: string): readonly FollowUp[] {
  if (number === undefined) return [];
  const numberId = ownerOfNumber('purchases', number);
  const data = { numberId, kind: 'purchases', number, holder: purchaseId, claim: purchaseId } as const;
  return [ask('numbers', numberId, 'claimNumber', data)];
}

/** What a purchase that has ended gives back; whether it ever held it, the owner knows. */
export function giveNumberBack(number: string | undefined, purchaseId: string): readonly FollowUp[] {
  return release('purchases', number === undefined ? undefined : { number, claim: purchaseId });
}
