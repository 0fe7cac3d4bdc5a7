/** How long it takes until one reads one's own write: a mutation sent, then a query with `reflecting` answered. */
import { z } from 'zod';
import { customerId, productId, purchaseInput, Shop } from '../rigs/shop.ts';
import { startOnKafka } from '../rigs/system.ts';
import type { Row } from '../suite/row.ts';
import { bareHop, LINES } from './latency.ts';

const PURCHASE = 'query ($id: ID!, $reflecting: ID) { purchase(id: $id, reflecting: $reflecting) { status } }';
const PRODUCT = 'query ($id: ID!, $reflecting: ID) { product(id: $id, reflecting: $reflecting) { name } }';

const purchaseAnswer = z.object({ data: z.object({ purchase: z.object({ status: z.string() }).nullable() }) });
const productAnswer = z.object({ data: z.object({ product: z.object({ name: z.string() }).nullable() }) });

export const visible: Row = {
  name: 'visible',
  what: 'mutation sent → query with reflecting answered, one in flight, a process per role on Kafka and MongoDB',
  against: 'the bare kafkajs loop, consume → transaction → read committed, on the same broker',
  goal: '≤ 5 ×',
  full: { times: 100 },
  quick: { times: 5 },
  async run(bench) {
    const times = bench.size('times');
    const { gateway } = await startOnKafka(bench, ['gateway', 'processor', 'projector']);
    const shop = await Shop.open(gateway);
    bench.defer(() => shop.close());
    const rival = await bareHop(bench, times);
    const run = Date.now().toString(36);
    let calls = 0;
    let stale = 0;

    async function update(): Promise<number> {
      const [id, name] = [productId(calls), `Product ${run} ${calls++}`];
      const began = performance.now();
      const reflecting = await shop.begin('update', { productId: id, name });
      const answer = await shop.ask(JSON.stringify({ query: PRODUCT, variables: { id, reflecting } }));
      const took = performance.now() - began;
      if (productAnswer.parse(JSON.parse(answer)).data.product?.name !== name) stale += 1;
      return took;
    }
    async function place(): Promise<number> {
      const id = `${run}-${calls++}`;
      const began = performance.now();
      const reflecting = await shop.begin('place', {
        id,
        ...purchaseInput(calls, LINES),
        customerId: customerId(calls),
      });
      const answer = await shop.ask(JSON.stringify({ query: PURCHASE, variables: { id, reflecting } }));
      const took = performance.now() - began;
      if (purchaseAnswer.parse(JSON.parse(answer)).data.purchase?.status !== 'CONFIRMED') stale += 1;
      return took;
    }

    await shop.p50(Math.min(20, times), place);
    for (const [label, once] of [
      ['update of a product', update],
      [`purchase of ${LINES} lines`, place],
    ] as const) {
      await bench.compare({
        label,
        unit: 'ms, p50',
        ours: { name: 'Counterfoil', measure: () => shop.p50(times, once) },
        rival,
        goal: { atMost: 5 },
      });
    }
    if (stale > 0) throw new Error(`${stale} answers did not show the write that they were to reflect`);
  },
};
