/**
 * A real Kafka for tests on a machine without Docker: one KRaft node or a cluster of them on loopback, each a broker and a
 * controller, their data in a temporary directory. Nothing of it outlives the process that started it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from './free-port.ts';
import { fetchKafka, javaArguments, kafkaMissing, kafkaTool } from './kafka-libs.ts';
import { type ServerForTests, ServerProcess, Watchdog } from './server-process.ts';
import { onlyOne, type ServerSet, startServers } from './server-set.ts';

export { kafkaMissing };

const START_TIMEOUT_MS = 180_000;
const LOOPBACK = '127.0.0.1';

export interface KafkaForTests extends ServerForTests {
  readonly brokers: readonly string[];
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface KafkaNode extends ServerForTests {
  /** From 1. */
  readonly id: number;
  /** `host:port` for clients. */
  readonly address: string;
  /** Folder of its data. */
  readonly data: string;
}

export interface KafkaClusterForTests extends ServerSet<KafkaNode> {
  /** Every node's address. */
  readonly brokers: readonly string[];
}

export interface KafkaForTestsOptions {
  /** Java heap of each node, in MB. Default 512, in a cluster 384. */
  readonly heapMb?: number;
  /** More arguments of `java`; of an option that is given twice the last one counts. */
  readonly jvm?: readonly string[];
  /** Broker settings beside or instead of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** More ways in, beside the one without protection. */
  readonly listeners?: readonly Listener[];
  /** Arguments of the storage tool beside ours, such as users: `--add-scram`, `SCRAM-SHA-512=[name=…,password=…]`. */
  readonly format?: readonly string[];
}

/** A way in that each node of a set of one has, under a port that is chosen before it starts. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT';
}

export interface KafkaClusterOptions extends KafkaForTestsOptions {
  /** Default 3. */
  readonly nodes?: number;
  /** Each node's port for clients, for who must know it before the nodes run. Default: free ones. */
  readonly ports?: readonly number[];
  /** Called for each node's folder before anything is written to it. */
  prepare?(data: string, id: number): Promise<void>;
  /**
   * The address at which node `from` finds node `to`, whose two ports (for brokers, for controllers) are the same there: so
   * that a proxy can stand between any two. Default: the loopback address, without a proxy.
   */
  between?(from: number, to: number, ports: readonly number[]): Promise<string>;
}

/** One node, for all that needs no second one. */
export async function startKafka(options: KafkaForTestsOptions = {}): Promise<KafkaForTests> {
  const cluster = await startKafkaCluster({ heapMb: 512, ...options, nodes: 1 });
  return Object.assign(onlyOne(cluster), { brokers: cluster.brokers });
}

interface Ports {
  readonly id: number;
  readonly clients: number;
  readonly brokers: number;
  readonly controllers: number;
}

/** A cluster whose topics stand on three nodes, if there are so many, and take writes while two of them are in sync. */
export async function startKafkaCluster(options: KafkaClusterOptions = {}): Promise<KafkaClusterForTests> {
  const {
    nodes: count = 3,
    heapMb = 512,
    settings = {},
    listeners = [],
    format = [],
    jvm = [],
    prepare,
    between,
  } = options;
  const given = options.ports ?? [];
  await fetchKafka();
  const watchdog = await Watchdog.start('counterfoil-kafka-');
  // An id that begins with a dash, one in 64, is taken for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const free = await freePorts(3 * count);
  const all: readonly Ports[] = Array.from({ length: count }, (_, i) => {
    const [clients = 0, brokers = 0, controllers = 0] = free.slice(3 * i);
    return { id: i + 1, clients: given[i] ?? clients, brokers, controllers };
  });

  const nodeOf = async (ports: Ports): Promise<ServerProcess & KafkaNode> => {
    const { id, clients } = ports;
    const dir = join(watchdog.dir, `node-${id}`);
    const data = join(dir, 'data');
    await mkdir(data, { recursive: true });
    await prepare?.(data, id);
    const config = join(dir, 'server.properties');
    await writeFile(config, properties(data, ports, all, listeners, settings));
    const hosts = join(dir, 'hosts');
    await writeFile(hosts, await hostsFile(id, all, between));
    await kafkaTool('kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', config, ...format]);
    const address = `${LOOPBACK}:${clients}`;
    const process = new ServerProcess(
      {
        name: `Kafka's node ${id}`,
        command: 'java',
        args: javaArguments('kafka.Kafka', [config], heapMb, [`-Djdk.net.hosts.file=${hosts}`, ...jvm]),
        output: join(dir, 'output.log'),
        startTimeoutMs: START_TIMEOUT_MS,
        whyNot: () => whyNotInCluster(address, id),
      },
      watchdog,
    );
    return Object.assign(process, { id, address, data });
  };

  const { nodes, stop } = await startServers(watchdog, () => Promise.all(all.map(nodeOf)));
  return { nodes, brokers: nodes.map(({ address }) => address), stop };
}

/** Nodes know each other by name alone, and each JVM has names of its own: so each can be given its own way to another. */
const nameOf = (id: number) => `node-${id}.kafka.test`;

async function hostsFile(from: number, all: readonly Ports[], between: KafkaClusterOptions['between']) {
  const lines = [`${LOOPBACK} localhost ${hostname()}`];
  for (const { id: to, brokers, controllers } of all) {
    const itself = to === from || between === undefined;
    lines.push(`${itself ? LOOPBACK : await between(from, to, [brokers, controllers])} ${nameOf(to)}`);
  }
  return `${lines.join('\n')}\n`;
}

function properties(
  data: string,
  { id, clients, brokers, controllers }: Ports,
  all: readonly Ports[],
  more: readonly Listener[],
  settings: Readonly<Record<string, string>>,
) {
  const others = more.map(({ name, port }) => `,${name}://${LOOPBACK}:${port}`).join('');
  const protocols = more.map(({ name, protocol }) => `,${name}:${protocol}`).join('');
  const copies = String(Math.min(3, all.length));
  const inSync = String(Math.min(2, all.length));
  const entries: Readonly<Record<string, string>> = {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': all.map((node) => `${node.id}@${nameOf(node.id)}:${node.controllers}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'BROKERS',
    listeners: `CLIENTS://${LOOPBACK}:${clients},BROKERS://${LOOPBACK}:${brokers},CONTROLLER://${LOOPBACK}:${controllers}${others}`,
    'advertised.listeners': `CLIENTS://${LOOPBACK}:${clients},BROKERS://${nameOf(id)}:${brokers},CONTROLLER://${nameOf(id)}:${controllers}${others}`,
    'listener.security.protocol.map': `CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'log.dirs': data,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
    // One node that was killed is let in again at once. Among several, Kafka's own nine seconds: on a busy machine a shorter
    // session takes brokers for dead that are only late.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': all.length > 1 ? '9000' : '2000',
    // The default, 128 MB, is taken at once and would be half of the heap.
    'log.cleaner.dedupe.buffer.size': '16777216',
    'log.segment.delete.delay.ms': '1000',
    ...settings,
  };
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function whyNotInCluster(address: string, id: number): Promise<string | undefined> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return brokers.some(({ nodeId }) => nodeId === id) ? undefined : 'it is not in the cluster';
  } finally {
    await admin.disconnect();
  }
}
