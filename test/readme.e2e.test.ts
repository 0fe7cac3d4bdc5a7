/** The README's tour works as it is pasted, block by block. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

describe('the tour in the README', () => {
  let folder: string;
  let server: Server;
  let blocks: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    server = await startServer({ env: { DATA_DIR: folder } });
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    blocks = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  it('mutates, subscribes, is refused nothing, shows the joined view, and takes it back', async () => {
    expect(blocks).toHaveLength(5);
    const [begin = '', subscription = '', place = '', query = '', cancel = ''] = blocks;
    const told = server.client().iterate({ query: subscription });
    const { data: begun } = await server.graphql(begin);
    for (const { transactionId } of Object.values<{ transactionId: string }>(begun)) {
      expect((await ended(server, transactionId)).status).toBe('COMPLETED');
    }
    const [first, again] = [await server.graphql(place), await server.graphql(place)];
    expect(again.data.placePurchase.transactionId).toBe(first.data.placePurchase.transactionId);
    expect((await ended(server, first.data.placePurchase.transactionId)).status).toBe('COMPLETED');
    await expect
      .poll(async () => (await server.graphql(query)).data.purchases, { timeout: 15_000 })
      .toMatchObject({
        totalCount: 1,
        totalAmount: '54.00',
        nodes: [{ id: 'first', customer: { purchaseCount: 1 }, lines: [{ product: { stock: 7 } }] }],
      });
    const { data } = await server.graphql(cancel);
    expect((await ended(server, data.cancelPurchase.transactionId)).status).toBe('COMPLETED');
    await expect.poll(async () => (await server.graphql(query)).data.purchases.totalCount, { timeout: 15_000 }).toBe(0);
    const { value } = await told.next();
    expect(value.errors).toBeUndefined();
    await told.return?.();
  });
});
