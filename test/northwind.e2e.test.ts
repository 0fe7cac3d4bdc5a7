/** Northwind's orders through the whole path, checked to the cent; again after a restart and without the views. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { type Server, startServer } from './e2e/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const FIGURES = /* GraphQL */ `
  {
    customers { totalCount }
    confirmed: purchases(filter: { status: CONFIRMED }) { totalCount totalAmount }
    pending: purchases(filter: { status: PENDING }) { totalCount }
    every: purchases { totalCount }
    quick: customer(id: "QUICK") { totalSpent }
    savea: customer(id: "SAVEA") { purchaseCount lastPurchaseAt }
    raclette: product(id: "59") { customerCount }
    discontinued: products(filter: { discontinued: true }) { totalCount }
    products(first: 100) { totalCount nodes { id stock reserved unitsSold } }
  }
`;

interface ProductFigures {
  readonly id: string;
  readonly stock: number;
  readonly reserved: number;
  readonly unitsSold: number;
}

async function stockInFile(): Promise<Map<string, number>> {
  const rows: Record<string, string>[] = parse(await readFile(join(root, 'examples/northwind/products.csv')), {
    columns: true,
  });
  return new Map(rows.map((row) => [row['productID'] ?? '', Number(row['unitsInStock'])]));
}

/** @param status 1 where some rows are refused */
async function importInto(server: Server, status: number, ...more: readonly string[]): Promise<string> {
  const args = ['--import', 'tsx', 'cli/main.ts', 'import', 'examples/northwind', '--url', server.url, ...more];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'exit');
  expect(code, output).toBe(status);
  return output;
}

async function expectNorthwind(server: Server): Promise<void> {
  // Purchases confirmed a moment ago are on their way to the view.
  await expect
    .poll(async () => (await server.graphql(FIGURES)).data.confirmed, { timeout: 30_000 })
    .toEqual({ totalCount: 830, totalAmount: '1265793.29' });
  await expect
    .poll(async () => (await server.graphql(FIGURES)).data.discontinued.totalCount, { timeout: 30_000 })
    .toBe(8);
  const { data } = await server.graphql(FIGURES);
  expect(data).toMatchObject({
    customers: { totalCount: 91 },
    pending: { totalCount: 0 },
    every: { totalCount: 830 },
    quick: { totalSpent: '110277.32' },
    savea: { purchaseCount: 31 },
    raclette: { customerCount: 43 },
    products: { totalCount: 77 },
  });
  const products: ProductFigures[] = data.products.nodes;
  expect(products.reduce((sum, { unitsSold }) => sum + unitsSold, 0)).toBe(51317);
  expect(new Map(products.map(({ id, stock }) => [id, stock]))).toEqual(await stockInFile());
  expect(products.filter(({ reserved }) => reserved !== 0)).toEqual([]);
}

describe('Northwind on the embedded engines', () => {
  let folder = '';
  let server: Server | undefined;
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('comes in whole, a second time changes nothing, and a restart brings back the same', async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    server = await startServer({ env: { DATA_DIR: folder } });
    await importInto(server, 0);
    await expectNorthwind(server);
    const first = server;
    const looked = async () =>
      (await first.graphql('{ product(id: "59") { version } transactions { totalCount } }')).data;
    // 91 customers, 77 products, 830 orders, and 8 products that are discontinued.
    await expect.poll(async () => (await looked()).transactions.totalCount, { timeout: 30_000 }).toBe(1006);
    const before = await looked();
    await importInto(server, 0);
    expect(await looked()).toEqual(before);
    expect(await server.stop()).toBe(0);
    server = await startServer({ env: { DATA_DIR: folder } });
    await expectNorthwind(server);
  });

  it('refuses most orders from published stock, and neither oversells nor loses a unit', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    const shop = await startServer({ env: { DATA_DIR: empty } });
    try {
      await importInto(shop, 1, '--stock', 'published');
      const published = await stockInFile();
      // The views follow a little behind the outcomes that the import has waited for, products apart from purchases.
      const unsettled = async () => {
        const { every, pending, products } = (await shop.graphql(FIGURES)).data;
        const behind = products.nodes.filter(({ id, stock, reserved, unitsSold }: ProductFigures) => {
          return reserved !== 0 || stock + unitsSold !== published.get(id);
        });
        return [every.totalCount, pending.totalCount, behind];
      };
      await expect.poll(unsettled, { timeout: 30_000 }).toEqual([830, 0, []]);
      const { data } = await shop.graphql(FIGURES);
      expect(data.confirmed.totalCount).toBeLessThan(415);
      for (const { id, stock } of data.products.nodes as ProductFigures[]) {
        expect(stock, id).toBeGreaterThanOrEqual(0);
      }
    } finally {
      await shop.stop();
      await rm(empty, { recursive: true });
    }
  });
});

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

describe.skipIf(missing)(`Northwind on Kafka and MongoDB, two processors and two projectors ${missing}`, () => {
  let cluster: Cluster | undefined;
  afterAll(() => cluster?.stop());

  it('comes in whole, and the same views come back after the view database was deleted', async () => {
    const mongoUrl = inject('mongoUrl');
    cluster = await Cluster.start({ brokers: inject('kafkaBrokers'), mongoUrl });
    await importInto(cluster.gateway, 0);
    await expectNorthwind(cluster.gateway);
    await cluster.stop();
    const client = await MongoClient.connect(mongoUrl);
    await client.db(cluster.env['MONGODB_DATABASE']).dropDatabase();
    await client.close();
    await Promise.all([cluster.add('gateway'), cluster.add('processor'), cluster.add('projector')]);
    await expectNorthwind(cluster.gateway);
  });
});
