/** Webhooks from the mutation to the receiver, with the sender killed between sending and noting, on both pairs of engines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { type Server, startServer } from './e2e/server.ts';
import { isSignedBy, Receiver } from './outbox.receiver.ts';

const PATIENCE = 90_000;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NEXT = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

interface System {
  readonly gateway: Server;
  /** Kills whoever sends, at any moment, and has another one take over. @param isCut whether who was killed was the sender */
  killSender(isCut: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

async function embedded(): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  const env = { DATA_DIR: folder };
  let server = await startServer({ env });
  return {
    get gateway() {
      return server;
    },
    async killSender() {
      await server.stop('SIGKILL');
      server = await startServer({ env });
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function real(): Promise<System> {
  const env = { MASTER_KEY: Buffer.alloc(32, 1).toString('base64'), WEBHOOK_ALLOW_PRIVATE: 'on' };
  const options = { brokers: inject('kafkaBrokers'), mongoUrl: inject('mongoUrl'), env };
  const cluster = await Cluster.start({ ...options, processors: 1, projectors: 1 });
  const senders = await Promise.all([cluster.add('outbox'), cluster.add('outbox')]);
  return {
    gateway: cluster.gateway,
    async killSender(isCut) {
      for (const sender of senders) {
        await sender.stop('SIGKILL');
        if (
          await vi
            .waitFor(() => expect(isCut()).toBe(true), { timeout: 1000 })
            .then(
              () => true,
              () => false,
            )
        )
          break;
        // It was the other one: somebody is to be there when that is killed.
        await cluster.add('outbox');
      }
    },
    stop: () => cluster.stop(),
  };
}

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');
const systems: readonly (readonly [string, () => Promise<System>, string])[] = [
  ['the embedded engines', embedded, ''],
  ['Kafka and MongoDB, many processes', real, missing],
];

const DELIVERIES = `query ($filter: DeliveryFilter) {
  deliveries(filter: $filter) { totalCount nodes { id eventId type status attempts statusCode error nextAttemptAt } }
}`;

describe.each(systems)('webhooks on %s', (_, start, whyNot) => {
  let system: System;
  const receivers: Receiver[] = [];
  beforeAll(async () => {
    if (whyNot === '') system = await start();
  }, PATIENCE);
  afterAll(() => system?.stop(), PATIENCE);
  afterEach(async () => {
    for (const each of receivers.splice(0)) await each.kill();
  });
  const test = it.skipIf(whyNot !== '');

  async function receiver(): Promise<Receiver> {
    const started = await Receiver.start();
    receivers.push(started);
    return started;
  }

  /** The data of an answer without errors. */
  async function ask(query: string, variables: object = {}) {
    const { data, errors } = await system.gateway.graphql(query, variables);
    expect(errors).toBeUndefined();
    return data;
  }

  /** Gives a command, and waits until it is completed. Returns its transaction. */
  async function give(command: string, input: object): Promise<string> {
    const type = `${command.charAt(0).toUpperCase()}${command.slice(1)}Input!`;
    const { receipt } = await ask(
      `mutation ($input: ${type}) { receipt: ${command}(input: $input) { transactionId } }`,
      {
        input,
      },
    );
    await eventually(async () => {
      const { transaction } = await ask('query ($id: ID!) { transaction(id: $id) { status } }', {
        id: receipt.transactionId,
      });
      expect(transaction.status).toBe('COMPLETED');
    });
    return receipt.transactionId;
  }

  const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: PATIENCE, interval: 100 });
  const deliveries = async (filter: object) => (await ask(DELIVERIES, { filter })).deliveries;

  test('are sent what they ask for, with names that can be read, and signed by a new secret as well once there is one', async () => {
    const to = await receiver();
    const types = ['CustomerRegistered', 'CustomerUpdated'];
    await give('addWebhook', { id: 'crm', name: 'CRM', url: to.url, types, secret: SECRET });
    await give('addProduct', { id: 'tea', name: 'Tea', price: '1.00', stock: 5 });
    await give('registerCustomer', { id: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' });
    await eventually(() => expect(to.received).toHaveLength(1));
    const [first] = to.received;
    expect(first).toMatchObject({ type: 'CustomerRegistered', subject: 'ada', data: { lastName: 'Lovelace' } });
    expect(first && isSignedBy(SECRET, first)).toBe(true);
    const rotation = await give('rotateWebhookSecret', { webhookId: 'crm', secret: NEXT });
    await give('updateCustomer', { customerId: 'ada', firstName: 'Augusta' });
    await eventually(() => expect(to.received).toHaveLength(2));
    const [, second] = to.received;
    expect(second && [SECRET, NEXT].map((secret) => isSignedBy(secret, second))).toEqual([true, true]);
    const shown =
      'query ($rotation: ID) { webhook(id: "crm", reflecting: $rotation) { rotatedAt history { nodes { data } } } }';
    const { webhook } = await ask(shown, { rotation });
    expect(webhook.rotatedAt).not.toBeNull();
    // The secret cannot be read back.
    expect(JSON.stringify(webhook)).not.toContain(SECRET.slice(10));
    await give('removeWebhook', { webhookId: 'crm' });
  });

  test('show what is wrong, and are tried again or dropped as an admin wants', async () => {
    const to = await receiver();
    to.answer = () => 500;
    await give('addWebhook', { id: 'stock', name: 'Stock', url: to.url, secret: SECRET });
    await give('addProduct', { id: 'chai', name: 'Chai', price: '1.00', stock: 5 });
    await give('restockProduct', { productId: 'chai', quantity: 1 });
    const filter = { webhookId: 'stock', status: ['PENDING', 'FAILED'] };
    await eventually(async () => {
      const { totalCount, nodes } = await deliveries(filter);
      expect(totalCount).toBe(2);
      const added = nodes.find(({ type }: { type: string }) => type === 'ProductAdded');
      expect(added).toMatchObject({ statusCode: 500, error: 'the receiver answered 500' });
    });
    const { nodes } = await deliveries(filter);
    const { id } = nodes.find(({ type }: { type: string }) => type === 'ProductAdded');
    await ask('mutation ($id: ID!) { dropDelivery(input: { id: $id }) { acceptedAt } }', { id });
    to.answer = () => 204;
    await ask('mutation { retryDelivery(input: { webhookId: "stock" }) { acceptedAt } }');
    await eventually(async () => {
      const all = (await deliveries({ webhookId: 'stock' })).nodes;
      expect(Object.fromEntries(all.map((one: { type: string; status: string }) => [one.type, one.status]))).toEqual({
        ProductAdded: 'DROPPED',
        ProductRestocked: 'DELIVERED',
      });
    });
    const { errors } = await system.gateway.graphql(
      'mutation ($id: ID!) { retryDelivery(input: { id: $id }) { acceptedAt } }',
      { id },
    );
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('DROPPED') });
    await give('removeWebhook', { webhookId: 'stock' });
  });

  test('get what was sent and not noted again, under the same id, when the sender is killed', async () => {
    const to = await receiver();
    let cut = false;
    // The first answer never comes: the sender dies while it waits for it.
    to.answer = () => (to.received.length === 1 ? 'never' : 204);
    to.onCut = () => {
      cut = true;
    };
    await give('addWebhook', { id: 'books', name: 'Books', url: to.url, types: [], secret: SECRET });
    await give('addProduct', { id: 'milk', name: 'Milk', price: '1.00', stock: 5 });
    await give('restockProduct', { productId: 'milk', quantity: 2 });
    await eventually(() => expect(to.received).toHaveLength(1));
    await system.killSender(() => cut);
    await eventually(() => expect(to.ids).toHaveLength(2));
    const [first, again, last] = to.received;
    expect(again?.id).toBe(first?.id);
    expect(first?.type).toBe('ProductAdded');
    expect(last?.type).toBe('ProductRestocked');
    await eventually(async () => {
      const { nodes } = await deliveries({ webhookId: 'books' });
      expect(nodes.map(({ status }: { status: string }) => status)).toEqual(['DELIVERED', 'DELIVERED']);
    });
  });
});
