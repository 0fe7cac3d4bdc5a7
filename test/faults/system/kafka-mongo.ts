/**
 * Real processes on real brokers and mongods, all of its own: two gateways, two processors (at times three), two projectors.
 * Each process reaches each broker and each mongod through a proxy of its own.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../engines/free-port.ts';
import { type KafkaClusterForTests, startKafkaCluster } from '../../engines/kafka.ts';
import { type MongoSetForTests, startMongoSet } from '../../engines/mongo.ts';
import { kafkaMongoFaults } from '../nemesis/kafka-mongo-faults.ts';
import { NO_LIMITS, SECRET } from '../workload/gateway-client.ts';
import { type Engines, gathered, untilAtRest } from './at-rest.ts';
import { Between } from './between.ts';
import { Child } from './child.ts';
import { mountDisk } from './full-disk.ts';
import { KafkaWays } from './kafka-ways.ts';
import { MongoWays } from './mongo-ways.ts';
import type { Observer, System, SystemOptions } from './system.ts';

const PARTITIONS = 4;
const READY_MS = 120_000;

const SIZES = {
  'kafka-mongo': { brokers: 1, mongods: 1 },
  cluster: { brokers: 3, mongods: 3 },
} as const;

export type Size = keyof typeof SIZES;

/** A process and its ways to the engines. */
export interface Member {
  readonly child: Child;
  readonly kafka: KafkaWays;
  readonly mongo: MongoWays;
}

export interface Parts {
  readonly kafka: KafkaClusterForTests;
  readonly mongo: MongoSetForTests;
  readonly between: { readonly brokers: Between; readonly mongods: Between };
  readonly gateways: readonly Member[];
  /** The last one runs at times only. */
  readonly processors: readonly Member[];
  readonly projectors: readonly Member[];
  readonly observer: Observer;
  readonly options: SystemOptions;
  /** For a command line beside the processes, with no proxies in its way. */
  readonly env: Readonly<Record<string, string>>;
}

export async function startKafkaMongoSystem(size: Size, options: SystemOptions, observer: Observer): Promise<System> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-faults-'));
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const { brokers, mongods } = SIZES[size];
  const between = { brokers: new Between(), mongods: new Between() };
  const prepare = mountDisk;
  const settings = { 'transaction.max.timeout.ms': '60000' };
  const [kafka, mongo] = await Promise.all([
    startKafkaCluster({ nodes: brokers, settings, prepare, between: between.brokers.brokers }),
    startMongoSet({
      nodes: mongods,
      cacheGb: 0.3,
      hasty: !options.healthy,
      prepare,
      memberOf: between.mongods.members,
    }),
  ]);
  const common = {
    ...{ PARTITIONS: String(PARTITIONS), AUTH_JWT_SECRET: SECRET, ...NO_LIMITS, PURCHASE_TIMEOUT: '60s' },
    // An older version's gateways may record no roles.
    ...(options.other === undefined ? {} : { COMMANDS_WITHOUT_ROLES: 'accept' }),
  };
  const ports = await freePorts(7);
  const member = async (role: string, number: number): Promise<Member> => {
    const [kafkaWays, mongoWays] = await Promise.all([KafkaWays.to(kafka.brokers), MongoWays.to(mongo.nodes)]);
    const standby = role === 'processor' ? { STANDBY_EVERY: '2s' } : {};
    const env = { ...common, ...standby, ROLE: role, KAFKA_BROKERS: kafkaWays.brokers, MONGODB_URL: mongoWays.url };
    const port = ports.pop() ?? 0;
    const child = new Child({ name: `${role}-${number}`, build: options.build, logs, port, env, observer });
    return { child, kafka: kafkaWays, mongo: mongoWays };
  };
  const parts: Parts = {
    kafka,
    mongo,
    between,
    gateways: await Promise.all([0, 1].map((i) => member('gateway', i))),
    processors: await Promise.all([0, 1, 2].map((i) => member('processor', i))),
    projectors: await Promise.all([0, 1].map((i) => member('projector', i))),
    observer,
    options,
    env: { ...common, KAFKA_BROKERS: kafka.brokers.join(), MONGODB_URL: mongo.url },
  };
  const { gateways, processors, projectors } = parts;
  const members = [...gateways, ...processors, ...projectors];
  const always = [...gateways, ...processors.slice(0, 2), ...projectors].map(({ child }) => child);
  const ways = members.flatMap((each) => [...each.kafka.proxies, ...each.mongo.proxies]);
  // One projector makes the topics and the views; the others would race it for them, which is no fault of interest. A
  // gateway alone is not ready: there is nothing to show before a projector has begun the views.
  const [first] = projectors;
  first?.child.start();
  await first?.child.untilReady(READY_MS);
  for (const each of always) each.start();
  await Promise.all(always.map((each) => each.untilReady(READY_MS)));

  const whole: Engines = { brokers: kafka.brokers, mongoUrl: mongo.url, partitions: PARTITIONS };

  return {
    gateways: gateways.map(({ child: { name, url } }) => ({ name, url })),
    open: { brokers: kafka.brokers, partitions: PARTITIONS },
    faults: kafkaMongoFaults(parts),
    logs,
    async heal() {
      for (const way of [between.brokers, between.mongods, ...ways]) way.mend();
      for (const way of ways) way.clearUp();
      // Those that were started with a failpoint are started without.
      for (const { child } of processors) await child.end('SIGKILL');
      for (const each of always) each.start();
      await Promise.all(always.map((each) => each.untilReady(READY_MS)));
    },
    rest: () => untilAtRest(whole),
    gather: () => gathered(whole),
    async stop() {
      await Promise.all(members.map(({ child }) => child.end('SIGKILL')));
      await Promise.all([...ways, between.brokers, between.mongods].map((way) => way.stop()));
      await Promise.all([kafka.stop(), mongo.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
