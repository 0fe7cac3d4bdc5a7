/** Which events can be sent to others: those that change what people see, of all aggregates but the webhooks themselves. */
import { shownAggregates } from './registry.ts';

/** Aggregates whose events are sent, by name. */
export const sentAggregates = shownAggregates.filter(({ name }) => name !== 'webhooks');

/** The names of the events, in the order of the aggregates. */
export const sentEventTypes: readonly string[] = sentAggregates.flatMap(({ events, notices }) =>
  Object.keys(events).filter((type) => !notices.includes(type)),
);
