/** The console over many processes on Kafka and MongoDB: who is there, what is stuck and why, and how it is mended. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { Cluster } from './e2e/cluster.ts';
import { OLDER, olderBuild } from './e2e/older-build.ts';
import { ended, PLACE, shop, submit } from './e2e/operations.ts';
import type { Server } from './e2e/server.ts';

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

const SYSTEM = `{ system {
  deadLetterCount job { kind state done total result }
  processes { hearing roles pid version memoryBytes parts { name ready state partitions { topic partition records seconds } } }
} }`;
const DEAD = `{ deadLetters { totalCount nodes { topic key reason ended type entityId transactionId value stalls { id } } } }`;
const STUCK = `{ stuckTransactions(olderThanSeconds: 30) {
  transaction { id status steps { name } }
  waitsFor { why command { type entityId topic } deadLetter { topic key } }
} }`;
const RETRY = 'mutation ($topic: String!, $key: ID!) { done: retryDeadLetter(topic: $topic, key: $key) { key } }';
const DROP = 'mutation ($topic: String!, $key: ID!) { done: dropDeadLetter(topic: $topic, key: $key) { key } }';

interface Seen {
  readonly hearing: string;
  readonly roles: readonly string[];
  readonly pid: number;
  readonly version: string;
  readonly memoryBytes: number;
  readonly parts: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly partitions: readonly { readonly topic: string }[];
  }[];
}

describe.skipIf(missing)(`the console on Kafka and MongoDB ${missing}`, () => {
  let cluster: Cluster;
  let older: string;
  let gateways: readonly [Server, Server];
  let processor: Server;

  beforeAll(async () => {
    older = await olderBuild();
    cluster = await Cluster.start({
      brokers: inject('kafkaBrokers'),
      mongoUrl: inject('mongoUrl'),
      gateways: 2,
      processors: 0,
      projectors: 1,
      env: { PURCHASE_TIMEOUT: '1h' },
    });
    processor = await cluster.add('processor', { folder: older, built: true });
    const [one, other] = cluster.servers.filter(({ url }) => url !== '');
    if (one === undefined || other === undefined) throw new Error('there are no two gateways');
    gateways = [one, other];
  });
  afterAll(async () => {
    await cluster?.stop();
    await rm(older, { recursive: true, force: true });
  });

  const ask = async (query: string, at: Server = gateways[0], variables = {}) => {
    const { data, errors } = await at.graphql(query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const processes = async (): Promise<readonly Seen[]> => (await ask(SYSTEM)).system.processes;
  const wait = { timeout: 60_000, interval: 500 };

  it('shows every process, at any gateway, with its version and how far each of its parts is', async () => {
    const roles = async () => (await processes()).filter(isWell).map((each) => each.roles.join());
    await expect.poll(roles, wait).toEqual(['gateway', 'gateway', 'processor', 'projector']);
    const seen = await processes();
    expect(seen.map(({ pid }) => pid).sort()).toEqual(cluster.servers.map(({ process }) => process.pid).sort());
    const found = seen.find(({ pid }) => pid === processor.process.pid);
    expect(found).toMatchObject({ version: OLDER, memoryBytes: expect.any(Number) });
    const products = found?.parts.find(({ name }) => name === 'processor products');
    expect(products?.partitions).toContainEqual(
      expect.objectContaining({ topic: 'products.commands', partition: 0, records: 0, seconds: 0 }),
    );
    for await (const { data } of gateways[1].client().iterate({ query: `subscription ${SYSTEM}` })) {
      expect(Object(data).system.processes).toHaveLength(4);
      break;
    }
  });

  it('tells which record stalls a transaction, and why; once what could not read it is mended, a retry lets it go on', async () => {
    const { customerId, productId } = await shop(gateways[0], 5);
    const lines = [{ productId, quantity: 2 }];
    const { transactionId } = await submit(gateways[0], PLACE, { customerId, lines });
    await expect.poll(async () => (await ask(DEAD)).deadLetters.totalCount, wait).toBe(1);
    const [letter] = (await ask(DEAD, gateways[1])).deadLetters.nodes;
    expect(letter).toMatchObject({
      topic: 'products.commands',
      reason: 'ce_type: there is no command reserveStock',
      type: 'reserveStock',
      entityId: productId,
      stalls: { id: transactionId },
      ended: false,
    });
    expect(JSON.parse(letter.value)).toMatchObject({ productId, quantity: 2 });

    await expect
      .poll(async () => (await ask(STUCK)).stuckTransactions, wait)
      .toMatchObject([
        {
          transaction: { id: transactionId, status: 'PENDING' },
          waitsFor: [
            {
              why: expect.stringContaining('there is no command reserveStock'),
              command: { type: 'reserveStock', entityId: productId, topic: 'products.commands' },
              deadLetter: { key: letter.key },
            },
          ],
        },
      ]);
    expect((await ask(STUCK)).stuckTransactions[0].transaction.steps.length).toBeGreaterThan(1);

    await processor.stop('SIGKILL');
    const hearing = async () => (await processes()).find(({ pid }) => pid === processor.process.pid)?.hearing;
    await expect.poll(hearing, wait).toBe('GONE');
    await cluster.add('processor');

    const { topic, key } = letter;
    expect(await ask(RETRY, gateways[1], { topic, key })).toEqual({ done: { key } });
    expect(await ended(gateways[0], transactionId)).toMatchObject({ status: 'COMPLETED' });
    await expect.poll(async () => (await ask(SYSTEM)).system.deadLetterCount, wait).toBe(0);
    expect((await ask(STUCK)).stuckTransactions).toEqual([]);
    const again = await gateways[0].graphql(RETRY, { topic, key });
    expect(again.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('refuses to put back what a transaction has ended by, and drops it', async () => {
    const log = openKafkaLog({ brokers: inject('kafkaBrokers'), partitions: 4 });
    const id = 'a-stranger';
    const headers = toHeaders({
      ...{ id, type: 'addProduct', source: '/elsewhere', subject: id, time: new Date().toISOString() },
      ...{ transactionid: id, issuedby: 'stranger' },
    });
    const topic = `${cluster.env['TOPIC_PREFIX']}products.commands`;
    await log.append([{ topic, key: id, value: '{"half":', headers }]);
    await log.close();
    await expect.poll(async () => (await ask(DEAD)).deadLetters.totalCount, wait).toBe(1);
    const [letter] = (await ask(DEAD)).deadLetters.nodes;
    expect(letter).toMatchObject({ reason: 'value: it is not JSON', value: '{"half":', ended: true, stalls: null });
    const which = { topic: letter.topic, key: letter.key };
    const refused = await gateways[0].graphql(RETRY, which);
    expect(refused.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(refused.errors?.[0]?.message).toMatch(/has ended REJECTED \(UNREADABLE\), which is final: drop it/);
    expect(await ask(DROP, gateways[1], which)).toEqual({ done: { key: letter.key } });
    expect((await ask(DEAD)).deadLetters.totalCount).toBe(0);
  });

  it('verifies and rebuilds in the background, one at a time, followed from any gateway', async () => {
    const job = async (at: Server) => (await ask(SYSTEM, at)).system.job;
    await ask('mutation { startVerify { at } }', gateways[0]);
    await expect.poll(async () => (await job(gateways[1])).state, wait).toBe('RUNNING');
    const second = await gateways[1].graphql('mutation { startRebuild { at } }');
    expect(second.errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^a verify is under way already, at .* process \d+: wait/),
      extensions: { code: 'JOB_UNDER_WAY' },
    });
    const done = { timeout: 100_000, interval: 500 };
    await expect.poll(async () => (await job(gateways[1])).state, done).toBe('DONE');
    expect((await job(gateways[1])).result).toContain('no difference');

    await ask('mutation { startRebuild { at } }', gateways[1]);
    const rebuilt = { kind: 'REBUILD', state: 'DONE', result: [expect.stringMatching(/generation \d+ is live$/)] };
    await expect.poll(() => job(gateways[0]), done).toMatchObject(rebuilt);
    expect((await ask('{ purchases { totalCount } }')).purchases.totalCount).toBe(1);
  });
});

function isWell({ hearing, parts }: Seen): boolean {
  return hearing === 'HEARD' && parts.every(({ ready }) => ready);
}
