/** What a query with `reflecting` shows, on both pairs of engines: all that the transaction caused, or UNAVAILABLE. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { openMongoViews } from '../views/mongo/mongo-views.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type Engines, PARTITIONS, ShopSystem, type Shown } from './reflecting/shop-system.ts';

const PATIENCE = 240_000;
const TIMES = 100;
/** At once: enough that queries share what they wait for, and that commands of one step have different transactions. */
const TOGETHER = 20;

const brokers = inject('kafkaBrokers');
const mongoUrl = inject('mongoUrl');
const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

async function embedded(): Promise<Engines> {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  const log = await openEmbeddedLog({ dir: folder });
  const views = openTemporaryViews({ views: viewSpecs });
  return {
    log,
    views: () => views,
    close: async () => {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function kafkaAndMongo(): Promise<Engines> {
  const name = `reflecting-${randomUUID()}`;
  const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), `${name}.`);
  const stores: ViewStore[] = [];
  for (let at = 0; at < 4; at++) stores.push(await openMongoViews({ url: mongoUrl, database: name, views: viewSpecs }));
  let given = 0;
  return {
    log,
    views: () => {
      const store = stores[given++ % stores.length];
      if (store === undefined) throw new Error('there is no store');
      return store;
    },
    close: async () => {
      await log.close();
      await Promise.all(stores.map((store) => store.close()));
      const client = new MongoClient(mongoUrl);
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}

function suite(name: string, open: () => Promise<Engines>, skip: string): void {
  describe.skipIf(skip !== '')(`reflecting on ${name}${skip && ` (${skip})`}`, { timeout: PATIENCE }, () => {
    let system: ShopSystem;
    let customerId: string;
    beforeAll(async () => {
      system = await ShopSystem.start(await open());
      customerId = await system.customer();
    }, PATIENCE);
    afterAll(() => system.stop(), PATIENCE);

    /** What so many runs have shown, each with a number of its own, some at a time. */
    async function many(one: (at: number) => Promise<Shown>): Promise<Shown[]> {
      const shown: Shown[] = [];
      for (let at = 0; at < TIMES; at += TOGETHER) {
        shown.push(...(await Promise.all(Array.from({ length: TOGETHER }, (_, i) => one(at + i)))));
      }
      return shown;
    }

    async function stocked(stock: number): Promise<string> {
      const { id, transactionId } = await system.gateway.addProduct(stock);
      await system.gateway.ended(transactionId);
      return id;
    }

    it('shows a refused purchase REJECTED, and what its other lines had reserved given back', async () => {
      const { gateway } = system;
      const scarce = await stocked(1);
      const shown = await many(async () => {
        const productId = await stocked(5);
        const lines = [productId, scarce].map((id) => ({ productId: id, quantity: 2 }));
        const { id, transactionId } = await gateway.send('placePurchase', { customerId, lines });
        return await gateway.shown(id, productId, transactionId);
      });
      expect(shown).toEqual(
        Array.from({ length: TIMES }, () => ({
          purchase: { status: 'REJECTED' },
          product: { stock: 5, reserved: 0 },
        })),
      );
    });

    it('shows a placed purchase CONFIRMED and its stock sold, and a cancelled one with the stock taken back', async () => {
      const { gateway } = system;
      const confirmed: Shown[] = [];
      const cancelled = await many(async () => {
        const productId = await stocked(5);
        const { id, transactionId } = await gateway.place(customerId, productId, 3);
        confirmed.push(await gateway.shown(id, productId, transactionId));
        const cancelling = await gateway.send('cancelPurchase', { purchaseId: id });
        return await gateway.shown(id, productId, cancelling.transactionId);
      });
      const purchase = (status: string, stock: number) => ({ purchase: { status }, product: { stock, reserved: 0 } });
      expect(confirmed).toEqual(Array.from({ length: TIMES }, () => purchase('CONFIRMED', 2)));
      expect(cancelled).toEqual(Array.from({ length: TIMES }, () => purchase('CANCELLED', 5)));
    });

    it('shows it beside fields that read the same documents without waiting', async () => {
      const { gateway } = system;
      const buyer = await system.customer();
      const productId = await stocked(5);
      for (let before = 0; before < 5; before++) {
        const { id, transactionId } = await gateway.place(buyer, productId, 1);
        expect(await gateway.shownBeside(id, productId, transactionId)).toMatchObject({
          purchase: { status: 'CONFIRMED', customer: { purchases: { totalCount: before + 1 } } },
          product: { stock: 4 - before },
        });
      }
    });

    it('shows a purchase cancelled as it is placed with its stock given back, whichever transaction is asked for', async () => {
      const { gateway } = system;
      const outcomes = await Promise.all(
        Array.from({ length: TIMES }, async (_, at) => {
          const productId = await stocked(5);
          const id = `fickle-${randomUUID()}`;
          const [placing, cancelling] = await Promise.all([
            gateway.send('placePurchase', { id, customerId, lines: [{ productId, quantity: 3 }] }),
            gateway.send('cancelPurchase', { purchaseId: id }),
          ]);
          const { transactionId } = at % 2 === 0 ? placing : cancelling;
          const shown = await gateway.shown(id, productId, transactionId);
          // A cancelling that came first found no purchase, and says nothing of what became of it.
          const cancelled = (await gateway.ended(cancelling.transactionId)) === 'COMPLETED';
          return cancelled ? JSON.stringify(shown) : 'came too early';
        }),
      );
      const expected: Shown = { purchase: { status: 'CANCELLED' }, product: { stock: 5, reserved: 0 } };
      expect(new Set(outcomes.filter((outcome) => outcome !== 'came too early'))).toEqual(
        new Set([JSON.stringify(expected)]),
      );
    });

    it('shows the stock that a cancelling gave back to whoever asks by the placing that it ended', async () => {
      const { gateway } = system;
      const productId = await stocked(5);
      // Without an answer of the customers the purchase stays pending, with its stock reserved.
      await system.halt('customers');
      const { id, transactionId } = await gateway.place(customerId, productId, 3);
      const pending = { purchase: { status: 'PENDING' }, product: { stock: 2, reserved: 3 } };
      await expect.poll(() => gateway.asked(id, productId, null), { timeout: PATIENCE, interval: 5 }).toEqual(pending);
      await system.halt('products');
      await gateway.send('cancelPurchase', { purchaseId: id });
      const shown = gateway.shown(id, productId, transactionId);
      await system.startProcessors(['customers']);
      // All that the placing asked for itself is decided and shown by then; what the cancelling asked for is not.
      for (let time = 0; time < 10; time++) {
        const other = await gateway.send('registerCustomer', { firstName: 'Grace', lastName: 'Hopper' });
        await gateway.shown(id, productId, other.transactionId);
      }
      await system.startProcessors(['products']);
      expect(await shown).toEqual({ purchase: { status: 'CANCELLED' }, product: { stock: 5, reserved: 0 } });
    });

    it('shows it at another gateway, and at one that has just begun', async () => {
      const { gateway } = system;
      const other = await system.addGateway();
      const scarce = await stocked(1);
      for (let time = 0; time < 10; time++) {
        const productId = await stocked(5);
        const lines = [productId, scarce].map((id) => ({ productId: id, quantity: 2 }));
        const { id, transactionId } = await gateway.send('placePurchase', { customerId, lines });
        const asked = time % 2 === 0 ? other : await system.addGateway(0);
        expect(await asked.shown(id, productId, transactionId)).toEqual({
          purchase: { status: 'REJECTED' },
          product: { stock: 5, reserved: 0 },
        });
      }
    });

    it('answers for a transaction that has long left the memory', async () => {
      const { gateway } = system;
      const productId = await stocked(5);
      const { id, transactionId } = await gateway.place(customerId, productId, 3);
      await gateway.shown(id, productId, transactionId);
      const later = await system.addGateway(0);
      const expected = { purchase: { status: 'CONFIRMED' }, product: { stock: 2, reserved: 0 } };
      expect(await later.shown(id, productId, transactionId)).toEqual(expected);
      expect(await later.shown(id, productId, transactionId)).toEqual(expected);
    });

    it('says UNAVAILABLE while a processor or the projector stands still, and shows it afterwards', async () => {
      const { gateway } = system;
      const productId = await stocked(5);
      const { id, transactionId } = await gateway.place(customerId, productId, 3);
      await gateway.shown(id, productId, transactionId);
      await system.halt('products');
      const cancelled = await gateway.send('cancelPurchase', { purchaseId: id });
      const ask = () => gateway.asked(id, productId, cancelled.transactionId);
      await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
      await system.halt('projector');
      await system.startProcessors(['products']);
      await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
      await system.startProjector();
      const expected = { purchase: { status: 'CANCELLED' }, product: { stock: 5, reserved: 0 } };
      await expect.poll(() => ask().catch(() => undefined), { timeout: PATIENCE }).toEqual(expected);
    });
  });
}

suite('the embedded engines', embedded, '');
suite('Kafka and MongoDB', kafkaAndMongo, missing);
