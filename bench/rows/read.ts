/** How long queries take among many purchases, and whether a heavy one holds up others. */
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { type Server, startServer } from '../../test/e2e/server.ts';
import { Asking, PAGE, type Query } from '../rigs/asking.ts';
import { shopFolder } from '../rigs/generate.ts';
import type { Bench, Row, Side } from '../suite/row.ts';
import { percentile } from '../suite/statistics.ts';

const MOST_MS = 100;
/** No page can be asked for with fewer, and the driver fetches as many. */
const PAGE_SIZE = 50;

const QUERIES: Readonly<Record<string, Query>> = {
  'broad search': { query: '{ purchases(first: 50, filter: { text: "ada" }) { totalCount nodes { id total } } }' },
  'narrow search': { query: '{ purchases(first: 50, filter: { text: "lovelace 1 olives" }) { nodes { id total } } }' },
  'groups by month': { query: '{ purchaseGroups(by: MONTH) { key count amount } }' },
};

export const read: Row = {
  name: 'read',
  what: 'a page of 50 with filter, sort and both totals; searches; groups; one client after another',
  against: "the driver's `find` of that page on the same index; 100 ms",
  goal: '≥ 0.6; nothing over 100 ms; others not held up',
  full: { purchases: 1_000_000, times: 50 },
  quick: { purchases: 500, times: 3 },
  async run(bench) {
    const dir = await shopFolder(bench, bench.size('purchases'));
    const { url } = await bench.mongo();
    const database = `read-${randomUUID().slice(0, 8)}`;
    const shared = await served(bench, dir, { MONGODB_URL: url, MONGODB_DATABASE: database });
    await measure(bench, 'MongoDB', shared, await driver(bench, url, database));
    await shared.stop();
    await measure(bench, 'embedded', await served(bench, dir, {}), undefined);
  },
};

/** The generated folder, its views built. */
async function served(bench: Bench, dir: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const began = performance.now();
  const server = await startServer({ built: true, env: { DATA_DIR: dir, LOG_LEVEL: 'info', ...env } });
  bench.defer(() => server.stop());
  bench.say(`  the views were there after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return server;
}

/** The page as the driver reads it: without totals, for which it would have to count. */
async function driver(bench: Bench, url: string, database: string): Promise<Side> {
  const client = await MongoClient.connect(url);
  bench.defer(() => client.close());
  const collections = await client.db(database).collections();
  const purchases = collections.find(({ collectionName }) => /^purchases_g\d+$/.test(collectionName));
  if (purchases === undefined) throw new Error('there is no view of purchases');
  const once = () => purchases.find({ status: 'CONFIRMED' }).sort({ total: -1, _id: -1 }).limit(PAGE_SIZE).toArray();
  return {
    name: "the driver's find",
    async measure() {
      const began = performance.now();
      for (let at = 0; at < bench.size('times'); at++) await once();
      return bench.size('times') / ((performance.now() - began) / 1000);
    },
  };
}

async function measure(bench: Bench, engine: string, { url }: Server, rival: Side | undefined): Promise<void> {
  const [times, asking] = [bench.size('times'), await Asking.open(url)];
  await asking.times(PAGE, 3);
  await bench.compare({
    label: `${engine}: page with totals`,
    unit: 'pages/s',
    ours: {
      name: 'Counterfoil',
      async measure() {
        const all = await asking.times(PAGE, times);
        return times / (all.reduce((sum, ms) => sum + ms, 0) / 1000);
      },
    },
    ...(rival === undefined ? {} : { rival, goal: { atLeast: 0.6 } }),
  });
  for (const [label, query] of [['page with totals', PAGE] as const, ...Object.entries(QUERIES)]) {
    const all = await asking.times(query, times);
    bench.tell({ label: `${engine}: ${label}`, unit: 'ms, p50', values: { Counterfoil: percentile(all, 0.5) } });
    bench.tell({
      label: `${engine}: ${label}, the slowest`,
      unit: 'ms',
      values: { Counterfoil: all.at(-1) ?? Number.NaN },
      goal: { atMost: MOST_MS },
    });
  }
  await besideBroadSearches(bench, engine, url);
  asking.close();
}

/** Another client reads one product again and again meanwhile. */
async function besideBroadSearches(bench: Bench, engine: string, url: string): Promise<void> {
  const [heavy, light] = [await Asking.open(url), await Asking.open(url)];
  let over = false;
  const searching = heavy.times(QUERIES['broad search'] ?? PAGE, Math.max(2, bench.size('times') / 5)).finally(() => {
    over = true;
  });
  const all: number[] = [];
  while (!over) all.push(await light.once({ query: '{ product(id: "p1") { name } }' }));
  await searching;
  bench.tell({
    label: `${engine}: one product, beside broad searches, the slowest`,
    unit: 'ms',
    values: { Counterfoil: Math.max(...all) },
    goal: { atMost: MOST_MS },
  });
  heavy.close();
  light.close();
}
