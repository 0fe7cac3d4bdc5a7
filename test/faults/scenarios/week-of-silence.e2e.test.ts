/**
 * A stop of eight days: retention empties the statuses, states are compacted, the groups' offsets expire. Then it starts again:
 * it becomes ready, decides nothing twice, what was begun goes on, and what ended stays as it ended.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aggregateNames } from '../../../domain/registry.ts';
import { eventsTopic } from '../../../records/topics.ts';
import { ADD, CANCEL, PLACE, REGISTER, RESTOCK, UPDATE_PRODUCT } from '../../e2e/operations.ts';
import { kafkaMissing } from '../../engines/kafka.ts';
import type { History } from '../history.ts';
import type { Child } from '../system/child.ts';
import { type Clock, DAY_MS } from './clock.ts';
import { KafkaStage } from './kafka-stage.ts';
import { type Ended, Shopper, wrongOnTheLog } from './stage.ts';

const missing = await kafkaMissing();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

const LIMIT_MS = 240_000;
const STOCK =
  'query ($id: ID!, $reflecting: ID) { product(id: $id, reflecting: $reflecting) { version stock reserved } }';

describe.skipIf(missing !== undefined)('after eight days without a process', () => {
  let kafka: KafkaStage;
  let server: Child;
  let clock: Clock;
  let shopper: Shopper;
  let before: { readonly log: History['log']; readonly product: unknown };
  let bought: Ended;

  const statusesOf = (log: History['log'], id: string) =>
    (log.get('transactions') ?? []).filter(({ key }) => key === id).map(({ data }) => String(data.status));

  beforeAll(async () => {
    kafka = await KafkaStage.open();
    clock = kafka.stage.clock('server');
    server = await kafka.stage.child('server', clock, kafka.env);
    await kafka.stage.started(server);
    shopper = await Shopper.at(server);
    await shopper.perform(REGISTER, { id: 'ada', firstName: 'Ada', lastName: 'Lovelace' });
    await shopper.perform(ADD, { id: 'tea', name: 'Tea', price: '2.50', stock: 20 });
    const line = (quantity: number) => ({ customerId: 'ada', lines: [{ productId: 'tea', quantity }] });
    bought = await shopper.perform(PLACE, { id: 'bought', ...line(5) });
    await shopper.perform(PLACE, { id: 'too-much', ...line(100) });
    await shopper.perform(PLACE, { id: 'returned', ...line(2) });
    await shopper.perform(CANCEL, { purchaseId: 'returned' });
    const { transactionId } = await shopper.perform(RESTOCK, { productId: 'tea', quantity: 3 });
    const { product } = await shopper.ask(STOCK, { id: 'tea', reflecting: transactionId });
    before = { log: await kafka.log(), product };

    shopper.close();
    await server.end('SIGTERM');
    await kafka.emptyTransactions();
    await kafka.expireOffsets();
    clock.set(8 * DAY_MS);
  }, LIMIT_MS);
  afterAll(async () => kafka?.close());

  it(
    'is ready again, and shows what it showed',
    async () => {
      await kafka.stage.started(server);
      shopper = await Shopper.at(server);
      const { product } = await shopper.ask(STOCK, { id: 'tea' });
      expect(product).toEqual(before.product);
    },
    LIMIT_MS,
  );

  it(
    'has decided nothing again',
    async () => {
      const log = await kafka.log();
      for (const topic of aggregateNames.map(eventsTopic)) {
        expect(log.get(topic)).toEqual(before.log.get(topic));
      }
      expect(log.get('transactions')).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'completes new commands in every partition',
    async () => {
      for (const id of ['coffee', 'cocoa', 'milk', 'sugar']) {
        expect(await shopper.perform(ADD, { id, name: id, price: '1.00', stock: 9 })).toMatchObject({
          status: 'COMPLETED',
        });
        expect(await shopper.perform(REGISTER, { id, firstName: id, lastName: id })).toMatchObject({
          status: 'COMPLETED',
        });
        const lines = [{ productId: id, quantity: 1 }];
        expect(await shopper.perform(PLACE, { id, customerId: 'ada', lines })).toMatchObject({ status: 'COMPLETED' });
      }
      expect(await shopper.perform(UPDATE_PRODUCT, { productId: 'tea', name: 'Green tea' })).toMatchObject({
        status: 'COMPLETED',
      });
    },
    LIMIT_MS,
  );

  it(
    'leaves a purchase that COMPLETED over a week ago as it ended, when it is cancelled',
    async () => {
      expect(bought.status).toBe('COMPLETED');
      expect(await shopper.perform(CANCEL, { purchaseId: bought.id })).toMatchObject({ status: 'COMPLETED' });
      const log = await kafka.log();
      expect(statusesOf(log, bought.transactionId).filter((status) => status !== 'COMPLETED')).toEqual([]);
      const { product } = await shopper.ask(STOCK, { id: 'tea' });
      expect(product.stock).toBe(23);
      const { a = [], ...others } = wrongOnTheLog(log);
      expect(others).toEqual({});
      // Of commands whose statuses retention has taken, the log tells no end.
      const forgotten = new Set((before.log.get('transactions') ?? []).map(({ key }) => key));
      expect(a.filter((line) => ![...forgotten].some((id) => line.includes(id)))).toEqual([]);
      expect(kafka.stage.crashes).toEqual([]);
    },
    LIMIT_MS,
  );
});
