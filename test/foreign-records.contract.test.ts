/** Records of others on the topics of states and parts, and commands too large for a letter: nothing stops, nothing is lost. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord, NewRecord, Running } from '../log/event-log.ts';
import { readDeadLetters } from '../operations/dead-letters.ts';
import { startProcessors } from '../processors/index.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, stateTopic, topicSpecs } from '../records/topics.ts';

let folder: string;
let log: EventLog;
let running: Running[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  log = await openEmbeddedLog({ dir: folder });
  await log.createTopics(topicSpecs(1));
});
afterEach(async () => {
  await stop();
  await log.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  running = [...(await startProcessors({ log, partitions: 1, timeouts: { purchases: 60_000 } })).values()];
}

async function stop(): Promise<void> {
  for (const one of running.splice(0)) await one.stop();
}

async function caughtUp(): Promise<void> {
  // Three times: a purchase goes to products and customers, and back.
  for (let round = 0; round < 4; round++) for (const one of running) await one.caughtUp();
}

function command(type: string, aggregate: string, id: string, data: object): NewRecord {
  const transactionId = randomUUID();
  const headers = toHeaders({
    ...{ id: transactionId, type, source: '/test', subject: id, time: new Date().toISOString() },
    ...{ transactionid: transactionId, issuedby: 'ada', roles: 'admin' },
  });
  return { topic: commandsTopic(aggregate), key: id, value: JSON.stringify(data), headers };
}

async function newest(topic: string, key: string): Promise<LogRecord | undefined> {
  let last: LogRecord | undefined;
  for await (const batch of log.read({ topic, partition: 0 })) for (const one of batch) if (one.key === key) last = one;
  return last;
}

async function sold(): Promise<void> {
  await start();
  await log.append([
    command('registerCustomer', 'customers', 'c', { customerId: 'c', firstName: 'A', lastName: 'L', email: null }),
    command('addProduct', 'products', 'p', { productId: 'p', name: 'Chai', price: 100, stock: 10 }),
  ]);
  await caughtUp();
  const lines = [{ productId: 'p', quantity: 3 }];
  await log.append([command('placePurchase', 'purchases', 'o', { purchaseId: 'o', customerId: 'c', lines })]);
  await caughtUp();
  await stop();
}

const FOREIGN: Readonly<Record<string, (was: LogRecord) => Pick<NewRecord, 'value' | 'headers'>>> = {
  'what is no JSON': () => ({ value: '{', headers: {} }),
  'JSON of another kind': ({ headers }) => ({ value: '{"version":"one"}', headers }),
  'a state without headers': ({ value }) => ({ value, headers: {} }),
  'a state of another version than it says': ({ value, headers }) => ({
    value,
    headers: { ...headers, ce_version: '99' },
  }),
  'a tombstone': () => ({ value: null, headers: {} }),
};

describe('a foreign record on a topic of states', () => {
  it.each(Object.entries(FOREIGN))('stops nothing and covers nothing: %s', async (_, foreign) => {
    await sold();
    const topic = stateTopic('products');
    const right = await newest(topic, 'p');
    if (right === undefined) throw new Error('no state');
    await log.append([
      { topic, key: 'p', ...foreign(right) },
      { topic, key: 'nobody', ...foreign(right) },
    ]);
    await start();
    await log.append([command('restockProduct', 'products', 'p', { productId: 'p', quantity: 5 })]);
    await caughtUp();
    const state = await newest(topic, 'p');
    expect(JSON.parse(String(state?.value))).toEqual({
      ...JSON.parse(String(right.value)),
      ...{ version: JSON.parse(String(right.value)).version + 1, received: 15, free: 12 },
    });
    expect(await newest(topic, 'nobody')).toMatchObject({ value: null, headers: { ce_type: 'Nothing' } });
    const letters = await readDeadLetters(log);
    expect(letters.map(({ topic, record }) => [topic, record.key])).toEqual([
      [topic, 'p'],
      [topic, 'nobody'],
    ]);
    // What the purchase held of it is known as well: it is given back once, and a restart finds nothing foreign any more.
    await stop();
    await start();
    await log.append([command('cancelPurchase', 'purchases', 'o', { purchaseId: 'o' })]);
    await caughtUp();
    expect(JSON.parse(String((await newest(topic, 'p'))?.value))).toMatchObject({ received: 15, free: 15, sold: 0 });
    expect(await readDeadLetters(log)).toHaveLength(2);
  });

  it('stops nothing and covers nothing among the parts', async () => {
    await sold();
    const topic = 'products.allocations';
    await log.append([
      { topic, key: 'p/o', value: '?', headers: {} },
      { topic, key: 'p/x', value: null, headers: {} },
    ]);
    await start();
    await log.append([command('cancelPurchase', 'purchases', 'o', { purchaseId: 'o' })]);
    await caughtUp();
    expect(JSON.parse(String((await newest(stateTopic('products'), 'p'))?.value))).toMatchObject({ free: 10, sold: 0 });
    expect((await readDeadLetters(log)).map(({ topic, record }) => [topic, record.key])).toEqual([
      [topic, 'p/o'],
      [topic, 'p/x'],
    ]);
  });
});

describe('a foreign record on a partition without any commands', () => {
  it.each([stateTopic('customers'), 'products.allocations', 'keys.uses', 'transactions'])(
    'is told of by the next start, and once: %s',
    async (topic) => {
      const long = `p/${'x'.repeat(20_000)}`;
      await log.append([
        { topic, key: 'p/o', value: '?', headers: {} },
        { topic, key: long, value: '?', headers: {} },
      ]);
      await start();
      await caughtUp();
      expect((await readDeadLetters(log)).map((letter) => [letter.topic, letter.offset])).toEqual([
        [topic, 0],
        [topic, 1],
      ]);
      if (topic === 'transactions') return;
      expect(await newest(topic, 'p/o')).toMatchObject({ value: null, headers: { ce_type: 'Nothing' } });
      expect(await newest(topic, long)).toMatchObject({ value: null, headers: { ce_type: 'Nothing' } });
    },
  );
});

describe('a command too large for a letter', () => {
  it('is set aside with its beginning, size and hash, and holds nobody up', async () => {
    await start();
    const huge = 'x'.repeat(2_000_000);
    await log.append([
      { topic: commandsTopic('customers'), key: 'big', value: huge, headers: { h: '1' } },
      { topic: commandsTopic('customers'), key: 'k'.repeat(20_000), value: 'x', headers: { dead_key: 'x' } },
      command('registerCustomer', 'customers', 'c', { customerId: 'c', firstName: huge, lastName: 'L', email: null }),
      command('registerCustomer', 'customers', 'd', { customerId: 'd', firstName: 'A', lastName: 'L', email: null }),
    ]);
    await caughtUp();
    expect(await newest(stateTopic('customers'), 'd')).toBeDefined();
    const letters = await readDeadLetters(log);
    expect(letters).toMatchObject([
      { truncated: ['value'], size: 2_000_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { truncated: ['headers', 'key'], size: 1 },
      { truncated: ['value'], reason: expect.stringMatching(/value: it takes 20\d+ bytes/) },
    ]);
    expect(letters[0]?.record.value?.length).toBe(65_536);
  });
});
