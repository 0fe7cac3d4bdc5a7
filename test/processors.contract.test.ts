/** The processors on a real log: what a step writes, what a repeat does, and purchases that get no answer. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AggregateName } from '../domain/index.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord, Running } from '../log/event-log.ts';
import { startProcessors } from '../processors/index.ts';
import { attributesOf, toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, deadTopic, eventsTopic, stateTopic, TRANSACTIONS, topicSpecs } from '../records/topics.ts';
import { createSubmit } from '../transactions/submit.ts';

const PARTITIONS = 4;
let folder: string;
let log: EventLog;
const running: Running[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  log = await openEmbeddedLog({ dir: folder });
  await log.createTopics(topicSpecs(PARTITIONS));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  await log.close();
  await rm(folder, { recursive: true });
});

async function start(only?: readonly AggregateName[], purchases = 60_000): Promise<void> {
  const started = await startProcessors({ log, partitions: PARTITIONS, timeouts: { purchases } }, only);
  running.push(...started.values());
}

async function send(
  aggregate: AggregateName,
  type: string,
  id: string,
  data: object,
  transactionId: string = randomUUID(),
) {
  const headers = toHeaders({
    id: transactionId,
    type,
    source: '/test',
    subject: id,
    time: new Date().toISOString(),
    transactionid: transactionId,
    issuedby: 'Ægir, a user',
    roles: 'admin',
  });
  await log.append([{ topic: commandsTopic(aggregate), key: id, value: JSON.stringify(data), headers }]);
  return transactionId;
}

async function all(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const batch of log.read({ topic, partition })) records.push(...batch);
  }
  return records;
}

async function statuses(transactionId: string): Promise<TransactionRecord[]> {
  const records = await all(TRANSACTIONS);
  return records.filter(({ key }) => key === transactionId).map(({ value }) => JSON.parse(String(value)));
}

async function final(transactionId: string): Promise<TransactionRecord> {
  const last = async () => (await statuses(transactionId)).at(-1);
  await expect.poll(async () => (await last())?.finishedAt ?? null, { timeout: 20_000, interval: 5 }).not.toBeNull();
  const record = await last();
  if (record === undefined) throw new Error('no status');
  return record;
}

async function stateOf(topic: string, id: string) {
  const newest = (await all(topic)).filter(({ key }) => key === id).at(-1);
  return newest === undefined ? undefined : JSON.parse(String(newest.value));
}

const registered = (id: string) =>
  send('customers', 'registerCustomer', id, { customerId: id, firstName: 'A', lastName: 'B', email: null });
const added = (id: string, stock: number) =>
  send('products', 'addProduct', id, { productId: id, name: id, price: 100, stock });
const placed = (id: string, productId: string, quantity = 1) =>
  send('purchases', 'placePurchase', id, { purchaseId: id, customerId: 'ada', lines: [{ productId, quantity }] });

describe('processors', () => {
  it('write who issued a transaction, its times and its causes on every record', async () => {
    await start();
    await final(await registered('ada'));
    await final(await added('tea', 5));
    const transactionId = await placed('first', 'tea');
    expect(await final(transactionId)).toMatchObject({
      status: 'COMPLETED',
      issuedBy: 'Ægir, a user',
      entityId: 'first',
    });
    const events = (await all(eventsTopic('purchases'))).map(attributesOf);
    expect(events.map(({ type, version }) => `${type} ${version}`)).toEqual([
      'PurchasePlaced 1',
      expect.stringMatching(/^(LineReserved|CustomerApproved) 2$/),
      expect.stringMatching(/^(LineReserved|CustomerApproved) 3$/),
      'PurchaseConfirmed 4',
    ]);
    expect(new Set(events.map(({ transactionid }) => transactionid))).toEqual(new Set([transactionId]));
    expect(new Set(events.map(({ issuedby }) => issuedby))).toEqual(new Set(['Ægir, a user']));
    expect(new Set((await all(eventsTopic('purchases'))).map(({ key }) => key))).toEqual(new Set(['first']));
  });

  it('give a repeated command no second effect, before and after a restart', async () => {
    await start();
    const first = await added('tea', 5);
    await final(first);
    const again = () =>
      send('products', 'addProduct', 'tea', { productId: 'tea', name: 'x', price: 1, stock: 1 }, first);
    await again();
    for (const one of running.splice(0)) await one.stop();
    await start();
    await again();
    await final(await added('marker', 1));
    // Commands of one key are handled in order: another one for tea tells that the repeats have been.
    await final(await send('products', 'restockProduct', 'tea', { productId: 'tea', quantity: 2 }));
    expect((await statuses(first)).map(({ status }) => status)).toEqual(['COMPLETED']);
    expect(await stateOf(stateTopic('products'), 'tea')).toMatchObject({ version: 2, free: 7, received: 7 });
  });

  it('let one command through under a key, whichever gateways it came by and whoever starts anew', async () => {
    const blind = { underKey: async () => [], unfinishedOf: () => 0, kept: 0, appended: <R>(record: R) => record };
    const submit = createSubmit({ log, tracker: blind, partitions: PARTITIONS });
    const restock = (productId: string, quantity: number) =>
      submit({
        aggregate: 'products',
        command: 'restockProduct',
        data: { productId, quantity },
        idempotencyKey: 'once',
        viewer: { id: 'ada', roles: [], isAdmin: true },
        traceparent: undefined,
      });
    const asks = [restock('tea', 1), restock('jam', 1), restock('tea', 2), restock('tea', 1)];
    const receipts = await Promise.all(asks);
    const [tea, jam, more, again] = receipts.map(({ transactionId }) => transactionId);
    expect(again).toBe(tea);
    await start();
    for (const id of ['tea', 'jam']) await final(await added(id, 0));
    for (const one of running.splice(0)) await one.stop();
    await start();
    await restock('jam', 1);
    await restock('tea', 1);
    const ends = await Promise.all([tea, jam, more].map((id = '') => final(id)));
    // Which one was first is the log's to say; whether its product was there already does not matter here.
    const refused = ends.filter(({ rejection }) => rejection?.code === 'IDEMPOTENCY_KEY_REUSED');
    expect(refused).toHaveLength(2);
    const later = await submit({
      aggregate: 'products',
      command: 'restockProduct',
      data: { productId: 'tea', quantity: 7 },
      idempotencyKey: 'later',
      viewer: { id: 'ada', roles: [], isAdmin: true },
      traceparent: undefined,
    });
    await final(later.transactionId);
    const handedOn = (await all(commandsTopic('products'))).filter(
      ({ headers }) => headers['ce_idempotencykey'] !== undefined,
    );
    expect(handedOn).toHaveLength(2);
    for (const { id } of refused) expect(await statuses(id)).toHaveLength(1);
  });

  it('end the transaction of a command that cannot be read, once, and never one that has ended otherwise', async () => {
    await start();
    const decided = await added('tea', 5);
    await final(decided);
    const price = { productId: 'tea', price: 1, ifVersion: 0 };
    const unread = await send('products', 'updateProduct', 'tea', price);
    expect(await final(unread)).toMatchObject({
      status: 'REJECTED',
      command: 'updateProduct',
      entityId: 'tea',
      issuedBy: 'Ægir, a user',
      rejection: { code: 'UNREADABLE', message: expect.stringContaining('ifVersion') },
    });
    for (const id of [unread, decided]) await send('products', 'updateProduct', 'tea', price, id);
    await final(await send('products', 'restockProduct', 'tea', { productId: 'tea', quantity: 2 }));
    expect((await statuses(unread)).map(({ status }) => status)).toEqual(['REJECTED']);
    expect((await statuses(decided)).map(({ status }) => status)).toEqual(['COMPLETED']);
    const letters = await all(deadTopic(commandsTopic('products')));
    expect(letters.map(({ headers }) => [headers['ce_id'], headers['dead_ended']])).toEqual([
      [unread, '1'],
      [unread, '1'],
      [decided, '1'],
    ]);
    expect(await stateOf(stateTopic('products'), 'tea')).toMatchObject({ version: 2, free: 7 });
  });

  it('leave the transaction of an unreadable follow-up to those who carry it on', async () => {
    await start();
    await final(await registered('ada'));
    await final(await added('tea', 5));
    const placing = await placed('first', 'tea');
    await final(placing);
    const headers = toHeaders({
      id: `${placing}.7`,
      type: 'recordStockReserved',
      source: '/test',
      subject: 'first',
      time: new Date().toISOString(),
      transactionid: placing,
      issuedby: 'Ægir, a user',
      roles: 'admin',
    });
    await log.append([{ topic: commandsTopic('purchases'), key: 'first', value: '{}', headers }]);
    await final(await send('purchases', 'cancelPurchase', 'first', { purchaseId: 'first' }));
    expect((await statuses(placing)).filter(({ finishedAt }) => finishedAt !== null)).toHaveLength(1);
    const [letter] = await all(deadTopic(commandsTopic('purchases')));
    expect(letter?.headers).not.toHaveProperty('dead_ended');
  });

  it('reject a purchase that gets no answer in time, and give back what a late answer reserved', async () => {
    await start(['customers', 'purchases'], 50);
    await final(await registered('ada'));
    await added('tea', 5);
    const late = await placed('late', 'tea', 2);
    expect(await final(late)).toMatchObject({ status: 'REJECTED', rejection: { code: 'TIMED_OUT' } });
    // Only now do the products answer: the reservation comes first, its release right behind it.
    await start(['products']);
    const restocked = await send('products', 'restockProduct', 'tea', { productId: 'tea', quantity: 1 });
    await final(restocked);
    await expect
      .poll(() => stateOf(stateTopic('products'), 'tea'), { timeout: 20_000 })
      .toMatchObject({ received: 6, free: 6, reserved: 0, sold: 0 });
    expect((await all(eventsTopic('products'))).map((record) => attributesOf(record).type)).toEqual(
      expect.arrayContaining(['StockReserved', 'StockReleased']),
    );
    expect((await statuses(late)).filter(({ finishedAt }) => finishedAt !== null)).toHaveLength(1);
    expect(await stateOf(stateTopic('purchases'), 'late')).toMatchObject({ status: 'REJECTED' });
  });

  it('end a pending purchase that is cancelled, both transactions with it', async () => {
    await start(['customers', 'purchases']);
    await final(await registered('ada'));
    const placing = await placed('fickle', 'tea');
    await expect.poll(async () => (await statuses(placing)).at(-1)?.status, { timeout: 20_000 }).toBe('PENDING');
    const cancelling = await send('purchases', 'cancelPurchase', 'fickle', { purchaseId: 'fickle' });
    expect(await final(cancelling)).toMatchObject({ status: 'COMPLETED', command: 'cancelPurchase' });
    expect(await final(placing)).toMatchObject({ status: 'REJECTED', rejection: { code: 'CANCELLED' } });
  });
});
