/** The projectors, one per view, and what runs them: `projection.ts`. Those of aggregates are listed in `documents.ts`. */
import { deliveries } from './deliveries.ts';
import { entityProjectors } from './documents.ts';
import { logIndexers } from './log-index.ts';
import type { Projector } from './projector.ts';
import { transactions } from './transactions.ts';

export { SHAPE } from './documents.ts';
export { logIndexers } from './log-index.ts';
export { type ProjectionOptions, startProjection } from './projection.ts';

/** What people are shown: followed together. */
export const projectors: readonly Projector[] = [...entityProjectors, transactions, deliveries];
/** With those of the index, which is followed by itself: nobody waits for it. */
export const everyProjector: readonly Projector[] = [...projectors, ...logIndexers];
