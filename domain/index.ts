/** The aggregates, each a line: see `aggregate.ts` for their shape. */

export * from './aggregate.ts';
export * from './customer.ts';
export * from './product.ts';
export * from './purchase.ts';
export { checkPast } from './rules.ts';

import { customer } from './customer.ts';
import { product } from './product.ts';
import { purchase } from './purchase.ts';

export const aggregates = { customers: customer, products: product, purchases: purchase } as const;
export type AggregateName = keyof typeof aggregates;
