/** Names from before there was a master key stand on the log for ever: readers are not given those of the erased. */
import { beforeEach, describe, expect, it } from 'vitest';
import { customer, evolve } from '../domain/index.ts';
import { isReadable } from '../domain/personal.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { subjectErasedRecord } from '../records/subject-key.ts';
import { KeyRing } from '../sealing/key-ring.ts';
import { openedLog } from '../sealing/opened-log.ts';

const at = '2026-01-01T00:00:00.000Z';
const names = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };
let ring: KeyRing;

beforeEach(() => {
  ring = new KeyRing(undefined);
  const { topic, key, value, headers } = subjectErasedRecord({ subject: 'ada', source: '/test', at });
  ring.take({ topic, partition: 0, offset: 0, key, value: Buffer.from(String(value)), headers, timestamp: 0 });
});

function record(topic: string, type: string, subject: string, data: unknown, key = subject): LogRecord {
  const headers = toHeaders({ id: 'i', type, source: '/test', subject, time: at, version: 1 });
  return { topic, partition: 0, offset: 0, key, value: Buffer.from(JSON.stringify(data)), headers, timestamp: 0 };
}

/** The same record by each way in which a log is read. */
async function readBack(one: LogRecord): Promise<unknown> {
  const followed: LogRecord[] = [];
  const inner = {
    follow: async ({ onBatch }: Parameters<EventLog['follow']>[0]) =>
      await onBatch({ topic: one.topic, partition: 0, from: 0, next: 1, records: [one] }),
    async *read() {
      yield [one];
    },
    recordsAt: async () => [undefined, one],
  } as unknown as EventLog;
  const log = openedLog(inner, { ring, settle: async () => undefined });
  await log.follow({
    name: 't',
    topics: [],
    from: 'beginning',
    onBatch: ({ records }) => void followed.push(...records),
  });
  for await (const records of log.read({ topic: one.topic, partition: 0 })) followed.push(...records);
  followed.push(...(await log.recordsAt([])).filter((found) => found !== undefined));
  expect(followed).toHaveLength(3);
  const [first, ...others] = followed.map(({ value }) => JSON.parse(String(value)) as unknown);
  for (const other of others) expect(other).toEqual(first);
  return first;
}

const asked = (customerId: string) => ({
  ...{ numberId: 'n', number: '1', holder: customerId, claim: 'c', kind: 'customers' },
  change: { type: 'registerCustomer', data: { customerId, ...names } },
});
const state = { version: 1, ...names, removed: true, registeredAt: at, userId: null, number: null, claim: null };
const records = (id: string): readonly (readonly [string, LogRecord])[] => [
  ['a command', record('customers.commands', 'registerCustomer', id, { customerId: id, ...names })],
  ['a command under a key', record('keys.commands', 'updateCustomer', id, { customerId: id, ...names }, 'key')],
  ['an event', record('customers.events', 'CustomerRegistered', id, names)],
  ['a notice', record('customers.events', 'CustomerNumberAsked', id, asked(id))],
  ['a state', record('customers.state', 'State', id, state)],
  ["a number's command", record('numbers.commands', 'claimNumber', 'n', asked(id))],
  ["a number's event", record('numbers.events', 'NumberClaimed', 'n', asked(id))],
];

describe('names that were never sealed', () => {
  it.each(records('ada'))('are not in %s of somebody who was erased', async (_, one) => {
    const shown = JSON.stringify(await readBack(one));
    expect(shown).not.toMatch(/Ada|Lovelace|example/);
    expect(shown).toContain('"lastName":{"sealed":""}');
  });

  it.each(records('grace'))('stay in %s of others, as it stands there', async (_, one) => {
    expect(await readBack(one)).toEqual(JSON.parse(String(one.value)));
  });

  it('are not there in a shape that the schemas refuse, and still tell that the log can be read', async () => {
    const data = customer.events.CustomerRegistered.parse(
      await readBack(record('customers.events', 'CustomerRegistered', 'ada', names)),
    );
    expect(isReadable(data.lastName)).toBe(true);
    const then = evolve(customer, customer.initialState, { type: 'CustomerRegistered', data }, at);
    expect(then).toMatchObject({ version: 1, readable: true });
  });
});
