/** The projectors, one per view, and what runs them: `projection.ts`. Those of aggregates are listed in `documents.ts`. */
import { entityProjectors } from './documents.ts';
import type { Projector } from './projector.ts';
import { transactions } from './transactions.ts';

export { SHAPE } from './documents.ts';
export { type ProjectionOptions, startProjection } from './projection.ts';

export const projectors: readonly Projector[] = [...entityProjectors, transactions];
