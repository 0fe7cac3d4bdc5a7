/** What is derived from the list of aggregates: all else that goes over all of them asks here. */
import type { Aggregate, Catalogue, Versioned } from './aggregate.ts';
import { type AggregateName, aggregates, type RejectionCode, type ShownName } from './index.ts';
import { COMMON_REJECTION_CODES, type RejectionCodes, type RejectionWords } from './rejection-codes.ts';

/**
 * An aggregate of which nothing but its shape is known. Its functions are only ever given data that its own schemas have
 * read, which the compiler cannot follow across all of them.
 */
export type AnyAggregate = Aggregate<AggregateName, Catalogue, Catalogue, Versioned, unknown, RejectionCodes>;

/** In the order of the list. */
export const allAggregates = Object.values(aggregates) as unknown as readonly AnyAggregate[];

export const aggregateNames: readonly AggregateName[] = allAggregates.map(({ name }) => name);

/** Those whose entities people see. */
export const shownAggregates: readonly AnyAggregate[] = allAggregates.filter(({ internal }) => internal !== true);
export const shownNames = shownAggregates.map(({ name }) => name) as readonly ShownName[];

/** What is said of each code of a rejection: the common codes, then those of each aggregate. No two define the same one. */
export const rejectionCodes: Readonly<Record<RejectionCode, RejectionWords>> = Object.assign(
  {},
  COMMON_REJECTION_CODES,
  ...allAggregates.map(({ rejectionCodes }) => rejectionCodes),
);

export function isAggregateName(name: string): name is AggregateName {
  return Object.hasOwn(aggregates, name);
}

export function isShownName(name: string): name is ShownName {
  return shownAggregates.some((each) => each.name === name);
}

export function aggregateNamed(name: AggregateName): AnyAggregate {
  const found = allAggregates.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no aggregate ${name}`);
  return found;
}

/** What the schema calls an entity of the aggregate: `Customer`, by the field that holds its id. */
export function entityType({ idField }: Pick<AnyAggregate, 'idField'>): string {
  return idField.charAt(0).toUpperCase() + idField.slice(1).replace(/Id$/, '');
}

/** The aggregate that has a command of this name: no two have the same. */
export function aggregateOfCommand(command: string): AggregateName | undefined {
  return allAggregates.find(({ commands }) => Object.hasOwn(commands, command))?.name;
}
