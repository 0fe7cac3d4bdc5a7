/** Whether anything gets slower as the shop grows: the same command and the same queries, beside a small shop's. */
import { Asking, PAGE, type Query, TOTALS } from '../rigs/asking.ts';
import { shopFolder } from '../rigs/generate.ts';
import { Shop } from '../rigs/shop.ts';
import { startEmbedded } from '../rigs/system.ts';
import type { Bench, Row } from '../suite/row.ts';

const SMALL = 1000;
const PRODUCTS = 10;

export const growth: Row = {
  name: 'growth',
  what: 'one process on its embedded engines: a command to its end, a page with totals, the totals alone',
  against: 'the same with 1,000 purchases, beside it',
  goal: '≤ 1.3 ×',
  full: { purchases: 1_000_000, times: 100 },
  quick: { purchases: 2000, times: 3 },
  async run(bench) {
    const purchases = bench.size('purchases');
    const times = bench.size('times');
    const small = await grown(bench, bench.quick ? 100 : SMALL);
    const sizes = [...new Set([Math.min(100_000, purchases), purchases])];
    for (const size of sizes) {
      const large = await grown(bench, size);
      const kinds: readonly (readonly [string, (shop: Grown) => Promise<number>])[] = [
        ['a command', ({ command }) => command(times)],
        ['a page', ({ asked }) => asked(PAGE, times)],
        ['the totals', ({ asked }) => asked(TOTALS, times)],
      ];
      for (const [label, figure] of kinds) {
        await figure(large);
        await bench.compare({
          label: `${label}, ${size.toLocaleString('en')} purchases`,
          unit: 'ms, p50',
          ours: { name: 'Counterfoil', measure: () => figure(large) },
          rival: { name: 'small', measure: () => figure(small) },
          goal: { atMost: 1.3 },
        });
      }
      await large.stop();
    }
  },
};

interface Grown {
  command(times: number): Promise<number>;
  asked(query: Query, times: number): Promise<number>;
  stop(): Promise<unknown>;
}

async function grown(bench: Bench, purchases: number): Promise<Grown> {
  const dir = await shopFolder(bench, purchases);
  const server = await startEmbedded(bench, dir);
  const [shop, asking] = [await Shop.open(server, { filled: true }), await Asking.open(server.url)];
  bench.defer(() => shop.close());
  let calls = 0;
  return {
    command: (times) =>
      shop.p50(times, () => shop.run('update', { productId: `p${calls++ % PRODUCTS}`, price: `${calls % 100}.50` })),
    asked: (query, times) => asking.p50(query, times),
    stop: () => server.stop(),
  };
}
