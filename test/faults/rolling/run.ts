/** The rolling run: seven processes without engines at first, then under a steady load while one after another is restarted. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Judged } from '../../../bench/soak/judged.ts';
import { Samples } from '../../../bench/soak/samples.ts';
import { freePorts } from '../../engines/free-port.ts';
import { startKafkaCluster } from '../../engines/kafka.ts';
import { startMongoSet } from '../../engines/mongo.ts';
import { check, type Violations } from '../checker/index.ts';
import type { History } from '../history.ts';
import { Random } from '../random.ts';
import { type Figures, figuresOf } from '../report.ts';
import { settled } from '../run.ts';
import { type Engines, gathered, untilAtRest } from '../system/at-rest.ts';
import { buildServer } from '../system/build.ts';
import { Child } from '../system/child.ts';
import { type Gateway, NO_LIMITS, SECRET } from '../workload/gateway-client.ts';
import { Workload } from '../workload/workload.ts';
import { Answers, PATIENCE_MS } from './answers.ts';
import { judgedByLives } from './lives.ts';
import { Processes, type Restart, ROLES } from './processes.ts';

const PARTITIONS = 6;
const NODES = 3;
const SAMPLE_MS = 5000;
const NO_LAG_WITHIN_MS = 120_000;
/** Between two restarts, samples apart. */
const QUIET = [1, 3] as const;
const PROGRESS_MS = 30_000;
/** The first of each role, once a third of the time is over. */
const LEFT_ALONE: ReadonlySet<string> = new Set(Object.keys(ROLES).map((role) => `${role}-0`));
/** From a balancer that has been told, until nothing that it had sent is on its way any more. */
const ON_ITS_WAY_MS = 2000;

export interface RollingOptions {
  readonly minutes: number;
  readonly clients: number;
  /** Operations a second that the clients begin together; well below what the machine can do. */
  readonly rate: number;
  readonly seed: number;
  print(line: string): void;
}

export interface RollingResult {
  readonly figures: Figures;
  readonly violations: Violations;
  readonly answers: Answers;
  readonly restarts: readonly Restart[];
  readonly memory: readonly Judged[];
  /** Subscribers who were told the end at a gateway that had not taken the mutation. */
  readonly toldElsewhere: number;
  /** Whatever else was not as it must be, a line each. */
  readonly wrong: readonly string[];
}

/** What has been started, to be ended in the opposite order. */
export class Endings {
  readonly #all: (() => Promise<unknown>)[] = [];

  add(end: () => Promise<unknown>): void {
    this.#all.push(end);
  }

  async run(): Promise<void> {
    for (const end of this.#all.splice(0).reverse()) await end();
  }
}

export async function rollingRun(options: RollingOptions, endings: Endings): Promise<RollingResult> {
  const { minutes, clients, rate, seed, print } = options;
  const random = new Random(seed);
  const wrong: string[] = [];

  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-rolling-'));
  const logs = join(dir, 'logs');
  await mkdir(logs);
  endings.add(() => rm(dir, { recursive: true, force: true }));
  print(`seed ${seed}: building; the processes' outputs go to ${logs}`);
  const [kafkaPorts, mongoPorts] = [await freePorts(NODES), await freePorts(NODES)];
  const brokers = kafkaPorts.map((port) => `127.0.0.1:${port}`);
  const mongoUrl = `mongodb://${mongoPorts.map((port) => `127.0.0.1:${port}`).join()}/?replicaSet=rs0`;
  const engines: Engines = { brokers, mongoUrl, partitions: PARTITIONS };
  const processes = new Processes(await childrenOf(await buildServer(), logs, engines, wrong));
  endings.add(() => processes.stop('SIGKILL'));

  print('all processes start in some order, before Kafka and MongoDB:');
  for (const [name, awaited] of await processes.startWithoutEngines(random)) print(`  ${name} waits for ${awaited}`);
  for (const [engine, start] of random.sample(enginesOf(kafkaPorts, mongoPorts), 2)) {
    endings.add((await start()).stop);
    print(`${engine} is there`);
  }
  await processes.untilReady();
  print('all processes are ready');

  const began = Date.now();
  const answers = new Answers((line) => print(`${secondsSince(began)} s  ${line}`));
  // As a balancer's: it sends nothing to one that is about to end, nor to one that is not ready.
  const gateways = processes.all
    .filter(({ name }) => name.startsWith('gateway'))
    .map(({ name, url }) => ({ name, url }));
  const workload = new Workload({ gateways, clients, rate, seed, patienceMs: PATIENCE_MS, onFailure: answers.note });
  const { ended } = await workload.start();
  ended.catch(() => undefined);
  endings.add(async () => workload.giveUp());
  const samples = new Samples();
  const balancer = { gateways, of: new Map(gateways.map((gateway) => [gateway.name, gateway])) };
  const endsAt = began + minutes * 60_000;
  const restarts = await keepRestarting(processes, { endsAt, random, samples, balancer }, (done) =>
    print(progress(began, done, workload.acknowledged, samples)),
  );
  const seconds = Math.round((Date.now() - began) / 1000);
  workload.stop();
  await settled(workload, ended);
  await untilAtRest(engines);
  await processes.untilNoLag(NO_LAG_WITHIN_MS).catch((error: Error) => wrong.push(error.message));
  print(`${workload.acknowledged} commands acknowledged; at rest, reading everything back`);
  const history: History = { ...workload.seen, ...(await gathered(engines)) };
  const violations = check(history);
  const faults = Object.fromEntries(processes.all.map(({ name }) => [`restarts of ${name}`, 0]));
  for (const { name } of restarts) faults[`restarts of ${name}`] = (faults[`restarts of ${name}`] ?? 0) + 1;
  const run = { engines: 'three brokers, three mongods', seed, seconds, faults, crashes: [], brokerKills: [] };
  const memory = judgedByLives(samples.all, (name) => LEFT_ALONE.has(name));
  const toldElsewhere = countToldElsewhere(history);
  wrong.push(...whatIsWrong({ answers, restarts, memory, toldElsewhere, missed: samples.missed }));
  const figures = figuresOf(run, history, violations);
  return { figures, violations, answers, restarts, memory, toldElsewhere, wrong };
}

async function childrenOf(build: string, logs: string, engines: Engines, wrong: string[]): Promise<readonly Child[]> {
  const observer = {
    fault: (kind: string) => void wrong.push(kind),
    note: (message: string) => void wrong.push(message),
    crash: (message: string) => void wrong.push(message),
    brokerKilled: () => undefined,
  };
  const env = {
    KAFKA_BROKERS: engines.brokers.join(),
    MONGODB_URL: engines.mongoUrl,
    PARTITIONS: String(PARTITIONS),
    AUTH_JWT_SECRET: SECRET,
    ...NO_LIMITS,
    PURCHASE_TIMEOUT: '120s',
  };
  const names = Object.entries(ROLES).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, number) => ({ role, name: `${role}-${number}` })),
  );
  const ports = await freePorts(names.length);
  return names.map(
    ({ role, name }, i) => new Child({ name, build, logs, port: ports[i] ?? 0, env: { ...env, ROLE: role }, observer }),
  );
}

function enginesOf(kafkaPorts: readonly number[], mongoPorts: readonly number[]) {
  return [
    ['Kafka', () => startKafkaCluster({ nodes: NODES, ports: kafkaPorts, heapMb: 384 })],
    ['MongoDB', () => startMongoSet({ nodes: NODES, ports: mongoPorts, cacheGb: 0.3, hasty: false })],
  ] as const;
}

interface Balancer {
  /** To which requests go at present. */
  readonly gateways: Gateway[];
  /** All of them, by name. */
  readonly of: ReadonlyMap<string, Gateway>;
}

interface Restarting {
  readonly endsAt: number;
  readonly random: Random;
  readonly samples: Samples;
  readonly balancer: Balancer;
}

/** Resolves when what was sent there has arrived. */
async function takenOut({ gateways }: Balancer, name: string): Promise<void> {
  const at = gateways.findIndex((gateway) => gateway.name === name);
  if (at < 0) return;
  gateways.splice(at, 1);
  await pause(ON_ITS_WAY_MS);
}

/**
 * One after another, all the time. The first of each role is left alone once a third of the time is over, so that there is one
 * whose memory is that of a long life, while others come and go around it.
 */
async function keepRestarting(
  processes: Processes,
  { endsAt, random, samples, balancer }: Restarting,
  tell: (restarts: readonly Restart[]) => void,
): Promise<readonly Restart[]> {
  const restarts: Restart[] = [];
  const settleAt = Date.now() + (endsAt - Date.now()) / 3;
  let toldAt = 0;
  for (let round: Child[] = []; Date.now() < endsAt; ) {
    if (round.length === 0) round = random.sample(processes.all, processes.all.length);
    const child = round.shift();
    if (child !== undefined && !(LEFT_ALONE.has(child.name) && Date.now() > settleAt)) {
      await takenOut(balancer, child.name);
      restarts.push(await processes.restart(child));
      const gateway = balancer.of.get(child.name);
      if (gateway !== undefined) balancer.gateways.push(gateway);
    }
    for (let quiet = random.int(...QUIET); quiet > 0 && Date.now() < endsAt; quiet--) {
      await samples.take(processes.watched);
      await pause(SAMPLE_MS);
    }
    if (Date.now() - toldAt < PROGRESS_MS) continue;
    toldAt = Date.now();
    tell(restarts);
  }
  return restarts;
}

function secondsSince(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(0).padStart(6);
}

function progress(began: number, restarts: readonly Restart[], acknowledged: number, { all }: Samples): string {
  const memory = all
    .filter(({ what }) => what.includes('RssAnon'))
    .map(({ process, samples }) => `${process} ${Math.round(samples.at(-1) ?? 0)}`);
  return `${secondsSince(began)} s  ${restarts.length} restarts, ${acknowledged} acknowledged; MB: ${memory.join(', ')}`;
}

function countToldElsewhere({ operations, subscriptions }: History): number {
  const takenBy = new Map<string, Set<string>>();
  for (const { gateway, receipt } of operations.flatMap(({ attempts }) => attempts)) {
    if (receipt === undefined) continue;
    const taken = takenBy.get(receipt.transactionId) ?? new Set();
    takenBy.set(receipt.transactionId, taken.add(gateway));
  }
  return subscriptions.filter(({ transactionId, listenings }) => {
    const last = listenings.at(-1);
    const toldTheEnd = /^(COMPLETED|REJECTED)$/.test(last?.seen.at(-1)?.status ?? '');
    return toldTheEnd && !(takenBy.get(transactionId)?.has(last?.gateway ?? '') ?? true);
  }).length;
}

function whatIsWrong({
  answers,
  restarts,
  memory,
  toldElsewhere,
  missed,
}: Pick<RollingResult, 'answers' | 'restarts' | 'memory' | 'toldElsewhere'> & { readonly missed: number }): string[] {
  return [
    ...Object.entries(answers.failed).map(([told, times]) => `failed ${times} times: ${told}`),
    ...restarts.filter(({ status }) => status !== 0).map(({ name, status }) => `${name} ended with status ${status}`),
    ...memory
      .filter(({ verdict }) => verdict?.flat === false)
      .map(({ series }) => `${series.process}, ${series.what}: not flat`),
    ...(memory.some(({ verdict }) => verdict !== undefined) ? [] : ['too few samples to judge memory by']),
    ...(missed === 0 ? [] : [`${missed} times a process did not tell its metrics`]),
    ...(toldElsewhere > 0 ? [] : ['no subscriber was told at another gateway than the mutation']),
  ];
}
