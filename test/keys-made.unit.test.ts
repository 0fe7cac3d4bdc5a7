/** Keys of subjects stay on the log for ever: which commands may bring one about. */
import { describe, expect, it } from 'vitest';
import { customerIdOf } from '../domain/index.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { commandsTopic, SUBJECT_KEYS } from '../records/topics.ts';
import { MasterKeys, newMasterKey } from '../sealing/master-keys.ts';
import { Sealer } from '../sealing/sealer.ts';
import { SubjectKeys } from '../sealing/subject-keys.ts';

import { type BackPressureLimits, Overloaded } from '../transactions/back-pressure.ts';
import { knownIn } from '../transactions/known-entities.ts';
import { createSubmit } from '../transactions/submit.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import type { Doc } from '../views/view-store.ts';

const PARTITIONS = 4;
const ada: ViewerIdentity = { id: 'ada', roles: [], isAdmin: false };
const staff: ViewerIdentity = { id: 'sam', roles: ['staff'], isAdmin: false };

/** A gateway whose views show these customers, by version. */
async function gateway(shown: Readonly<Record<string, number>> = {}, backPressure?: BackPressureLimits) {
  const appended: NewRecord[] = [];
  const log = {
    async append(records: readonly NewRecord[]) {
      appended.push(...records);
      return [];
    },
    ends: async () => [],
  } as unknown as EventLog;
  const masters = new MasterKeys(newMasterKey());
  const keys = await SubjectKeys.read({ log, partitions: PARTITIONS, masters });
  const get = async <D extends Doc>(_: string, ids: readonly string[]) =>
    new Map(ids.flatMap((_id) => (_id in shown ? [[_id, { _id, version: shown[_id] } as unknown as D] as const] : [])));
  const tracker = { underKey: async () => [], unfinishedOf: () => 0, kept: 3, appended: <R>(record: R) => record };
  const submit = createSubmit({
    ...{ log, tracker, partitions: PARTITIONS, sealer: new Sealer(keys, masters), isKnown: knownIn({ get }) },
    ...(backPressure && { backPressure }),
  });
  return {
    update: (viewer: ViewerIdentity, customerId: string) =>
      submit({
        ...{ aggregate: 'customers', command: 'updateCustomer', data: { customerId, lastName: 'Lovelace' } },
        ...{ idempotencyKey: undefined, viewer, traceparent: undefined },
      }),
    keys: () => appended.filter(({ topic }) => topic === SUBJECT_KEYS),
    commands: () => appended.filter(({ topic }) => topic === commandsTopic('customers')),
  };
}

describe('a command that brings a name', () => {
  it('makes no key when it is about a customer that a user has made up, and is written sealed for nobody', async () => {
    const { update, keys, commands } = await gateway({ placeholder: 0 });
    for (const id of ['x1', 'x2', 'placeholder']) await update(ada, id);
    expect(keys()).toEqual([]);
    expect(commands()).toHaveLength(3);
    for (const { value } of commands()) expect(String(value)).toMatch(/"lastName":\{"sealed":/);
  });

  it.each([
    ['that the views show', ada, 'c1'],
    ['whose registration the user may have begun', ada, customerIdOf('ada')],
    ['and staff gives it, who may register any', staff, 'x1'],
  ])('makes one, and once, for a customer %s', async (_, viewer, id) => {
    const { update, keys } = await gateway({ c1: 1 });
    await update(viewer, id);
    await update(ada, id);
    expect(keys()).toHaveLength(1);
  });

  it('makes none when it is refused for having too many before it', async () => {
    const { update, keys, commands } = await gateway({}, { appendingBytes: 0, transactions: 3 });
    await expect(update(staff, 'x1')).rejects.toThrow(Overloaded);
    expect([...keys(), ...commands()]).toEqual([]);
  });
});
