/** Views that another version of the program wrote rebuild themselves when a projector starts. */
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { SHAPE } from '../projectors/index.ts';
import { Cluster } from './e2e/cluster.ts';
import { PLACE, run, shop } from './e2e/operations.ts';

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

describe.skipIf(missing)(`views of another shape ${missing}`, () => {
  let cluster: Cluster | undefined;
  afterAll(() => cluster?.stop());

  it('are rebuilt from the log before the projector goes on', async () => {
    const mongoUrl = inject('mongoUrl');
    const running = await Cluster.start({ brokers: inject('kafkaBrokers'), mongoUrl, processors: 1, projectors: 1 });
    cluster = running;
    const { customerId, productId } = await shop(running.gateway, 5);
    const { id } = await run(running.gateway, PLACE, { customerId, lines: [{ productId, quantity: 2 }] });
    const total = async () => {
      const { data } = await running.gateway.graphql('query ($id: ID!) { purchase(id: $id) { total } }', { id });
      return data.purchase?.total;
    };
    await expect.poll(total, { timeout: 20_000 }).toBe('25.00');
    await running.stop();

    const client = await MongoClient.connect(mongoUrl);
    const db = client.db(running.env['MONGODB_DATABASE']);
    const meta = db.collection<{ _id: string; generation: number; shape: string }>('meta');
    const before = await meta.findOneAndUpdate({ _id: 'live' }, { $set: { shape: 'of long ago' } });
    // What stands in the old generation is not read again.
    await db.collection(`purchases_g${before?.generation}`).updateMany({}, { $set: { total: 1 } });

    await Promise.all([running.add('gateway'), running.add('projector')]);
    await expect.poll(total, { timeout: 20_000 }).toBe('25.00');
    const after = await meta.findOne({ _id: 'live' });
    expect(after?.shape).toBe(SHAPE);
    expect(after?.generation).toBeGreaterThan(before?.generation ?? 0);
    await client.close();
  });
});
