/** Copying a system to another number of partitions: what was done stays done there, and goes on; what must be refused is. */

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { decideAgain, type OtherOutcome } from '../audit/decide-again.ts';
import type { AggregateName, CommandsOf } from '../domain/index.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord, Running } from '../log/event-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { copySystem } from '../migration/copy-system.ts';
import { processorOf, startProcessors } from '../processors/index.ts';
import { readStatus } from '../records/status-record.ts';
import {
  commandsTopic,
  eventsTopic,
  KEY_USES,
  PARTS,
  stateTopic,
  TRANSACTIONS,
  topicSpecs,
} from '../records/topics.ts';
import { createSubmit, type Submit } from '../transactions/submit.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { named, openLog } from './log-kafka.counting.ts';

const FROM = 4;
const TO = 7;
const PATIENCE = 60_000;
const ada: ViewerIdentity = { id: 'ada', roles: ['admin'], isAdmin: true };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
}, PATIENCE);

async function embedded(): Promise<EventLog> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  const log = await openEmbeddedLog({ dir });
  ends.push(
    () => rm(dir, { recursive: true }),
    () => log.close(),
  );
  return log;
}

/** Runs what is given on the log with its processors, and stops those. */
async function running<T>(log: EventLog, partitions: number, use: (shop: Shop) => Promise<T>): Promise<T> {
  const processors: Running[] = [...(await startProcessors({ log, partitions })).values()];
  try {
    return await use(new Shop(log, partitions));
  } finally {
    for (const each of processors) await each.stop();
  }
}

class Shop {
  readonly #log: EventLog;
  readonly #partitions: number;
  readonly submit: Submit;

  constructor(log: EventLog, partitions: number) {
    this.#log = log;
    this.#partitions = partitions;
    const tracker = { underKey: async () => [], unfinishedOf: () => 0, kept: 0, appended: <R>(record: R) => record };
    this.submit = createSubmit({ log, partitions, tracker });
  }

  async done(transactionId: string): Promise<string> {
    let status = '';
    const last = async () => {
      for (const record of await all(this.#log, TRANSACTIONS, this.#partitions)) {
        const read = readStatus(record);
        if (read.id === transactionId)
          status = [read.status, ...(read.rejection ? [read.rejection.message] : [])].join(': ');
      }
      return status;
    };
    await expect.poll(last, { timeout: PATIENCE, interval: 50 }).toMatch(/COMPLETED|REJECTED/);
    return status;
  }

  /** The transaction, once it has ended. */
  async do<A extends AggregateName, T extends keyof CommandsOf<A> & string>(
    aggregate: A,
    command: T,
    data: CommandsOf<A>[T],
    idempotencyKey?: string,
  ): Promise<string> {
    const given = { aggregate, command, data, viewer: ada, traceparent: undefined };
    const { transactionId } = await this.submit({ ...given, idempotencyKey });
    await this.done(transactionId);
    return transactionId;
  }
}

async function all(log: EventLog, topic: string, partitions: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    for await (const some of log.read({ topic, partition })) records.push(...some);
  }
  return records;
}

const customer = { customerId: 'c1', firstName: 'Ada', lastName: 'L', email: null };
const product = (productId: string) => ({ productId, name: productId, price: 100, stock: 100 });
const order = (purchaseId: string, quantity = 1) => ({
  ...{ purchaseId, customerId: 'c1', number: `N-${purchaseId}` },
  lines: ['p1', 'p2'].map((productId) => ({ productId, quantity })),
});

/** A system in which everything has happened that can stand on a log; at rest. @returns the transaction under the key */
async function filled(log: EventLog): Promise<string> {
  await log.createTopics(topicSpecs(FROM));
  return await running(log, FROM, async (shop) => {
    await shop.do('customers', 'registerCustomer', customer);
    for (const id of ['p1', 'p2']) await shop.do('products', 'addProduct', product(id));
    for (let n = 0; n < 12; n++) await shop.do('purchases', 'placePurchase', order(`o${n}`));
    await shop.do('purchases', 'placePurchase', order('much', 1000));
    await shop.do('purchases', 'cancelPurchase', { purchaseId: 'o3' });
    return await shop.do('purchases', 'placePurchase', order('keyed'), 'the key');
  });
}

async function stateOf(log: EventLog, topic: string, partitions: number): Promise<ReadonlyMap<string, string>> {
  const newest = new Map<string, string>();
  for (const { key, value } of await all(log, topic, partitions)) if (key !== null) newest.set(key, String(value));
  return newest;
}

async function goesOn(from: EventLog, to: EventLog, keyed: string): Promise<void> {
  for (const name of ['customers', 'products', 'purchases', 'numbers']) {
    const topic = stateTopic(name);
    expect(await stateOf(to, topic, TO), topic).toEqual(await stateOf(from, topic, FROM));
  }
  const eventsBefore = (await all(to, eventsTopic('purchases'), TO)).length;
  await running(to, TO, async (shop) => {
    // Decided anew, a command of before would reserve stock a second time.
    const again = await shop.submit({
      ...{ aggregate: 'purchases', command: 'placePurchase', data: order('keyed') },
      ...{ idempotencyKey: 'the key', viewer: ada, traceparent: undefined },
    });
    expect(again.transactionId).toBe(keyed);
    const next = await shop.do('purchases', 'placePurchase', order('next'));
    expect(await shop.done(next)).toBe('COMPLETED');
    const twice = await shop.do('purchases', 'placePurchase', { ...order('other'), number: 'N-next' });
    expect(await shop.done(twice)).toMatch(/^REJECTED: .*N-next/);
  });
  const products = await stateOf(to, stateTopic('products'), TO);
  // 12 and the one under the key, less one that was cancelled, and the next one.
  expect(JSON.parse(products.get('p1') ?? '{}')).toMatchObject({ free: 100 - 13, sold: 13 });
  const events = await all(to, eventsTopic('purchases'), TO);
  expect(events.filter(({ key }) => key === 'keyed').length).toBe(
    (await all(from, eventsTopic('purchases'), FROM)).filter(({ key }) => key === 'keyed').length,
  );
  expect(events.length).toBeGreaterThan(eventsBefore);
}

describe('a copy with another number of partitions', { timeout: 3 * PATIENCE }, () => {
  it('is equal, goes on where the system was, and gives nothing a second effect', async () => {
    const [from, to] = [await embedded(), await embedded()];
    const keyed = await filled(from);
    const { records, passedOver, differences, audited } = await copySystem({ from, to, partitions: TO });
    expect({ passedOver, differences }).toEqual({ passedOver: [], differences: 0 });
    expect(audited.aggregates).toMatchObject({ customers: 1, products: 2, purchases: 14 });
    for (const topic of [TRANSACTIONS, KEY_USES, PARTS['products'] ?? '', eventsTopic('numbers')]) {
      expect(records[topic], topic).toBeGreaterThan(0);
    }
    // Decided again one by one, each command beside its events.
    const others: OtherOutcome[] = [];
    expect(await decideAgain({ log: to, processorOf, onOther: (other) => others.push(other) })).toBeGreaterThan(40);
    expect(others).toEqual([]);
    await goesOn(from, to, keyed);
  });

  const missing = inject('kafkaMissing');
  it.skipIf(missing !== '')(`takes a system from the embedded log to Kafka${named(missing)}`, async () => {
    const from = await embedded();
    const kafka = openLog({ partitions: TO });
    ends.push(() => kafka.close());
    const keyed = await filled(from);
    const to = prefixed(kafka, `copy-${randomUUID()}.`);
    const { differences } = await copySystem({ from, to, partitions: TO });
    expect(differences).toBe(0);
    await goesOn(from, to, keyed);
  });

  it('is refused while commands are not decided, and of what is not empty', async () => {
    const [from, to] = [await embedded(), await embedded()];
    await filled(from);
    await new Shop(from, FROM).submit({
      ...{ aggregate: 'products', command: 'addProduct', data: product('p3') },
      ...{ idempotencyKey: undefined, viewer: ada, traceparent: undefined },
    });
    await expect(copySystem({ from, to, partitions: TO })).rejects.toThrow(
      /products\.commands holds commands that are not decided/,
    );
    await running(from, FROM, async (shop) => await shop.do('products', 'addProduct', product('p4')));
    await copySystem({ from, to, partitions: TO });
    await expect(copySystem({ from, to, partitions: TO })).rejects.toThrow(/holds records already: choose another/);
  });

  it('is refused while dead letters are open, since they name places of the log', async () => {
    const [from, to] = [await embedded(), await embedded()];
    await from.createTopics(topicSpecs(FROM));
    await from.append([{ topic: commandsTopic('products'), key: 'p1', value: 'no JSON', headers: {} }]);
    await running(from, FROM, async (shop) => await shop.do('products', 'addProduct', product('p1')));
    await expect(copySystem({ from, to, partitions: TO })).rejects.toThrow(
      /dead letters that are not settled.*counterfoil dead/,
    );
  });

  it('finds out that somebody wrote to the system meanwhile', async () => {
    const [from, to] = [await embedded(), await embedded()];
    await filled(from);
    let first = true;
    const onProgress = () => {
      if (first) void from.append([{ topic: eventsTopic('customers'), key: 'c9', value: '{}', headers: {} }]);
      first = false;
    };
    await expect(copySystem({ from, to, partitions: TO, onProgress })).rejects.toThrow(/was written to meanwhile/);
  });
});
