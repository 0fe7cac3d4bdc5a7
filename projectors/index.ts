/** The projectors, one per view, each a line, and what runs them: `projection.ts`. */
import type { AggregateName } from '../domain/index.ts';
import { customers } from './customers.ts';
import { products } from './products.ts';
import type { Projector } from './projector.ts';
import { purchases } from './purchases.ts';
import { transactions } from './transactions.ts';

export { type ProjectionOptions, startProjection } from './projection.ts';

/** Every aggregate has one of its own. */
const ofAggregates: Readonly<Record<AggregateName, Projector>> = { customers, products, purchases };

export const projectors: readonly Projector[] = [...Object.values(ofAggregates), transactions];

/**
 * Names the documents' shape: change it whenever a projector or a document changes, and views of another shape are
 * rebuilt at the next start.
 */
export const SHAPE = '2';
