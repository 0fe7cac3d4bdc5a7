/** What the roles tell of their work, for `/metrics` and `/readyz`. */
import { setTimeout as pause } from 'node:timers/promises';
import { Counter } from 'prom-client';
import type { Metrics, PartReport, ReadinessReport } from '../gateway/index.ts';
import { LogUnavailable, type Running } from '../log/event-log.ts';
import type { Observer } from '../processors/index.ts';
import { EngineCheck } from './engine-check.ts';

const ASK_AGAIN_MS = 500;

export interface Part {
  readonly name: string;
  readonly running: Running;
}

/** How far something long has come. */
export interface Done {
  readonly done: number;
  readonly total: number;
}

/**
 * Parts are ready once each has handled what the log held when it started, and while it is not in trouble; the engines,
 * once they are open and while they answer.
 */
export class Observation {
  readonly #parts: Part[] = [];
  readonly #caughtUp = new Set<string>();
  /** Engines that are not open yet. */
  readonly #opening = new Map<string, PartReport>();
  readonly #checks = new Map<string, EngineCheck>();
  #rebuilding: () => Done | undefined = () => undefined;
  #ready = false;

  constructor(metrics: Metrics) {
    metrics.gauge({
      name: 'partition_lag_records',
      help: 'Records not yet handled, by part, topic and partition',
      labels: ['part', 'topic', 'partition'],
      read: () =>
        this.#parts.flatMap(({ name, running }) =>
          running.partitions().map(({ topic, partition, lag }) => ({
            labels: { part: name, topic, partition: String(partition) },
            value: lag,
          })),
        ),
    });
    metrics.gauge({
      name: 'part_ready',
      help: '1 when the part is ready, as /readyz tells',
      labels: ['part'],
      read: () =>
        Object.entries(this.#known()).map(([part, { ready }]) => ({ labels: { part }, value: ready ? 1 : 0 })),
    });
  }

  add(name: string, running: Running): void {
    this.#parts.push({ name, running });
  }

  /** An engine is being opened, or is waited for. */
  opening(name: string, { state, detail }: Omit<PartReport, 'ready'> = { state: 'opening' }): void {
    this.#opening.set(name, { ready: false, state, detail });
  }

  /** The engine is open; `ask` rejects while it is out of reach. */
  opened(name: string, ask: () => Promise<unknown>): void {
    this.#opening.delete(name);
    this.#checks.set(name, new EngineCheck(ask));
  }

  /** The views are not whole for as long as `done` says how far their rebuild has come. */
  rebuilding(done: () => Done | undefined): void {
    this.#rebuilding = done;
  }

  /** Whether the part has handled what the log held when it started. */
  hasCaughtUp(name: string): boolean {
    return this.#caughtUp.has(name);
  }

  /** Resolves when every part has caught up with the log as it is now. */
  async caughtUp(): Promise<void> {
    await Promise.all(
      this.#parts.map(async ({ name, running }) => {
        await caughtUp(running);
        this.#caughtUp.add(name);
      }),
    );
    this.#ready = true;
  }

  /** What the start is still waiting for, in a line; undefined once everything has been ready. */
  awaited(): string | undefined {
    if (this.#ready) return undefined;
    const waiting = Object.entries(this.#known()).filter(([, { ready }]) => !ready);
    return waiting.map(([name, { state, detail }]) => `${name}: ${detail ?? state}`).join(', ') || 'starting';
  }

  /** As it is now; engines as they were at most a second ago. */
  async report(): Promise<ReadinessReport> {
    await Promise.all([...this.#checks.values()].map((check) => check.report()));
    return this.#known();
  }

  #known(): ReadinessReport {
    const engines = [...this.#checks].map(([name, check]): [string, PartReport] => [name, check.last]);
    const parts = this.#parts.map(({ name, running }): [string, PartReport] => [name, this.#reportOf(name, running)]);
    const report = Object.fromEntries([...this.#opening, ...engines, ...parts]);
    const rebuilding = this.#rebuilding();
    if (rebuilding !== undefined) {
      const detail = `rebuilding ${rebuilding.done} of ${rebuilding.total}`;
      report['views'] = { ready: false, state: 'rebuilding', detail };
    }
    // Before the last part has been added, those that are there do not make it ready.
    return this.#ready || Object.values(report).some(({ ready }) => !ready)
      ? report
      : { ...report, start: { ready: false, state: 'starting' } };
  }

  #reportOf(name: string, running: Running): PartReport {
    const health = running.health();
    if (health.state === 'trouble') return { ready: false, state: 'trouble', detail: health.detail };
    const partitions = running.partitions();
    if (health.state === 'starting' && partitions.length > 0) {
      const restored = partitions.filter(({ state }) => state !== 'restoring').length;
      return { ready: false, state: 'restoring', detail: `${restored} of ${partitions.length} partitions restored` };
    }
    if (health.state !== 'running' || this.#caughtUp.has(name)) {
      return { ready: health.state === 'running', state: health.state };
    }
    const behind = partitions.reduce((sum, { lag }) => sum + lag, 0);
    return { ready: false, state: 'catching up', detail: `${behind} records behind` };
  }
}

/** How far all partitions together have come, in offsets. */
export function doneBy(running: Running): Done {
  const partitions = running.partitions();
  const done = partitions.reduce((sum, { position }) => sum + position, 0);
  return { done, total: partitions.reduce((sum, { lag }) => sum + lag, done) };
}

/** Retries while the log is out of reach: what has been started recovers by itself. */
async function caughtUp(running: Running): Promise<void> {
  for (;;) {
    try {
      return await running.caughtUp();
    } catch (error) {
      if (!(error instanceof LogUnavailable) || running.health().state === 'stopped') throw error;
      await pause(ASK_AGAIN_MS);
    }
  }
}

/** Counts what processors and projectors do. */
export function countWork({ registry }: Metrics) {
  const registers = [registry];
  const decided = new Counter({
    name: 'counterfoil_commands_decided_total',
    help: 'Commands decided, by aggregate, command and outcome (a step that is tried again counts again)',
    labelNames: ['aggregate', 'command', 'outcome'] as const,
    registers,
  });
  const repeated = new Counter({
    name: 'counterfoil_commands_repeated_total',
    help: 'Commands that had been decided before and had no second effect',
    labelNames: ['aggregate'] as const,
    registers,
  });
  const reused = new Counter({
    name: 'counterfoil_idempotency_keys_reused_total',
    help: 'Commands refused because their idempotency key stands for another one',
    registers,
  });
  const dead = new Counter({
    name: 'counterfoil_dead_letters_total',
    help: 'Records that could not be read and went to the dead letters',
    labelNames: ['topic'] as const,
    registers,
  });
  const projected = new Counter({
    name: 'counterfoil_records_projected_total',
    help: 'Records applied to the views',
    registers,
  });
  const observer: Observer = {
    decided: (aggregate, command, outcome) => decided.inc({ aggregate, command, outcome }),
    repeated: (aggregate) => repeated.inc({ aggregate }),
    reused: () => reused.inc(),
    dead: (topic) => dead.inc({ topic }),
  };
  return { observer, projected: (records: number) => projected.inc(records) };
}
