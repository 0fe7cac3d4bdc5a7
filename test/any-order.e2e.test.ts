/** Processes that are there before Kafka and MongoDB: each listens, says what it waits for, and goes on by itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../server/variables.ts';
import { METRICS, type MetricKind } from '../telemetry/metric-table.ts';
import { ended, PLACE, shop, submit } from './e2e/operations.ts';
import { samplesIn } from './e2e/samples.ts';
import { Server } from './e2e/server.ts';
import { freePort, freePorts } from './engines/free-port.ts';
import { kafkaMissing, startKafkaCluster } from './engines/kafka.ts';
import { startMongoSet } from './engines/mongo.ts';
import { mongodBinary } from './engines/mongod-binary.ts';

/** Engines that come later are this test's own: Java and, once, Maven; and a mongod. */
const missing = (await kafkaMissing()) ?? (await mongodBinary().then(() => undefined, String));
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

const LIMIT_MS = 600_000;
/** Each with an order of its own, and more than one of those that make the topics. */
const ROLES = ['projector', 'gateway', 'outbox', 'processor', 'processor', 'gateway'] as const;

/** Metrics that a process counts, though the table does not say so; and gauges that it has no value of, though it does. */
async function toldWronglyBy(role: Role, url: string): Promise<readonly string[]> {
  const samples = samplesIn(await (await fetch(`${url}/metrics`)).text());
  const has: Readonly<Record<MetricKind, (metric: string) => boolean>> = {
    gauge: (metric) => samples.some(({ name }) => name === metric),
    // Those without labels are there at 0 in every process.
    counter: (metric) => samples.some(({ name, value }) => name === metric && value > 0),
    histogram: (metric) => samples.some(({ name, value }) => name === `${metric}_count` && value > 0),
  };
  return Object.entries(METRICS)
    .filter(([metric, { kind, toldBy }]) => {
      const tells = has[kind](metric);
      return new Set<Role>(toldBy).has(role) ? kind === 'gauge' && !tells : tells;
    })
    .map(([metric]) => `${role}: ${metric}`);
}

interface Readiness {
  readonly parts: Readonly<
    Record<string, { readonly ready: boolean; readonly state: string; readonly detail?: string }>
  >;
}

describe.skipIf(missing)(`processes without engines${missing ? ` (${missing})` : ''}`, { timeout: LIMIT_MS }, () => {
  const servers: Server[] = [];
  const endings: (() => Promise<unknown>)[] = [];
  let dir = '';
  let kafkaPort = 0;
  let mongoPort = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'counterfoil-any-order-'));
    [kafkaPort = 0, mongoPort = 0] = await freePorts(2);
    for (const [i, role] of ROLES.entries()) {
      const port = await freePort();
      const server = new Server({
        env: {
          ROLE: role,
          PORT: String(port),
          DATA_DIR: join(dir, String(i)),
          KAFKA_BROKERS: `127.0.0.1:${kafkaPort}`,
          MONGODB_URL: `mongodb://127.0.0.1:${mongoPort}/?replicaSet=rs0`,
        },
      });
      server.url = `http://127.0.0.1:${port}`;
      servers.push(server);
    }
    await Promise.all(servers.map((server) => server.says(/listening for probes/)));
  }, LIMIT_MS);

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    for (const end of endings) await end();
    await rm(dir, { recursive: true, force: true });
  }, LIMIT_MS);

  const of = (role: string) => servers.filter((_, i) => ROLES[i] === role);

  /** Resolves when the part is in trouble, as `/readyz` tells, with this in its detail. */
  async function waitsFor(server: Server, part: 'log' | 'views', detail: string): Promise<void> {
    await expect
      .poll(
        async () => {
          const answer = await fetch(`${server.url}/readyz`);
          const { parts } = (await answer.json()) as Readiness;
          return [answer.status, parts[part]?.state, parts[part]?.detail];
        },
        { timeout: LIMIT_MS },
      )
      .toEqual([503, 'trouble', expect.stringContaining(detail)]);
  }

  it('say one by one that they wait for the log, then for the views, and then do their work', async () => {
    for (const server of servers) {
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      await waitsFor(server, 'log', `127.0.0.1:${kafkaPort}`);
      await server.says(/waiting for an engine that is out of reach; the start goes on by itself/);
    }
    const [gateway, other] = of('gateway');
    if (gateway === undefined || other === undefined) throw new Error('two gateways are needed');
    expect((await gateway.graphql('{ viewer { id } }')).errors?.[0]).toMatchObject({
      message: expect.stringContaining('log: '),
      extensions: { code: 'UNAVAILABLE' },
    });

    endings.push((await startKafkaCluster({ nodes: 1, ports: [kafkaPort] })).stop);
    await Promise.all(of('processor').map((server) => server.says(/"ready: /)));
    for (const server of [...of('projector'), ...of('gateway')]) {
      await waitsFor(server, 'views', 'MongoDB');
    }

    endings.push((await startMongoSet({ nodes: 1, ports: [mongoPort] })).stop);
    await Promise.all(servers.map((server) => server.says(/"ready: /)));
    const { customerId, productId } = await shop(gateway, 5);
    const receipt = await submit(gateway, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
    // Mutated at one gateway, watched at the other.
    expect((await ended(other, receipt.transactionId)).status).toBe('COMPLETED');
    for (const [i, role] of ROLES.entries()) expect(await toldWronglyBy(role, servers[i]?.url ?? '')).toEqual([]);
    for (const server of servers) expect(await server.stop()).toBe(0);
  });
});
