/** One process on its embedded engines: how long a command takes and a purchase, and how many purchases a second. */

import { mutationBody, productId, purchaseInput, Shop } from '../rigs/shop.ts';
import { startEmbedded } from '../rigs/system.ts';
import { openRawLmdb } from '../rivals/raw-lmdb.ts';
import type { Bench, Row, Side } from '../suite/row.ts';
import { percentile } from '../suite/statistics.ts';
import { LINES } from './latency.ts';

/** As large as a record of ours with its headers. */
const VALUE = Buffer.alloc(700, 'x');

export const embedded: Row = {
  name: 'embedded',
  what: 'one process on its embedded engines: mutation sent → final status pushed, and purchases of three lines a second',
  against: "lmdb's durable put, one after another, on the same disk",
  goal: 'p50 ≤ 3 × a durable put; ≥ 3,000 purchases/s',
  full: { times: 200, seconds: 10, inFlight: 512 },
  quick: { times: 10, seconds: 1, inFlight: 64 },
  async run(bench) {
    const times = bench.size('times');
    const shop = await Shop.open(await startEmbedded(bench, await bench.folder()));
    bench.defer(() => shop.close());
    const rival = await durablePut(bench, times);
    let calls = 0;
    const place = () => shop.run('place', purchaseInput(calls++, LINES));
    const update = () => shop.run('update', { productId: productId(calls++), price: `${calls % 100}.50` });
    await shop.p50(times, place);
    for (const [label, once] of [
      ['update of a product', update],
      [`purchase of ${LINES} lines`, place],
    ] as const) {
      await bench.compare({
        label,
        unit: 'ms, p50',
        ours: { name: 'Counterfoil', measure: () => shop.p50(times, once) },
        rival,
        goal: { atMost: 3 },
      });
    }
    await bench.compare({
      label: `the whole way, ${bench.size('inFlight')} in flight`,
      unit: 'purchases/s',
      ours: { name: 'Counterfoil', measure: () => purchasesPerSecond(shop, bench, LINES) },
      goal: { atLeast: 3000 },
    });
  },
};

/** From being sent to COMPLETED, by clients each of which waits for its own. */
async function purchasesPerSecond(shop: Shop, bench: Bench, lines: number): Promise<number> {
  const seconds = bench.size('seconds');
  const began = performance.now();
  const times = await shop.drive(bench.size('inFlight'), (number) =>
    performance.now() - began > seconds * 1000 ? undefined : mutationBody('place', purchaseInput(number, lines)),
  );
  return times.length / ((performance.now() - began) / 1000);
}

async function durablePut(bench: Bench, times: number): Promise<Side> {
  const { root, records } = openRawLmdb(await bench.folder());
  bench.defer(() => root.close());
  let key = 0;
  return {
    name: 'lmdb put',
    async measure() {
      const all: number[] = [];
      for (let at = 0; at < times; at++) {
        const bytes = Buffer.alloc(8);
        bytes.writeUInt32BE(key++);
        const began = performance.now();
        await records.put(bytes, VALUE);
        all.push(performance.now() - began);
      }
      return percentile(all, 0.5);
    },
  };
}
