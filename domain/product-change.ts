/** Adding and changing a product: at once or, where it brings a number, when that number's owner has given it. */
import { z } from 'zod';
import { type CommandMeta, isRejection, type Message, type Rejection } from './aggregate.ts';
import { renumbering, wantsNumber } from './number-claim.ts';
import type { ProductCommands, ProductEvents, ProductState } from './product.ts';
import { mustBeNew, mustExist } from './rules.ts';

/** What the shop prints for it. Where it was left out, or is null: nothing. */
const number = z.string().nullable().optional();

export const addProduct = z.object({
  productId: z.string(),
  name: z.string(),
  price: z.int(),
  stock: z.int(),
  number,
});

/** What is left out stays as it is. */
export const updateProduct = z.object({
  productId: z.string(),
  name: z.string().optional(),
  price: z.int().optional(),
  number,
  ifVersion: z.int().min(1, 'must be at least 1').optional(),
});

/** A user's command that waits for a number. */
export const productChange = z.union([
  z.object({ type: z.literal('addProduct'), data: addProduct }),
  z.object({ type: z.literal('updateProduct'), data: updateProduct }),
]);
type ProductChange = z.infer<typeof productChange>;

type Events = readonly Message<ProductEvents>[];

/** A user's own command: what it does or, where it wants another number, the question for that. */
export function change(of: ProductChange, was: ProductState, meta: CommandMeta): Events | Rejection {
  const outcome = changed(of, was);
  const { number } = of.data;
  if (isRejection(outcome) || !wantsNumber(was, number)) return outcome;
  return [{ type: 'ProductNumberAsked', data: { number, claim: meta.transactionId, change: of } }];
}

/** The number has been given. What has happened to the product meanwhile counts: the change may be rejected now. */
export function changeNumbered(
  { claim, change: of }: ProductCommands['recordProductNumberGiven'],
  was: ProductState,
): Events {
  if (was.claim === claim) return [];
  const outcome = changed(of, was, claim);
  if (!isRejection(outcome)) return outcome;
  const release = { number: of.data.number ?? '', claim };
  return [{ type: 'ProductChangeRejected', data: { command: of.type, rejection: outcome, release } }];
}

function changed(of: ProductChange, was: ProductState, claim?: string): Events | Rejection {
  if (of.type === 'addProduct') {
    const { productId, number, ...added } = of.data;
    const data = { ...added, ...renumbering(was, number, claim) };
    return mustBeNew('product', productId, was) ?? [{ type: 'ProductAdded', data }];
  }
  const { productId, ifVersion, name = was.name, price = was.price, number } = of.data;
  const data = { name, price, ...renumbering(was, number, claim) };
  return mustExist('product', 'productId', productId, was, ifVersion) ?? [{ type: 'ProductUpdated', data }];
}
