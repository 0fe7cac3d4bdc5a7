/** The aggregates, each a line: the one list of them. What is derived from it stands in `registry.ts`. */
export * from './aggregate.ts';
export * from './customer.ts';
export * from './number.ts';
export { customerIdOf } from './own-ids.ts';
export { HIDDEN, isSealed, PERSONAL_MARK, type Personal, type Sealed } from './personal.ts';
export * from './product.ts';
export * from './purchase.ts';
export { lineTotal, WHOLE_SHARE } from './purchase-price.ts';
export * from './rights.ts';
export { asPrinted, isOnCalendar } from './rules.ts';
export * from './webhook.ts';

import type { Aggregate } from './aggregate.ts';
import { customer } from './customer.ts';
import { number } from './number.ts';
import { product } from './product.ts';
import { purchase } from './purchase.ts';
import type { COMMON_REJECTION_CODES } from './rejection-codes.ts';
import { webhook } from './webhook.ts';

export const aggregates = named({
  customers: customer,
  products: product,
  purchases: purchase,
  numbers: number,
  webhooks: webhook,
});
export type AggregateName = keyof typeof aggregates;

/** The aggregates whose entities people see. */
export type ShownName = {
  readonly [A in AggregateName]: (typeof aggregates)[A] extends { readonly internal: true } ? never : A;
}[AggregateName];

/** The data of an aggregate's commands, by command. */
export type CommandsOf<A extends AggregateName> =
  (typeof aggregates)[A] extends Aggregate<infer _N, infer C, infer _E, infer _S, infer _P> ? C : never;

/** Every code that a rejection can be given: the common ones, and those of each aggregate. */
export type RejectionCode =
  | keyof typeof COMMON_REJECTION_CODES
  | {
      readonly [A in AggregateName]: keyof NonNullable<(typeof aggregates)[A]['rejectionCodes']> & string;
    }[AggregateName];

/** Each under its own name, or the compiler says so. */
function named<T extends { readonly [N in keyof T]: { readonly name: N } }>(list: T): T {
  return list;
}
