/** The command line as a user types it, against processes on Kafka and MongoDB. */
import kafkajs from 'kafkajs';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { run, start } from './e2e/command-line.ts';
import { ALL, COUNTS } from './e2e/northwind.ts';

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

describe.skipIf(missing)(`the command line on Kafka and MongoDB ${missing}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({
      brokers: inject('kafkaBrokers'),
      mongoUrl: inject('mongoUrl'),
      processors: 1,
      projectors: 1,
    });
    const { code, stderr } = await run({}, 'import', 'examples/northwind', '--url', cluster.gateway.url);
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => await cluster.stop());

  /** Works on the database that the live generation's documents are in. */
  async function falsifyView(): Promise<void> {
    const client = await MongoClient.connect(inject('mongoUrl'));
    const db = client.db(cluster.env['MONGODB_DATABASE']);
    let changed = 0;
    for (const { name } of await db.listCollections().toArray()) {
      const found = await db
        .collection<{ _id: string }>(name)
        .updateOne({ _id: 'QUICK' }, { $inc: { purchaseCount: 1 } });
      changed += found.modifiedCount;
    }
    await client.close();
    expect(changed).toBe(1);
  }

  it('finds the books right, names a view that is not, and rebuilds it without a gap for those who read', async () => {
    await expect.poll(async () => (await cluster.gateway.graphql(COUNTS)).data, { timeout: 60_000 }).toEqual(ALL);
    const right = await run(cluster.env, 'verify', '--decide');
    expect([right.code, right.stdout], right.stderr).toEqual([0, expect.stringMatching(/no difference\n$/)]);

    await falsifyView();
    const wrong = await run(cluster.env, 'verify');
    expect([wrong.code, wrong.stdout]).toEqual([
      1,
      expect.stringMatching(/views {2}customers\.state\/\d@\d+ {2}customers\/QUICK/),
    ]);

    let reading = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (reading) seen.add(JSON.stringify(await cluster.gateway.graphql(COUNTS)));
    })();
    const rebuilt = await run(cluster.env, 'rebuild');
    expect([rebuilt.code, rebuilt.stdout], rebuilt.stderr).toEqual([
      0,
      expect.stringMatching(/generation \d+ is live\n$/),
    ]);
    const { code, stdout } = await run(cluster.env, 'verify');
    reading = false;
    await reader;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/no difference\n$/)]);
    expect([...seen]).toEqual([JSON.stringify({ data: ALL })]);
  });

  it('lets one rebuild run at a time, and a killed one leaves the views as they are', async () => {
    const first = start(cluster.env, 'rebuild');
    await first.says(/views: /);
    first.kill('SIGSTOP');
    const second = await run(cluster.env, 'rebuild');
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(/a rebuild is under way already, by .* process \d+: /),
    ]);
    first.kill('SIGKILL');
    await first.ended;
    expect((await cluster.gateway.graphql(COUNTS)).data).toEqual(ALL);
    // The dead one's claim runs out by itself.
    await expect
      .poll(async () => (await run(cluster.env, 'rebuild')).code, { timeout: 90_000, interval: 2000 })
      .toBe(0);
    expect((await cluster.gateway.graphql(COUNTS)).data).toEqual(ALL);
    expect((await run(cluster.env, 'verify')).code).toBe(0);
  });

  it('shows what is bought after a rebuild', async () => {
    const { data } = await cluster.gateway.graphql(
      'mutation { placePurchase(input: { id: "after", customerId: "ALFKI", lines: [{ productId: "59", quantity: 1 }] }) { transactionId } }',
    );
    expect((await run({}, 'watch', data.placePurchase.transactionId, '--url', cluster.gateway.url)).code).toBe(0);
    await expect
      .poll(async () => (await cluster.gateway.graphql('{ purchase(id: "after") { status } }')).data, {
        timeout: 30_000,
      })
      .toEqual({ purchase: { status: 'CONFIRMED' } });
  });

  it('checks and creates topics, and lists dead letters', async () => {
    expect((await run(cluster.env, 'topics')).code).toBe(0);
    const other = { ...cluster.env, TOPIC_PREFIX: `${cluster.env['TOPIC_PREFIX']}other.` };
    expect((await run(other, 'topics', 'check')).code).toBe(1);
    expect((await run(other, 'topics', 'create')).stdout).toMatch(/customers\.commands .* (created|as it must be)/);
    expect((await run(other, 'topics', 'check')).code).toBe(0);
    expect((await run(cluster.env, 'dead', 'list')).stdout).toBe('0 dead letters\n');
  });

  it('does not start on a topic that was deleted, nor makes it anew, unless the loss is accepted', async () => {
    await cluster.stop();
    const admin = new kafkajs.Kafka({ brokers: inject('kafkaBrokers'), logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    const topic = `${cluster.env['TOPIC_PREFIX']}products.events`;
    await admin.deleteTopics({ topics: [topic] });
    await expect.poll(async () => (await admin.listTopics()).includes(topic)).toBe(false);
    const refusal = /topic products\.events is missing, though others .*topics create --accept-loss/;
    await expect(cluster.add('processor')).rejects.toThrow(refusal);
    const refused = await run(cluster.env, 'topics', 'create');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(refusal)]);
    expect(await admin.listTopics()).not.toContain(topic);
    expect((await run(cluster.env, 'topics', 'create', '--accept-loss')).stdout).toMatch(/products\.events .* created/);
    await cluster.add('processor');
    await admin.disconnect();
  });
});
