/** The projectors, one per view, each a line, and what runs them: `projection.ts`. */
import { customers } from './customers.ts';
import { products } from './products.ts';
import type { Projector } from './projector.ts';
import { purchases } from './purchases.ts';
import { transactions } from './transactions.ts';

export { type ProjectionOptions, startProjection } from './projection.ts';

export const projectors: readonly Projector[] = [customers, products, purchases, transactions];

/**
 * Names the documents' shape: change it whenever a projector or a document changes, and views of another shape are
 * rebuilt at the next start.
 */
export const SHAPE = '2';
