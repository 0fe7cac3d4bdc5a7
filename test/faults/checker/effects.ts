/**
 * (b) No transaction has two effects. Seen from three sides: a key always names the same transaction; what a command
 * decided stands on the log once; and all that stands there is what deciding each command once, in order, gives.
 */

import {
  type AggregateName,
  aggregates,
  type Catalogue,
  type Decider,
  decide,
  evolve,
  highestOf,
  isRejection,
  type Versioned,
} from '../../../domain/index.ts';
import { AGGREGATES, type Entry, entriesOf, type History, placeOf, receiptsOf } from '../history.ts';
import { deadPlace, deadPlaces } from './counts.ts';

export function checkEffects(history: History): string[] {
  return [
    ...oneTransactionPerKey(history),
    ...oneCommandPerKey(history),
    ...AGGREGATES.flatMap((aggregate) => [
      ...onceOnTheLog(entriesOf(history, `${aggregate}.events`)),
      // Users' commands may be repeated, and so may a deadline, which finds the purchase ended the second time.
      ...onceOnTheLog(
        entriesOf(history, `${aggregate}.commands`).filter(
          ({ id, transactionId }) => id !== transactionId && !id.endsWith('.deadline'),
        ),
      ),
    ]),
    ...statusesAndEffects(history),
    ...AGGREGATES.flatMap((aggregate) => asDecidedOnce(history, aggregate)),
  ];
}

function oneTransactionPerKey({ operations }: History): string[] {
  const byTransaction = new Map<string, string>();
  // Several bodies of one key are another check's.
  return operations.flatMap((operation) => {
    const { key, user, command } = operation;
    const receipts = receiptsOf(operation);
    const ids = new Set(receipts.map(({ transactionId, id }) => `${transactionId} of ${id}`));
    const violations = ids.size > 1 ? [`${command} ${key} was acknowledged as ${[...ids].join(' and as ')}`] : [];
    for (const { transactionId } of receipts) {
      const other = byTransaction.get(transactionId);
      const own = `${user}'s ${key}`;
      if (other !== undefined && other !== own) violations.push(`${transactionId} is both ${other} and ${own}`);
      byTransaction.set(transactionId, own);
    }
    return violations;
  });
}

/** Of all that came under a key, one command was handed on to its aggregate, once. */
function oneCommandPerKey(history: History): string[] {
  const keys = new Map(entriesOf(history, 'keys.commands').map(({ id, key }) => [id, key]));
  const places = new Map<string, string>();
  return AGGREGATES.flatMap((aggregate) =>
    entriesOf(history, `${aggregate}.commands`).flatMap((entry) => {
      const key = entry.id === entry.transactionId ? keys.get(entry.id) : undefined;
      if (key === undefined) return [];
      const earlier = places.get(key);
      places.set(key, placeOf(entry));
      return earlier === undefined ? [] : [`${placeOf(entry)}: the key of ${entry.id} had its command at ${earlier}`];
    }),
  );
}

function onceOnTheLog(entries: readonly Entry[]): string[] {
  const places = new Map<string, string>();
  return entries.flatMap((entry) => {
    const earlier = places.get(entry.id);
    places.set(entry.id, placeOf(entry));
    return earlier === undefined ? [] : [`${placeOf(entry)}: ${entry.type} ${entry.id} stands at ${earlier} already`];
  });
}

/** A completed transaction has its one effect, a rejected one none; a purchase that was placed has its own life. */
function statusesAndEffects(history: History): string[] {
  const effects = new Map<string, number>();
  for (const aggregate of AGGREGATES) {
    for (const { causationId, transactionId, type } of entriesOf(history, `${aggregate}.events`)) {
      if (causationId === undefined || causationId !== transactionId || type === 'CommandRejected') continue;
      effects.set(causationId, (effects.get(causationId) ?? 0) + 1);
    }
  }
  const last = new Map(entriesOf(history, 'transactions').map((entry) => [entry.key, entry]));
  return [...last].flatMap(([id, entry]) => {
    const { status, command } = entry.data;
    const found = effects.get(id) ?? 0;
    const placed = command === 'placePurchase' && status === 'REJECTED' && found === 1;
    const wanted = status === 'REJECTED' && !placed ? 0 : 1;
    return found === wanted ? [] : [`${placeOf(entry)}: ${command} ${id} is ${status} and has ${found} effects`];
  });
}

/** Decides the commands of each partition again, each transaction's once, and compares with the events beside them. */
function asDecidedOnce(history: History, aggregate: AggregateName): string[] {
  // The three deciders differ in their catalogues alone, and data is read by the catalogue's own schemas.
  const decider = aggregates[aggregate] as unknown as Decider<Catalogue, Catalogue, Versioned, unknown>;
  const violations: string[] = [];
  const dead = deadPlaces(history);
  const readable = entriesOf(history, `${aggregate}.commands`).filter((entry) => !dead.has(deadPlace(entry)));
  for (let partition = 0; partition < history.partitions; partition++) {
    const here = (entry: Entry) => entry.partition === partition;
    const expected = decideAll(decider, readable.filter(here));
    const found = entriesOf(history, `${aggregate}.events`).filter(here);
    for (let at = 0; at < Math.max(expected.length, found.length); at++) {
      const [want, entry] = [expected[at], found[at]];
      const is = entry && textOf(entry);
      if (is === want) continue;
      const place = entry ? placeOf(entry) : `${aggregate}.events/${partition}`;
      violations.push(`${place}: ${is ?? 'nothing'} where deciding the commands in order gives ${want ?? 'nothing'}`);
      // All that follows is moved by this one.
      break;
    }
  }
  return violations;
}

function decideAll(decider: Decider<Catalogue, Catalogue, Versioned, unknown>, commands: readonly Entry[]): string[] {
  const states = new Map<string, Versioned>();
  const seen = new Set<string>();
  return commands.flatMap(({ key, id: commandId, type, data, time: at, transactionId = '', issuedBy = '', roles }) => {
    if (commandId === transactionId) {
      if (seen.has(commandId)) return [];
      seen.add(commandId);
    }
    const was = states.get(key) ?? decider.initialState;
    const command = { type, data: decider.commands[type]?.parse(data) };
    // What tells no roles was written by a build from before they were recorded.
    const recorded = roles === undefined ? 'legacy' : (highestOf(roles.split(',')) ?? 'visitor');
    const authority = commandId === transactionId ? recorded : 'system';
    const outcome = decide(decider, command, was, { commandId, transactionId, issuedBy, authority, at });
    if (isRejection(outcome)) return [`${commandId}/0 CommandRejected ${outcome.code}`];
    return outcome.map((event, at_) => {
      const state = evolve(decider, states.get(key) ?? decider.initialState, event, at);
      states.set(key, state);
      return `${commandId}/${at_} ${event.type} ${decider.notices.includes(event.type) ? '' : state.version}`;
    });
  });
}

function textOf({ id, type, version, data }: Entry): string {
  return `${id} ${type} ${type === 'CommandRejected' ? data.rejection.code : (version ?? '')}`;
}
