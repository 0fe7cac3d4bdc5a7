/** How long one command, and one purchase of three lines, takes from being sent to its final status, nothing beside it. */
import { randomUUID } from 'node:crypto';
import { PRODUCTS, productId, purchaseInput, Shop } from '../rigs/shop.ts';
import { startOnKafka } from '../rigs/system.ts';
import { type Loop, openBareLoop } from '../rivals/bare-loop.ts';
import type { Bench, Row, Side } from '../suite/row.ts';
import { percentile } from '../suite/statistics.ts';

const PARTITIONS = 4;
const VALUE = JSON.stringify({ note: 'x'.repeat(150) });
export const LINES = 3;

export const latency: Row = {
  name: 'latency',
  what: 'mutation sent → final status pushed, one in flight, a process per role on Kafka and MongoDB',
  against: 'the bare kafkajs loop, consume → transaction → read committed, on the same broker',
  goal: 'update ≤ 1.5 ×, purchase of three lines ≤ 4 ×',
  full: { times: 100 },
  quick: { times: 5 },
  async run(bench) {
    const times = bench.size('times');
    const { gateway } = await startOnKafka(bench, ['gateway', 'processor', 'projector']);
    const shop = await Shop.open(gateway);
    bench.defer(() => shop.close());
    const rival = await bareHop(bench, times);
    let calls = 0;
    await shop.p50(Math.min(20, times), () => shop.run('place', purchaseInput(calls++, LINES)));
    await bench.compare({
      label: 'update of a product',
      unit: 'ms, p50',
      ours: {
        name: 'Counterfoil',
        measure: () =>
          shop.p50(times, () => shop.run('update', { productId: productId(calls++), price: `${calls % PRODUCTS}.50` })),
      },
      rival,
      goal: { atMost: 1.5 },
    });
    await bench.compare({
      label: `purchase of ${LINES} lines`,
      unit: 'ms, p50',
      ours: {
        name: 'Counterfoil',
        measure: () => shop.p50(times, () => shop.run('place', purchaseInput(calls++, LINES))),
      },
      rival,
      goal: { atMost: 4 },
    });
  },
};

/** One hop with none of our promises: the yardstick of every latency on Kafka. */
export async function bareHop(bench: Bench, times: number): Promise<Side> {
  const { brokers } = await bench.kafka();
  const loop = await openBareLoop(brokers, PARTITIONS, VALUE);
  bench.defer(() => loop.close());
  await p50Of(loop, Math.min(20, times));
  return { name: 'bare loop', measure: () => p50Of(loop, times) };
}

async function p50Of(loop: Loop, times: number): Promise<number> {
  const all: number[] = [];
  for (let at = 0; at < times; at++) {
    const began = performance.now();
    await loop.roundTrip(randomUUID());
    all.push(performance.now() - began);
  }
  return percentile(all, 0.5);
}
