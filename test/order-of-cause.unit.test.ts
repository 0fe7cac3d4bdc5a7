/** The records of a transaction stand in the order in which one led to the other, whatever clocks and offsets say. */
import { describe, expect, it } from 'vitest';
import { inOrderOfCause } from '../history/entity-log.ts';
import type { PastRecord } from '../history/past-record.ts';

interface Given {
  readonly kind?: 'commands' | 'events';
  readonly causedBy?: string;
  readonly at?: string;
  readonly topic?: string;
  readonly offset?: number;
}

function record(type: string, { kind = 'commands', causedBy, at = '10', topic = 't', offset = 0 }: Given): PastRecord {
  const rest = { aggregate: 'purchases', entityId: 'p', version: null, issuedBy: null, transactionId: 't' };
  const position = { topic, partition: 0, offset };
  return { ...rest, kind, id: type, type, at, causedBy: causedBy ?? null, data: {}, unreadable: null, position };
}

const typesOf = (records: readonly PastRecord[]) => inOrderOfCause(records).map(({ type }) => type);

describe('the order of cause', () => {
  it('has what was caused behind its cause, also where the clock of the cause is ahead', () => {
    const records = [
      record('reserve', { causedBy: 'place', at: '05' }),
      record('Placed', { kind: 'events', causedBy: 'place', at: '04' }),
      record('place', { at: '10' }),
    ];
    expect(typesOf(records)).toEqual(['place', 'Placed', 'reserve']);
  });

  it('has the events of a step before the commands that follow from them, whatever their offsets', () => {
    const step = [
      record('settle', { causedBy: 'reserved', topic: 'products.commands', offset: 1 }),
      record('Confirmed', { kind: 'events', causedBy: 'reserved', topic: 'purchases.events', offset: 9 }),
      record('note', { causedBy: 'reserved', topic: 'customers.commands', offset: 5 }),
    ];
    const all = [record('reserved', {}), ...step];
    expect(typesOf(all)).toEqual(['reserved', 'Confirmed', 'note', 'settle']);
    expect(typesOf(all.toReversed())).toEqual(['reserved', 'Confirmed', 'note', 'settle']);
  });

  it('ends on records that name each other as their cause', () => {
    expect(typesOf([record('a', { causedBy: 'b' }), record('b', { causedBy: 'a' })])).toHaveLength(2);
  });
});
