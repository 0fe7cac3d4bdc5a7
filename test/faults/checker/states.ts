/** (f) State topics = fold of the events: the newest state of each aggregate, and the newest of each part of one. */
import { isDeepStrictEqual } from 'node:util';
import {
  type AggregateName,
  aggregates,
  type Catalogue,
  type Decider,
  evolve,
  type Versioned,
} from '../../../domain/index.ts';
import { AGGREGATES, type Entry, entriesOf, type History, placeOf } from '../history.ts';

type AnyDecider = Decider<Catalogue, Catalogue, Versioned, unknown>;

export function checkStates(history: History): string[] {
  return AGGREGATES.flatMap((aggregate) => {
    // The three differ in their catalogues alone, and data is read by the catalogue's own schemas.
    const decider = aggregates[aggregate] as unknown as AnyDecider;
    const states = fold(decider, entriesOf(history, `${aggregate}.events`));
    return [
      ...compareStates(decider, states, history, aggregate),
      ...compareParts(decider, states, history, aggregate),
    ];
  });
}

function fold(decider: AnyDecider, events: readonly Entry[]): ReadonlyMap<string, Versioned> {
  const states = new Map<string, Versioned>();
  for (const { key, type, data, time } of events) {
    const schema = decider.events[type];
    if (schema === undefined) continue;
    states.set(key, evolve(decider, states.get(key) ?? decider.initialState, { type, data: schema.parse(data) }, time));
  }
  return states;
}

function compareStates(
  decider: AnyDecider,
  folded: ReadonlyMap<string, Versioned>,
  history: History,
  aggregate: AggregateName,
): string[] {
  const newest = new Map(entriesOf(history, `${aggregate}.state`).map((entry) => [entry.key, entry]));
  const expected = new Map<string, unknown>();
  // An aggregate that only gave notice is as it was before its first event, and is not published.
  for (const [id, state] of folded) if (state.version > 0) expected.set(id, decider.parts?.without(state) ?? state);
  return compare(expected, newest, aggregate);
}

function compareParts(
  { parts }: AnyDecider,
  folded: ReadonlyMap<string, Versioned>,
  history: History,
  aggregate: AggregateName,
): string[] {
  if (parts === undefined) return [];
  const newest = new Map(entriesOf(history, `${aggregate}.${parts.name}`).map((entry) => [entry.key, entry]));
  const expected = new Map<string, unknown>();
  for (const [id, state] of folded) {
    for (const [part, value] of parts.all(state)) expected.set(`${id}/${part}`, value);
  }
  return compare(expected, newest, `${aggregate}.${parts.name}`);
}

function compare(expected: ReadonlyMap<string, unknown>, newest: ReadonlyMap<string, Entry>, what: string): string[] {
  const violations: string[] = [];
  for (const [id, value] of expected) {
    const entry = newest.get(id);
    const plain: unknown = JSON.parse(JSON.stringify(value));
    if (entry === undefined) violations.push(`${what} ${id}: the events give a state, and none is published`);
    else if (!isDeepStrictEqual(entry.data, plain)) {
      violations.push(
        `${placeOf(entry)}: ${JSON.stringify(entry.data)} where the events give ${JSON.stringify(plain)}`,
      );
    }
  }
  for (const [id, entry] of newest) {
    if (!expected.has(id)) violations.push(`${placeOf(entry)}: ${what} ${id} is published, and no event gives it`);
  }
  return violations;
}
