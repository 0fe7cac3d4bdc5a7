/**
 * Clocks that disagree by fifteen minutes, and one that jumps while its process runs: a purchase is given the time that
 * PURCHASE_TIMEOUT says, no less and no more, and while a partition is stuck nothing piles up behind it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADD, PLACE, REGISTER, RESTOCK } from '../../e2e/operations.ts';
import { kafkaMissing } from '../../engines/kafka.ts';
import type { Child } from '../system/child.ts';
import { type Clock, DAY_MS, MINUTE_MS } from './clock.ts';
import { KafkaStage, until } from './kafka-stage.ts';
import { Shopper, wrongOnTheLog } from './stage.ts';

const missing = await kafkaMissing();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

const LIMIT_MS = 180_000;
const TIMEOUT_MS = 8000;
/** Longer than a processor waits between two looks at what is due, and shorter than the time that a purchase is given. */
const HELD_UP_MS = 3000;

const SKEWS: readonly (readonly [what: string, gatewayMs: number, processorMs: number])[] = [
  ['a gateway that is 15 minutes behind', -15 * MINUTE_MS, 0],
  ['a gateway that is 15 minutes ahead', 15 * MINUTE_MS, 0],
  ['a processor that is 15 minutes ahead', 0, 15 * MINUTE_MS],
  ['a processor that is 15 minutes behind', 0, -15 * MINUTE_MS],
];

describe.skipIf(missing !== undefined)('with clocks that disagree', () => {
  let kafka: KafkaStage;
  let gateway: Child;
  let processor: Child;
  let clocks: { readonly gateway: Clock; readonly processor: Clock };
  let shopper: Shopper;
  let orders = 0;

  const order = () => ({ id: `order-${orders++}`, customerId: 'ada', lines: [{ productId: 'tea', quantity: 1 }] });

  beforeAll(async () => {
    kafka = await KafkaStage.open();
    const { stage } = kafka;
    clocks = { gateway: stage.clock('gateway'), processor: stage.clock('processor') };
    const env = { ...kafka.env, PURCHASE_TIMEOUT: `${TIMEOUT_MS / 1000}s` };
    gateway = await stage.child('gateway', clocks.gateway, { ...env, ROLE: 'gateway,projector' });
    processor = await stage.child('processor', clocks.processor, { ...env, ROLE: 'processor' });
    await stage.started(gateway);
    await stage.started(processor);
    shopper = await Shopper.at(gateway);
    await shopper.perform(REGISTER, { id: 'ada', firstName: 'Ada', lastName: 'Lovelace' });
    await shopper.perform(ADD, { id: 'tea', name: 'Tea', price: '2.50', stock: 1000 });
  }, LIMIT_MS);
  afterAll(async () => kafka?.close());
  // A test that fails must not leave the next one stuck.
  afterEach(() => kafka.letGo());

  for (const [what, gatewayMs, processorMs] of SKEWS) {
    it(
      `gives a purchase its time, and no more, with ${what}`,
      async () => {
        clocks.gateway.set(gatewayMs);
        clocks.processor.set(processorMs);
        await processor.end('SIGTERM');
        await kafka.stage.started(processor);
        expect(await shopper.perform(PLACE, order())).toMatchObject({ status: 'COMPLETED' });

        await kafka.holdUp('products.commands');
        const answeredInTime = await shopper.send(PLACE, order());
        await shopper.until('PENDING', answeredInTime.transactionId);
        await pause(HELD_UP_MS);
        await kafka.letGo();
        expect(await shopper.end(answeredInTime)).toMatchObject({ status: 'COMPLETED' });

        await kafka.holdUp('products.commands');
        expect(await shopper.perform(PLACE, order())).toMatchObject({ status: 'REJECTED', code: 'TIMED_OUT' });
      },
      LIMIT_MS,
    );
  }

  it(
    'lets nothing pile up in a partition that is stuck',
    async () => {
      clocks.gateway.set(0);
      clocks.processor.set(0);
      await kafka.holdUp('products.commands');
      const hanging = await shopper.send(PLACE, order());
      await shopper.until('PENDING', hanging.transactionId);
      await kafka.holdUp('purchases.commands');
      await pause(TIMEOUT_MS + 6 * HELD_UP_MS);
      await kafka.letGo('purchases.commands');
      expect(await shopper.end(hanging)).toMatchObject({ status: 'REJECTED', code: 'TIMED_OUT' });
      await kafka.letGo();
      const asked = ((await kafka.log()).get('purchases.commands') ?? []).filter(
        ({ type, transactionId }) => type === 'expirePurchase' && transactionId === hanging.transactionId,
      );
      // Twice, if the first was on its way when the partition's owner looked again.
      expect(asked.length).toBeLessThan(3);
    },
    LIMIT_MS,
  );

  it(
    'goes on when a clock jumps by hours, days and back',
    async () => {
      for (const aheadMs of [15 * MINUTE_MS, -15 * MINUTE_MS, 2 * DAY_MS, 0]) {
        for (const clock of [clocks.processor, clocks.gateway]) {
          clock.set(aheadMs);
          for (let i = 0; i < 3; i++) {
            expect(await shopper.perform(RESTOCK, { productId: 'tea', quantity: 1 })).toMatchObject({
              status: 'COMPLETED',
            });
          }
        }
        expect(await shopper.perform(PLACE, order())).toMatchObject({ status: 'COMPLETED' });
      }
      await until('the processor is ready', () => processor.ready());
      expect(wrongOnTheLog(await kafka.log())).toEqual({});
      expect(kafka.stage.crashes).toEqual([]);
    },
    LIMIT_MS,
  );
});
