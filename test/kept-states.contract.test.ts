/** Processors with their states on a real disk, on each log engine: a restart reads what came since, and decides as before. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AggregateName } from '../domain/index.ts';
import { aggregateNames } from '../domain/registry.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord, PartitionProcess, ProcessOptions, Running } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { commandsLeft } from '../processors/commands-left.ts';
import { startProcessors } from '../processors/index.ts';
import { Standby } from '../processors/standby.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, stateTopic, TRANSACTIONS, topicSpecs } from '../records/topics.ts';
import { openDiskStores } from '../store/disk/disk-stores.ts';

const PARTITIONS = 2;
/** Those of the aggregates, and that of the keys. */
const PROCESSORS = aggregateNames.length + 1;
const PURCHASES = 30;
const missing = inject('kafkaMissing');
/** For whole processes of a purchase to come to rest. */
const PATIENCE = { timeout: 30_000, interval: 20 };

const engines: readonly [string, string, (folder: string) => Promise<EventLog>][] = [
  ['the embedded log', '', (dir) => openEmbeddedLog({ dir })],
  [
    'Kafka',
    missing,
    async () => prefixed(openKafkaLog({ brokers: inject('kafkaBrokers'), partitions: PARTITIONS }), `${randomUUID()}.`),
  ],
];

describe.each(engines)('processors that keep their states, on %s', (_, missing, openLog) => {
  let folder: string;
  let log: EventLog;
  const restored: LogRecord[] = [];

  beforeAll(async () => {
    if (missing !== '') return;
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    log = await openLog(folder);
    await log.createTopics(topicSpecs(PARTITIONS));
  });
  afterAll(async () => {
    if (missing !== '') return;
    await log.close();
    await rm(folder, { recursive: true });
  });

  /** Runs all processors, with what is kept in that folder, or nothing. */
  async function run(work: () => Promise<void>, kept = 'state'): Promise<void> {
    restored.splice(0);
    const stores = await openDiskStores({ dir: join(folder, kept), most: PROCESSORS * PARTITIONS });
    const started = await startProcessors({ log: watching(log, restored), partitions: PARTITIONS, stores });
    for (const running of started.values()) await running.caughtUp();
    await work();
    for (const running of started.values()) await running.stop();
    await stores.close();
  }

  async function send(aggregate: AggregateName, type: string, id: string, data: object, transaction = `${type}-${id}`) {
    const headers = toHeaders({
      ...{ id: transaction, type, source: '/test', subject: id, time: new Date().toISOString() },
      ...{ transactionid: transaction, issuedby: 'ada', roles: 'admin' },
    });
    await log.append([{ topic: commandsTopic(aggregate), key: id, value: JSON.stringify(data), headers }]);
  }

  async function all(topic: string): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for await (const batch of log.read({ topic, partition })) records.push(...batch);
    }
    return records;
  }

  async function newest(
    topic: string,
  ): Promise<ReadonlyMap<string | null, { readonly status: string; readonly sold: number }>> {
    return new Map((await all(topic)).map(({ key, value }) => [key, JSON.parse(String(value))]));
  }

  const register = () =>
    send('customers', 'registerCustomer', 'ada', { customerId: 'ada', firstName: 'A', lastName: 'B', email: null });
  const place = (id: string, productId = 'tea') =>
    send('purchases', 'placePurchase', id, { purchaseId: id, customerId: 'ada', lines: [{ productId, quantity: 1 }] });

  it.skipIf(missing !== '')(
    'restart from what they kept, give repeats no second effect, and begin anew without it',
    async () => {
      await run(async () => {
        await register();
        await send('products', 'addProduct', 'tea', { productId: 'tea', name: 'Tea', price: 1, stock: 100 });
        for (let i = 0; i < PURCHASES; i++) await place(`p${i}`);
        await expect
          .poll(async () => (await newest(stateTopic('products'))).get('tea')?.sold, PATIENCE)
          .toBe(PURCHASES);
      });
      await run(async () => {});
      const inAll = (await all(TRANSACTIONS)).length;
      const before = restored.filter(({ topic }) => topic.endsWith('.state') || topic.endsWith('.allocations'));
      // Of each topic and partition the last record that is known.
      expect(before.length).toBeLessThanOrEqual(PROCESSORS * PARTITIONS);
      expect(inAll).toBeGreaterThan(PURCHASES);

      await run(async () => {
        expect(restored.filter(({ topic }) => topic === TRANSACTIONS).length).toBeLessThan(PURCHASES);
        await place('p0');
        await place('after');
        await expect
          .poll(async () => (await newest(stateTopic('purchases'))).get('after')?.status, PATIENCE)
          .toBe('CONFIRMED');
        await expect
          .poll(async () => (await newest(stateTopic('products'))).get('tea')?.sold, PATIENCE)
          .toBe(PURCHASES + 1);
      });
      await rm(join(folder, 'state'), { recursive: true });
      await run(async () => {
        expect(restored.length).toBeGreaterThan(inAll);
        await send('purchases', 'cancelPurchase', 'p1', { purchaseId: 'p1' });
        await expect
          .poll(async () => (await newest(stateTopic('products'))).get('tea')?.sold, PATIENCE)
          .toBe(PURCHASES);
      });
    },
  );

  it.skipIf(missing !== '')(
    'are taken over from a standby copy, of which only what came since is to be read',
    async () => {
      await run(async () => {
        await register();
        await send('products', 'addProduct', 'jam', { productId: 'jam', name: 'Jam', price: 1, stock: 1000 });
        const stores = await openDiskStores({ dir: join(folder, 'standby'), most: PROCESSORS * PARTITIONS });
        const standby = new Standby({ log, everyMs: 3_600_000 });
        const elsewhere: ProcessOptions[] = [];
        await startProcessors({ log: takingPartIn(log, elsewhere), partitions: PARTITIONS, stores, standby });
        const buy = async (from: number) => {
          for (let i = from; i < from + PURCHASES; i++) await place(`s${i}`, 'jam');
          await expect
            .poll(async () => (await newest(stateTopic('products'))).get('jam')?.sold, PATIENCE)
            .toBe(from + PURCHASES);
        };
        // Copied while the owners are at work, and once more when they have come to rest.
        const bought = buy(0);
        for (const { name } of elsewhere) await standby.round(name);
        await bought;
        await buy(PURCHASES);
        await settled();
        for (const { name } of elsewhere) await standby.round(name);

        expect(elsewhere).toHaveLength(PROCESSORS);
        await standby.stop();
        await stores.close();
      });
      await run(async () => {
        // Of each topic and partition the last record that is known; of the statuses, in which others write too, what came since.
        const own = restored.filter(({ topic }) => topic.endsWith('.state') || topic.endsWith('.allocations'));
        expect(own.length).toBeLessThanOrEqual(PROCESSORS * PARTITIONS);
        expect(restored.filter(({ topic }) => topic === TRANSACTIONS).length).toBeLessThan(PURCHASES);
      }, 'standby');
    },
  );

  /** Waits until nobody has anything to decide any more. */
  async function settled(): Promise<void> {
    for (const name of aggregateNames) {
      await expect
        .poll(async () => {
          for await (const commands of commandsLeft(log, name)) if (commands.length > 0) return commands.length;
          return 0;
        }, PATIENCE)
        .toBe(0);
    }
  }
});

const NOT_GIVEN_ANYTHING: Running = {
  health: () => ({ state: 'running' }),
  partitions: () => [],
  caughtUp: async () => undefined,
  stop: async () => undefined,
};

/** For a process that takes part and is given no partition. */
function takingPartIn(log: EventLog, processors: ProcessOptions[]): EventLog {
  return Object.assign(Object.create(log) as EventLog, {
    append: log.append.bind(log),
    committed: log.committed.bind(log),
    process: async (options: ProcessOptions) => {
      processors.push(options);
      return NOT_GIVEN_ANYTHING;
    },
  });
}

/** Notes what is given to processes to restore. */
function watching(log: EventLog, restored: LogRecord[]): EventLog {
  const watched = (process: PartitionProcess): PartitionProcess => ({
    ...process,
    restore(record) {
      restored.push(record);
      process.restore(record);
    },
  });
  return Object.assign(Object.create(log) as EventLog, {
    append: log.append.bind(log),
    committed: log.committed.bind(log),
    process: ({ open, ...options }: Parameters<EventLog['process']>[0]) =>
      log.process({ ...options, open: (partition) => watched(open(partition)) }),
  });
}
