/** One run: a system under load while the nemesis strikes; then rest, and the checker's word on all that was seen. */
import { setTimeout as pause } from 'node:timers/promises';
import { check, type Violations } from './checker/index.ts';
import type { History } from './history.ts';
import { Nemesis } from './nemesis/nemesis.ts';
import { Random } from './random.ts';
import { type Figures, figuresOf } from './report.ts';
import { buildServer } from './system/build.ts';
import { startEmbeddedSystem } from './system/embedded.ts';
import { startKafkaMongoSystem } from './system/kafka-mongo.ts';
import { buildWithMistake, type Mistake } from './system/mistakes.ts';
import type { Observer, System, SystemOptions } from './system/system.ts';
import { Stranger } from './workload/stranger.ts';
import { Workload } from './workload/workload.ts';

export const ENGINES = ['kafka-mongo', 'cluster', 'embedded'] as const;
export type Engines = (typeof ENGINES)[number];

export interface RunOptions {
  readonly engines: Engines;
  readonly seed: number;
  /** Under load and faults; what follows until the system rests comes on top. */
  readonly seconds: number;
  /** The run goes on until so many processes were killed, however long that takes. Default 0. */
  readonly kills?: number;
  /** Clients at the same time. Default 48. */
  readonly clients?: number;
  /** Operations a second that they begin together. Default 150. */
  readonly rate?: number;
  /** Only faults whose kind this matches. */
  readonly only?: RegExp;
  /** Run a server that has this mistake: the checker is to find it. */
  readonly mistake?: Mistake;
  /** Without any fault. */
  readonly healthy?: boolean;
  /** The folder of another version, built, which some processes run at times. */
  readonly other?: string;
  print(line: string): void;
}

export interface RunResult {
  readonly figures: Figures;
  readonly violations: Violations;
  readonly history: History;
  /** Folder with the processes' outputs; it is removed by `clear`. */
  readonly logs: string;
  clear(): Promise<void>;
}

const STARTS: Readonly<Record<Engines, (options: SystemOptions, observer: Observer) => Promise<System>>> = {
  'kafka-mongo': (options, observer) => startKafkaMongoSystem('kafka-mongo', options, observer),
  cluster: (options, observer) => startKafkaMongoSystem('cluster', options, observer),
  embedded: startEmbeddedSystem,
};
const QUIET: Readonly<Record<Engines, readonly [number, number]>> = {
  'kafka-mongo': [3000, 11_000],
  cluster: [3000, 11_000],
  embedded: [300, 2000],
};
/** How long clients may take to get their last answers once all faults are over. */
const SETTLE_MS = 180_000;

export async function run(options: RunOptions): Promise<RunResult> {
  const { engines, seed, seconds, kills = 0, clients = 48, rate = 150, print } = options;
  print(`${engines}, seed ${seed}: building and starting`);
  const faults: Record<string, number> = {};
  const begun = Date.now();
  const crashes: string[] = [];
  const brokerKills: number[] = [];
  const tell = (what: string) => {
    const at = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
    print(`${at} s  ${what}, ${workload?.acknowledged ?? 0} acknowledged`);
  };
  const observer: Observer = {
    fault(kind, detail) {
      faults[kind] = (faults[kind] ?? 0) + 1;
      tell(`${kind}${detail === '' ? '' : ` (${detail})`}`);
    },
    note: tell,
    brokerKilled: () => void brokerKills.push(Date.now()),
    crash(message) {
      crashes.push(message);
      tell(message);
    },
  };
  let workload: Workload | undefined;
  let stranger: Stranger | undefined;
  const build = await builtWith(options.mistake);
  const { other, healthy = false } = options;
  const system = await STARTS[engines]({ build, healthy, ...(other ? { other } : {}) }, observer);
  try {
    workload = new Workload({ gateways: system.gateways, clients, rate, seed });
    const { ended } = await workload.start();
    ended.catch(() => undefined);
    const loadBegun = Date.now();
    if (system.open !== undefined) stranger = new Stranger({ ...system.open, random: new Random(seed + 2000) });
    const nemesis = new Nemesis({
      faults: healthy ? [] : system.faults.filter(({ kind }) => options.only?.test(kind) ?? true),
      seed: seed + 1000,
      lanes: engines === 'embedded' ? 1 : 2,
      quiet: QUIET[engines],
      onFault: observer.fault,
    });
    const killed = () => Object.entries(faults).reduce((sum, [kind, n]) => sum + (kind.includes('kill') ? n : 0), 0);
    while (Date.now() - loadBegun < seconds * 1000 || killed() < kills) await pause(100);
    await nemesis.stop();
    await stranger?.stop();
    if (stranger !== undefined) faults["a stranger's records"] = stranger.written;
    const took = Math.round((Date.now() - loadBegun) / 1000);
    print(`the faults are over after ${took} s; ${workload.acknowledged} commands acknowledged`);
    await system.heal();
    workload.stop();
    await settled(workload, ended);
    await system.rest();
    print('at rest; reading everything back');
    const history: History = { ...workload.seen, ...(await system.gather()) };
    const violations = check(history);
    const figures = figuresOf({ engines, seed, seconds: took, faults, crashes, brokerKills }, history, violations);
    return { figures, violations, history, logs: system.logs, clear: () => system.stop() };
  } catch (error) {
    workload?.giveUp();
    void stranger?.stop();
    print(`the run failed; the processes' outputs are in ${system.logs}`);
    throw error;
  }
}

async function builtWith(mistake: Mistake | undefined): Promise<string> {
  const build = await buildServer();
  return mistake === undefined ? build : await buildWithMistake(build, mistake);
}

/** Resolves when clients have their last answers, or have given up waiting for them. */
export async function settled(workload: Workload, ended: Promise<void>): Promise<void> {
  const tooLong = new AbortController();
  const late = pause(SETTLE_MS, undefined, { signal: tooLong.signal }).then(
    () => {
      // What is still unanswered now stays so, and the checker tells what that means.
      workload.giveUp();
    },
    () => undefined,
  );
  await ended;
  tooLong.abort();
  await late;
}
