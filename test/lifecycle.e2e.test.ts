/** How a process begins and ends, and what it does with records that cannot be read. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { prefixed } from '../log/prefixed.ts';
import { deadTopic, topicSpecs } from '../records/topics.ts';
import { Cluster } from './e2e/cluster.ts';
import { ADD, ended, PLACE, run, shop, submit } from './e2e/operations.ts';
import { Server, startServer } from './e2e/server.ts';

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')));
  await rm(folder, { recursive: true });
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Server> {
  const server = await startServer({ env: { DATA_DIR: folder, ...env } });
  servers.push(server);
  return server;
}

async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  const server = new Server({ env: { DATA_DIR: folder, ...env } });
  servers.push(server);
  await once(server.process, 'close');
  expect(server.process.exitCode).toBe(1);
  return server.output
    .split('\n')
    .filter((line) => line.startsWith('counterfoil: '))
    .join('\n');
}

describe('a start that cannot succeed', () => {
  it.each([
    [{ PORT: 'eighty' }, /^counterfoil: PORT is "eighty": .+$/],
    [{ PURCHASE_TIMEOUT: 'soon' }, /^counterfoil: PURCHASE_TIMEOUT is "soon": .+$/],
    [{ HOST: '0.0.0.0' }, /^counterfoil: HOST is "0.0.0.0": .+AUTH.+$/],
    [{ ROLE: 'gateway' }, /^counterfoil: ROLE is "gateway": .+KAFKA_BROKERS.+$/],
    [{ AUTH_JWT_SECRET: 'short' }, /^counterfoil: AUTH_JWT_SECRET is a value of 5 bytes: .+$/],
    [{ COUNTERFOIL_FAILPOINTS: 'x', NODE_ENV: 'production' }, /^counterfoil: COUNTERFOIL_FAILPOINTS is .+$/],
  ])('names the variable in one line: %o', async (env, line) => {
    expect(await refusal(env)).toMatch(line);
  });

  it('says that the port is taken, and what to set', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    expect(await refusal({ PORT: port })).toMatch(new RegExp(`${port}.*PORT|PORT.*${port}`));
    other.close();
  });

  it('says that another process has the data folder, and invites nobody before that', async () => {
    await start();
    expect(await refusal({})).toContain(folder);
    expect(servers.at(-1)?.output).not.toContain('Counterfoil is at');
  });
});

interface Readiness {
  readonly status: string;
  readonly parts: Readonly<
    Record<string, { readonly ready: boolean; readonly state: string; readonly detail?: string }>
  >;
}

describe('a process whose engine is out of reach when it starts', () => {
  /** A port of this machine on which nobody listens. */
  async function nobodysPort(): Promise<number> {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    other.close();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async function waiting(env: Readonly<Record<string, string>>): Promise<Server> {
    const port = String(await nobodysPort());
    const server = new Server({ env: { DATA_DIR: folder, PORT: port, ...env } });
    servers.push(server);
    await server.says(/listening/);
    server.url = `http://127.0.0.1:${port}`;
    return server;
  }

  const engines = [
    ['log', 'processor', async () => ({ KAFKA_BROKERS: `127.0.0.1:${await nobodysPort()}` })],
    ['views', undefined, async () => ({ MONGODB_URL: `mongodb://127.0.0.1:${await nobodysPort()}/?replicaSet=rs0` })],
  ] as const;

  it.each(engines)(
    'answers its probes, says that it waits for the %s, and ends cleanly',
    async (part, role, engine) => {
      const env = await engine();
      const mongo = { MONGODB_URL: 'mongodb://127.0.0.1:1/?replicaSet=rs0' };
      const server = await waiting({ ...(role === undefined ? {} : { ROLE: role, ...mongo }), ...env });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      const ask = async () => {
        const response = await fetch(`${server.url}/readyz`);
        return [response.status, ((await response.json()) as Readiness).parts[part]];
      };
      await expect.poll(ask, { timeout: 30_000 }).toEqual([503, expect.objectContaining({ state: 'trouble' })]);
      if (role === undefined) {
        const { errors } = await server.graphql('{ viewer { id } }');
        expect(errors?.[0]).toMatchObject({
          message: expect.stringContaining(part),
          extensions: { code: 'UNAVAILABLE' },
        });
      }
      expect(await server.stop()).toBe(0);
    },
  );
});

describe('a process that is told to end', () => {
  it('answers what is running, sends subscribers away with 1012, and leaves nothing behind that it acknowledged', async () => {
    const server = await start();
    const { customerId, productId } = await shop(server, 100);
    const codes: unknown[] = [];
    const client = server.client();
    client.on('closed', (event) => codes.push(Reflect.get(Object(event), 'code')));
    const waiting = client.iterate({ query: 'subscription { productChanged { id } }' });
    const told = waiting.next().then(() => waiting.next());
    // Open as soon as it has told of one change.
    let open = false;
    void client.on('message', (message) => {
      open ||= message.type === 'next';
    });
    while (!open) await run(server, ADD, { name: 'probe', price: '1' });
    const receipts = await Promise.all(
      Array.from({ length: 20 }, () => submit(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] })),
    );
    void told.catch(() => undefined);
    expect(await server.stop()).toBe(0);
    expect(codes).toContain(1012);

    const again = await start();
    for (const { transactionId } of receipts) expect((await ended(again, transactionId)).status).toBe('COMPLETED');
    const { data } = await again.graphql('query ($id: ID!) { product(id: $id) { stock reserved } }', { id: productId });
    expect(data.product).toEqual({ stock: 80, reserved: 0 });
  });

  it('ends on Ctrl-C too', async () => {
    const server = await start();
    expect(await server.stop('SIGINT')).toBe(0);
  });
});

/** Everything that can be wrong with a record, put on a commands topic by hand. */
function unreadable(): readonly NewRecord[] {
  const topic = 'products.commands';
  const headers = {
    ce_specversion: '1.0',
    ce_id: 'by-hand',
    ce_type: 'restockProduct',
    ce_source: '/hand',
    ce_subject: 'p',
    ce_time: '2024-01-01T00:00:00Z',
    ce_transactionid: 'by-hand',
    ce_issuedby: 'hand',
  };
  const good = JSON.stringify({ productId: 'p', quantity: 1 });
  return [
    { topic, key: 'p', value: 'rubbish', headers: {} },
    { topic, key: 'p', value: 'not JSON', headers },
    { topic, key: 'p', value: Buffer.from([0xff, 0x00, 0xfe]), headers },
    { topic, key: 'p', value: JSON.stringify({ productId: 'p', quantity: 'many' }), headers },
    { topic, key: 'p', value: good, headers: { ...headers, ce_type: 'explode' } },
    { topic, key: 'p', value: good, headers: { ...headers, ce_time: 'yesterday' } },
    { topic, key: 'q', value: good, headers },
    { topic, key: 'p', value: null, headers },
    { topic, key: 'p', partition: (partitionOf('p', 4) + 1) % 4, value: good, headers },
  ];
}

async function deadLetters(log: EventLog): Promise<{ value: string; reason: string }[]> {
  const letters: { value: string; reason: string }[] = [];
  for (let partition = 0; partition < 4; partition++) {
    for await (const records of log.read({ topic: deadTopic('products.commands'), partition })) {
      for (const { value, headers } of records) {
        letters.push({ value: value?.toString('latin1') ?? '', reason: decodeURI(headers['dead_reason'] ?? '') });
      }
    }
  }
  return letters;
}

function expectAll(letters: readonly { value: string; reason: string }[]): void {
  expect(letters).toHaveLength(unreadable().length);
  const bytes = unreadable().map(({ value }) =>
    typeof value === 'string' ? value : (value?.toString('latin1') ?? ''),
  );
  expect(letters.map(({ value }) => value).sort()).toEqual(bytes.sort());
  expect(letters.filter(({ reason }) => reason === '')).toEqual([]);
}

describe('a record that cannot be read', () => {
  it('goes to the dead letters and holds nobody up, on the embedded log', async () => {
    const log = await openEmbeddedLog({ dir: folder });
    await log.createTopics(topicSpecs(4));
    await log.append(unreadable());
    await log.close();
    const server = await start();
    const { customerId, productId } = await shop(server, 3);
    const placed = await run(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
    expect(placed.status).toBe('COMPLETED');
    await server.stop();
    const after = await openEmbeddedLog({ dir: folder });
    expectAll(await deadLetters(after));
    await after.close();
  });

  const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');
  it.skipIf(missing)(`goes to the dead letters and holds nobody up, on Kafka ${missing}`, async () => {
    const brokers = inject('kafkaBrokers');
    const cluster = await Cluster.start({ brokers, mongoUrl: inject('mongoUrl'), processors: 1, projectors: 1 });
    const log = prefixed(openKafkaLog({ brokers, partitions: 4 }), cluster.env['TOPIC_PREFIX'] ?? '');
    try {
      await log.append(unreadable());
      const { customerId, productId } = await shop(cluster.gateway, 3);
      const placed = await run(cluster.gateway, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
      expect(placed.status).toBe('COMPLETED');
      await expect.poll(async () => (await deadLetters(log)).length, { timeout: 20_000 }).toBe(unreadable().length);
      expectAll(await deadLetters(log));
    } finally {
      await log.close();
      await cluster.stop();
    }
  });
});
