/** The built server on a data folder, with its event loop and its memory watched from the first moment. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { Server } from '../../test/e2e/server.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { type Memory, memoryOf, processorSeconds } from '../rigs/child.ts';
import { until } from '../rigs/timing.ts';
import type { Took } from './verdicts.ts';

const SAMPLED_EVERY_MS = 100;
const TOLD_WITHIN_MS = 10_000;
const STARTS_WITHIN_MS = 3_600_000;

/** How long the event loop was held, in ms. */
export interface Held {
  /** By the clock: also while the machine had no core for it. */
  readonly wall: number;
  /** By the processor time of its thread. */
  readonly processor: number;
}

export class WatchedServer {
  readonly server: Server;
  readonly url: string;
  /** From the start of the process. */
  healthz: Took | undefined;
  #memory: Memory = { ownMb: 0, mappedMb: 0 };
  #probe = 0;
  #held: Held = { wall: 0, processor: 0 };
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;

  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
    server.url = url;
    this.#timer = setInterval(() => void this.#sample(), SAMPLED_EVERY_MS);
  }

  /** Resolves when it answers `/healthz`; from then on its event loop is watched. */
  static async start(dir: string): Promise<WatchedServer> {
    const port = await freePort();
    const env = { DATA_DIR: dir, PORT: String(port), LOG_LEVEL: 'info', NODE_OPTIONS: `--import ${await loopDelay()}` };
    const watched = new WatchedServer(new Server({ built: true, env }), `http://127.0.0.1:${port}`);
    await until('/healthz', STARTS_WITHIN_MS, () => watched.#answers('/healthz'));
    watched.healthz = await watched.#took();
    await watched.mostHeld();
    return watched;
  }

  /** From the start of the process. */
  async ready(): Promise<Took> {
    await until('/readyz', STARTS_WITHIN_MS, () => this.#answers('/readyz'), 200);
    return await this.#took();
  }

  async #took(): Promise<Took> {
    return { clockMs: performance.now() - this.#began, processorMs: await this.processorMs() };
  }

  /** What the process has taken until now, all its threads together. */
  async processorMs(): Promise<number> {
    return (await processorSeconds(this.server.process.pid ?? 0)) * 1000;
  }

  /** The most since it was asked last. */
  memory(): Memory {
    const most = this.#memory;
    this.#memory = { ownMb: 0, mappedMb: 0 };
    return most;
  }

  /** The longest answer to a probe since it was asked last, in ms. */
  slowestProbe(): number {
    const slowest = this.#probe;
    this.#probe = 0;
    return slowest;
  }

  /** Since it was asked last. */
  async held(): Promise<Held> {
    const held = await this.#heldUntilNow();
    const { wall, processor } = this.#held;
    this.#held = { wall: Math.max(wall, held.wall), processor: Math.max(processor, held.processor) };
    return held;
  }

  /** The most since it was asked for the most last. */
  async mostHeld(): Promise<Held> {
    await this.held();
    const most = this.#held;
    this.#held = { wall: 0, processor: 0 };
    return most;
  }

  async #heldUntilNow(): Promise<Held> {
    const before = this.server.output.length;
    this.server.process.kill('SIGUSR2');
    const told = () => /processor time: at most (\d+|NaN) ms/.exec(this.server.output.slice(before));
    await until('the watch of the event loop tells', TOLD_WITHIN_MS, () => told() !== null);
    const text = this.server.output.slice(before);
    return { wall: Number(/clock: at most (\d+)/.exec(text)?.[1]), processor: Number(told()?.[1]) };
  }

  /** @returns ms until the process has ended */
  async stop(signal: NodeJS.Signals): Promise<number> {
    clearInterval(this.#timer);
    const began = performance.now();
    await this.server.stop(signal);
    return performance.now() - began;
  }

  async #answers(path: string): Promise<boolean> {
    const { process: child, output } = this.server;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended before it was ready: ${output.slice(-1000)}`);
    const asked = performance.now();
    const response = await fetch(`${this.url}${path}`).catch(() => undefined);
    if (response !== undefined && this.healthz !== undefined)
      this.#probe = Math.max(this.#probe, performance.now() - asked);
    return response?.status === 200;
  }

  async #sample(): Promise<void> {
    const { ownMb, mappedMb } = await memoryOf(this.server.process.pid ?? 0);
    if (Number.isNaN(ownMb)) return;
    const most = this.#memory;
    this.#memory = { ownMb: Math.max(most.ownMb, ownMb), mappedMb: Math.max(most.mappedMb, mappedMb) };
  }
}

/** `bench/loop-delay.ts` as a module that Node.js loads by itself: a loader of TypeScript would slow the start down. */
async function loopDelay(): Promise<string> {
  const source = await readFile(join(import.meta.dirname, '../loop-delay.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const file = join(await mkdtemp(join(tmpdir(), 'counterfoil-bench-')), 'loop-delay.mjs');
  await writeFile(file, outputText);
  return pathToFileURL(file).href;
}
