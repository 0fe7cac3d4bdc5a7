/**
 * Real processes on a real broker and a real mongod, all of its own: two gateways, two processors (at times three), two
 * projectors. Each processor reaches the broker through a proxy of its own.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { openKafkaLog } from '../../../log/kafka/kafka-log.ts';
import { STATE_TOPICS, TRANSACTIONS } from '../../../log/topics.ts';
import { SHAPE } from '../../../projectors/index.ts';
import { viewSpecs } from '../../../views/documents.ts';
import { openMongoViews } from '../../../views/mongo/mongo-views.ts';
import { freePorts } from '../../engines/free-port.ts';
import { startKafka } from '../../engines/kafka.ts';
import { startMongo } from '../../engines/mongo.ts';
import { commandsLeft, readLog, readViews, recordsUnseen } from '../gather.ts';
import { kafkaMongoFaults } from '../nemesis/kafka-mongo-faults.ts';
import { SECRET } from '../workload/gateway-client.ts';
import { brokerState } from './broker-state.ts';
import { Child } from './child.ts';
import { KafkaProxy } from './kafka-proxy.ts';
import type { Gathered, Observer, System } from './system.ts';

export const PARTITIONS = 4;
export const READY_MS = 120_000;
const REST_MS = 240_000;

/** A processor and its way to the broker. */
export interface Processor {
  readonly child: Child;
  readonly proxy: KafkaProxy;
}

export interface Parts {
  readonly kafka: Awaited<ReturnType<typeof startKafka>>;
  readonly mongo: Awaited<ReturnType<typeof startMongo>>;
  readonly gateways: readonly Child[];
  /** The last one runs at times only. */
  readonly processors: readonly Processor[];
  readonly projectors: readonly Child[];
}

export async function startKafkaMongoSystem(build: string, observer: Observer): Promise<System> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-faults-'));
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const [kafka, mongo] = await Promise.all([
    startKafka({ settings: { 'transaction.max.timeout.ms': '60000' } }),
    startMongo(),
  ]);
  const proxies = await Promise.all([0, 1, 2].map(() => KafkaProxy.start(kafka.brokers[0] ?? '')));
  const ports = await freePorts(7);
  const common = {
    KAFKA_BROKERS: kafka.brokers.join(','),
    MONGODB_URL: mongo.url,
    PARTITIONS: String(PARTITIONS),
    AUTH_JWT_SECRET: SECRET,
    PURCHASE_TIMEOUT: '60s',
  };
  const child = (role: string, number: number, env: Readonly<Record<string, string>> = {}) =>
    new Child({
      name: `${role}-${number}`,
      build,
      logs,
      port: ports.pop() ?? 0,
      env: { ...common, ROLE: role, ...env },
      observer,
    });
  const parts: Parts = {
    kafka,
    mongo,
    gateways: [0, 1].map((i) => child('gateway', i)),
    processors: proxies.map((proxy, i) => ({
      proxy,
      child: child('processor', i, { KAFKA_BROKERS: `127.0.0.1:${proxy.port}` }),
    })),
    projectors: [0, 1].map((i) => child('projector', i)),
  };
  const { gateways, processors, projectors } = parts;
  const always = [...gateways, ...processors.slice(0, 2).map((processor) => processor.child), ...projectors];
  // The first one makes the topics; the others would race it for them, which is no fault of interest.
  always[0]?.start();
  await always[0]?.untilReady(READY_MS);
  for (const each of always) each.start();
  await Promise.all(always.map((each) => each.untilReady(READY_MS)));

  const openLog = () => openKafkaLog({ brokers: kafka.brokers, partitions: PARTITIONS });
  const openViews = () =>
    openMongoViews({
      url: mongo.url,
      database: 'counterfoil',
      views: viewSpecs,
      shape: SHAPE,
      logger: pino({ level: 'silent' }),
    });

  return {
    gateways: gateways.map(({ name, url }) => ({ name, url })),
    faults: kafkaMongoFaults(parts),
    logs,
    async heal() {
      for (const { proxy } of processors) proxy.mend();
      // Those that were started with a failure point are started without.
      for (const { child } of processors) await child.end('SIGKILL');
      for (const each of always) each.start();
      await Promise.all(always.map((each) => each.untilReady(READY_MS)));
    },
    async rest() {
      const [log, views] = [openLog(), await openViews()];
      try {
        const deadline = Date.now() + REST_MS;
        for (;;) {
          const undecided = await commandsLeft(log);
          const unseen = undecided > 0 ? 0 : await recordsUnseen(log, views, [...STATE_TOPICS, TRANSACTIONS]);
          if (undecided + unseen === 0) return;
          if (Date.now() > deadline) {
            throw new Error(`not at rest: ${undecided} commands undecided, ${unseen} records not projected`);
          }
          await pause(500);
        }
      } finally {
        await log.close();
        await views.close();
      }
    },
    async gather(): Promise<Gathered> {
      const [log, views] = [openLog(), await openViews()];
      try {
        const topics = await readLog(log, PARTITIONS);
        const broker = await brokerState(kafka.brokers, log, [...topics.keys(), '__consumer_offsets']);
        return { partitions: PARTITIONS, log: topics, views: await readViews(views), broker };
      } finally {
        await log.close();
        await views.close();
      }
    },
    async stop() {
      await Promise.all([...always, ...processors.map((each) => each.child)].map((each) => each.end('SIGKILL')));
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await Promise.all([kafka.stop(), mongo.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
