/**
 * A real Kafka for tests on a machine without Docker: one KRaft node on loopback, its jars fetched once by Maven into the
 * repository's `.cache/`, its data in a temporary directory. Nothing of it outlives the process that started it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from './free-port.ts';

const run = promisify(execFile);

const VERSION = '4.3.1';
const REPOSITORY = join(import.meta.dirname, '..', '..');
const CACHE = join(REPOSITORY, '.cache');
const START_TIMEOUT_MS = 90_000;

export interface KafkaForTests {
  readonly brokers: readonly string[];
  /** Process id of the broker that runs now. */
  readonly pid: number;
  /** Sends a signal to the broker; with one that ends it, resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface KafkaForTestsOptions {
  /** Java heap, in MB. Default 512. */
  readonly heapMb?: number;
  /** Broker settings beside or instead of ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startKafka(options: KafkaForTestsOptions = {}): Promise<KafkaForTests> {
  const libs = await kafkaLibs();
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-kafka-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const config = join(dir, 'server.properties');
  const output = join(dir, 'output.log');
  await writeFile(config, properties(dir, port, controllerPort, options.settings));
  const java = (mainClass: string, args: readonly string[], heapMb: number) => [
    `-Xms${Math.min(256, heapMb)}m`,
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    '-cp',
    `${libs}/*`,
    mainClass,
    ...args,
  ];
  const clusterId = randomBytes(16).toString('base64url');
  await run('java', java('kafka.tools.StorageTool', ['format', '--standalone', '-t', clusterId, '-c', config], 128));

  const watchdog = watch(dir);
  let broker: ChildProcess | undefined;

  const start = async () => {
    const log = openSync(output, 'a');
    const child = spawn('java', java('kafka.Kafka', [config], options.heapMb ?? 512), { stdio: ['ignore', log, log] });
    closeSync(log);
    broker = child;
    child.once('error', () => {});
    child.unref();
    watchdog.guard(child.pid ?? 0);
    const gone = new AbortController();
    child.once('exit', () => {
      watchdog.guard(0);
      gone.abort();
    });
    try {
      await answers(`127.0.0.1:${port}`, gone.signal);
    } catch (error) {
      const tail = (await readFile(output, 'utf8')).slice(-3000);
      throw new Error(`Kafka did not start: ${String(error)}\n${tail}`);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const child = broker;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.ref();
    child.kill(signal);
    await exited;
  };
  const stop = async () => {
    await end('SIGKILL');
    await rm(dir, { recursive: true, force: true });
    watchdog.dismiss();
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: [`127.0.0.1:${port}`],
    get pid() {
      return broker?.pid ?? 0;
    },
    async kill(signal) {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') broker?.kill(signal);
      else await end(signal);
    },
    start,
    stop,
  };
}

/** Whether Maven and Java, which a local Kafka needs, are there; otherwise the reason why not. */
export async function kafkaMissing(): Promise<string | undefined> {
  try {
    const { stderr } = await run('java', ['-version']);
    const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    if (major < 17) return `Java 17 or newer is needed for a local Kafka, found ${major}`;
  } catch {
    return 'no Java found for a local Kafka';
  }
  if (existsSync(libsDir())) return undefined;
  return run('mvn', ['-v']).then(
    () => undefined,
    () => 'no Maven found to fetch Kafka with',
  );
}

function libsDir(): string {
  return join(CACHE, `kafka-${VERSION}`);
}

/** Fetched into a directory of its own and renamed when complete, so that runs at the same time or killed ones do no harm. */
async function kafkaLibs(): Promise<string> {
  const libs = libsDir();
  if (existsSync(libs)) return libs;
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(join(CACHE, 'kafka-partial-'));
  try {
    const pom = join(import.meta.dirname, 'kafka', 'pom.xml');
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`]);
    await rename(partial, libs).catch((error: unknown) => {
      if (!existsSync(libs)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return libs;
}

function properties(
  dir: string,
  port: number,
  controllerPort: number,
  settings: Readonly<Record<string, string>> = {},
) {
  const all: Readonly<Record<string, string>> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
    // A broker that was killed is let in again at once, not after the default nine seconds.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    'log.segment.delete.delay.ms': '1000',
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function answers(broker: string, gone: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  for (;;) {
    if (gone.aborted) throw new Error('the process ended');
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length > 0) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await admin.disconnect();
    }
    if (Date.now() > deadline) throw new Error('no broker in the cluster');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * A shell that waits for the end of its input, which comes when this process ends, however it ends, and then ends the
 * broker last named and removes its data.
 */
function watch(dir: string): { guard(pid: number): void; dismiss(): void } {
  const script = 'pid=0; while read -r p; do pid=$p; done; [ "$pid" -gt 0 ] && kill -9 "$pid"; rm -rf "$0"';
  const child = spawn('sh', ['-c', script, dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.stdin.on('error', () => {});
  child.unref();
  const onExit = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', onExit);
  return {
    guard: (pid) => void child.stdin.write(`${pid}\n`),
    dismiss: () => {
      process.off('exit', onExit);
      child.stdin.end();
    },
  };
}
