/**
 * `node --import tsx bench/reflecting.ts [embedded|kafka]`: how long it takes from a mutation being sent to a query with
 * `reflecting` being answered, one at a time, and how many of those answers were stale.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from '../test/e2e/cluster.ts';
import { CANCEL, PLACE, RESTOCK, shop, submit } from '../test/e2e/operations.ts';
import { type Server, startServer } from '../test/e2e/server.ts';
import { kafkaForTests, mongoForTests } from '../test/engines/index.ts';
import { median } from './load.ts';

const ROUNDS = 100;
const SHOWN = /* GraphQL */ `
  query ($purchase: ID!, $product: ID!, $reflecting: ID) {
    purchase(id: $purchase, reflecting: $reflecting) { status }
    product(id: $product, reflecting: $reflecting) { stock reserved }
  }
`;

interface Shown {
  readonly purchase: { readonly status: string } | null;
  readonly product: { readonly stock: number; readonly reserved: number };
}

async function measure(server: Server): Promise<void> {
  const { customerId, productId } = await shop(server, 1000);
  const times = new Map<string, number[]>();
  const stale = new Map<string, number>();
  async function timed(what: string, mutation: string, input: object, right: (shown: Shown) => boolean) {
    const begun = performance.now();
    const receipt = await submit(server, mutation, input);
    const variables = { purchase: receipt.id, product: productId, reflecting: receipt.transactionId };
    const { data, errors } = await server.graphql(SHOWN, variables);
    times.set(what, [...(times.get(what) ?? []), performance.now() - begun]);
    if (errors !== undefined || !right(data)) stale.set(what, (stale.get(what) ?? 0) + 1);
    return receipt.id;
  }
  const place = (quantity: number) => ({ customerId, lines: [{ productId, quantity }] });
  for (let round = 0; round < ROUNDS; round++) {
    await timed('restock', RESTOCK, { productId, quantity: 1 }, ({ product }) => product.stock === 1001 + round);
    const stock = 1001 + round;
    const purchaseId = await timed('place', PLACE, place(3), ({ purchase, product }) => {
      return purchase?.status === 'CONFIRMED' && product.stock === stock - 3 && product.reserved === 0;
    });
    await timed('cancel', CANCEL, { purchaseId }, ({ purchase, product }) => {
      return purchase?.status === 'CANCELLED' && product.stock === stock && product.reserved === 0;
    });
    await timed('refused', PLACE, place(100_000), ({ purchase, product }) => {
      return purchase?.status === 'REJECTED' && product.stock === stock && product.reserved === 0;
    });
  }
  for (const [what, all] of times) {
    const p95 = all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.95)] ?? 0;
    const figures = `p50 ${median(all).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`;
    process.stdout.write(`  ${what}: ${figures}, stale ${stale.get(what) ?? 0} of ${all.length}\n`);
  }
}

if (process.argv[2] !== 'kafka') {
  const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
  const server = await startServer({ env: { DATA_DIR: folder } });
  process.stdout.write('embedded\n');
  await measure(server);
  await server.stop();
  await rm(folder, { recursive: true });
}
if (process.argv[2] !== 'embedded') {
  const [kafka, mongo] = [await kafkaForTests(), await mongoForTests()];
  if (kafka.missing !== undefined || mongo.missing !== undefined) {
    process.stdout.write(`Kafka and MongoDB left out: ${kafka.missing ?? mongo.missing}\n`);
  } else {
    const cluster = await Cluster.start({ brokers: kafka.engine.brokers, mongoUrl: mongo.engine.url });
    process.stdout.write('Kafka and MongoDB, five processes\n');
    await measure(cluster.gateway);
    await cluster.stop();
    await kafka.engine.stop();
    await mongo.engine.stop();
  }
}
