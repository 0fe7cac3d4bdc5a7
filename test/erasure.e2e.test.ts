/** A person is erased from a running system: nothing of the names is found in any file or record afterwards. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { eraseAgain, erasedOn } from '../sealing/erased-again.ts';
import { newMasterKey } from '../sealing/master-keys.ts';
import { Cluster } from './e2e/cluster.ts';
import { run as counterfoil } from './e2e/command-line.ts';
import { type Server, startServer } from './e2e/server.ts';
import { collectionsHolding, filesHolding, recordsHolding } from './erasure/search.ts';
import { beErased, ERASE, isErased, liveAs, WORDS } from './erasure/story.ts';

const PARTITIONS = 4;
let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-erasure-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')));
  await rm(folder, { recursive: true });
});

async function start(name: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
  const server = await startServer({ env: { DATA_DIR: join(folder, name), ...env } });
  servers.push(server);
  return server;
}

async function onLog<T>(name: string, use: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog({ dir: join(folder, name) });
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

describe('on the embedded engines, with nothing configured', () => {
  it('an erased customer is found nowhere, while it runs and later, in files and records; all else stays right', async () => {
    const server = await start('data');
    await liveAs(server);
    expect(await filesHolding(join(folder, 'data', 'views'), WORDS)).not.toEqual([]);
    await beErased(server);
    await expect.poll(() => filesHolding(folder, WORDS), { timeout: 20_000 }).toEqual([]);
    const verified = await counterfoil({ DATA_DIR: join(folder, 'data') }, 'verify', '--decide', '--url', server.url);
    expect(verified).toMatchObject({ code: 0 });
    await server.stop();
    expect(await filesHolding(folder, WORDS)).toEqual([]);
    expect(await onLog('data', (log) => recordsHolding(log, PARTITIONS, WORDS))).toEqual([]);

    // Rebuilt from the log, all of it.
    await rm(join(folder, 'data', 'views'), { recursive: true });
    await rm(join(folder, 'data', 'state'), { recursive: true });
    await isErased(await start('data'));
    expect(await filesHolding(folder, WORDS)).toEqual([]);
  });

  it('a backup from before the erasure, put back with the marks of the newer log, shows the erased as erased', async () => {
    const server = await start('data');
    await liveAs(server);
    await server.stop();
    await cp(join(folder, 'data'), join(folder, 'backup'), { recursive: true });
    const again = await start('data');
    await beErased(again);
    await again.stop();
    const erased = await onLog('data', erasedOn);
    expect(erased).toMatchObject([{ subject: 'c-17' }]);

    await rm(join(folder, 'backup', 'views'), { recursive: true });
    expect(await onLog('backup', (log) => eraseAgain(log, erased))).toBe(1);
    await isErased(await start('backup'));
    expect(await filesHolding(folder, WORDS)).toEqual([]);
  });
});

describe('without a master key', () => {
  it('says so at the start, refuses to erase with the way out, and leaves what can be found', async () => {
    const server = await start('data', { MASTER_KEY: 'off' });
    expect(server.output).toContain('there is no master key');
    await liveAs(server);
    const { errors } = await server.graphql(ERASE, { input: { customerId: 'c-17' } });
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'ERASURE_OFF' } });
    expect(errors?.[0]?.message).toContain('MASTER_KEY');
    await server.stop();
    // The search finds what there is.
    expect(await onLog('data', (log) => recordsHolding(log, PARTITIONS, WORDS))).not.toEqual([]);
    expect(await filesHolding(join(folder, 'data'), WORDS)).not.toEqual([]);
  });

  it('does not start on a log whose master key is lost, and names what is missing', async () => {
    const server = await start('data');
    await liveAs(server);
    await server.stop();
    await rm(join(folder, 'data', 'master.key'));
    const told = await start('data').then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(told).toMatch(/master key is not given.*fingerprint/s);
    expect(told).not.toContain('there is no master key');
  });
});

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

describe.skipIf(missing)(`on Kafka and MongoDB ${missing}`, () => {
  it('an erased customer is found in no record and no document; the keys of others stay', async () => {
    const [brokers, mongoUrl] = [inject('kafkaBrokers'), inject('mongoUrl')];
    const env = { MASTER_KEY: newMasterKey(), DATA_DIR: folder };
    const cluster = await Cluster.start({ brokers, mongoUrl, processors: 1, projectors: 1, env });
    const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), cluster.env['TOPIC_PREFIX'] ?? '');
    const database = cluster.env['MONGODB_DATABASE'] ?? '';
    try {
      await liveAs(cluster.gateway);
      expect(await collectionsHolding(mongoUrl, database, WORDS)).not.toEqual([]);
      await beErased(cluster.gateway);
      expect(await recordsHolding(log, PARTITIONS, WORDS)).toEqual([]);
      await expect.poll(() => collectionsHolding(mongoUrl, database, WORDS), { timeout: 20_000 }).toEqual([]);
      expect(await filesHolding(folder, WORDS)).toEqual([]);
      // Another gateway, which begins after it.
      const later = await cluster.add('gateway');
      await isErased(later);
      const { data } = await later.graphql('{ customer(id: "c-18") { lastName erased } }');
      expect(data.customer).toEqual({ lastName: 'Readable', erased: false });
    } finally {
      await log.close();
      await cluster.stop();
    }
  }, 300_000);
});
