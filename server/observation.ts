/** What the roles tell of their work, for `/metrics` and `/readyz`. */
import { setTimeout as pause } from 'node:timers/promises';
import type { PartReport, ReadinessReport } from '../gateway/index.ts';
import { LogUnavailable, type PartitionStatus, type Running } from '../log/event-log.ts';
import { LagAges } from '../telemetry/lag-ages.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { EngineCheck } from './engine-check.ts';

const ASK_AGAIN_MS = 500;

export interface Part {
  readonly name: string;
  readonly running: Running;
}

/** A part, and how far it is in each partition. */
export interface PartInDetail extends PartReport {
  readonly name: string;
  readonly partitions: readonly (PartitionStatus & { readonly seconds: number })[];
}

interface SeenPartition {
  readonly part: string;
  readonly labels: { readonly topic: string; readonly partition: string };
  readonly status: PartitionStatus;
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
  /** Parts that nothing waits for. */
  readonly #aside = new Set<string>();
  readonly #caughtUp = new Set<string>();
  /** Engines that are not open yet. */
  readonly #opening = new Map<string, PartReport>();
  readonly #checks = new Map<string, EngineCheck>();
  /** Undefined: this process builds no views. */
  #rebuilding: (() => Done | undefined) | undefined;
  #ready = false;
  readonly #ages = new LagAges();

  constructor(metrics: Metrics) {
    const ages = this.#ages;
    metrics.gauge('counterfoil_partition_lag_records', () =>
      this.#partitions().map(({ part, labels, status }) => ({ labels: { part, ...labels }, value: status.lag })),
    );
    metrics.gauge('counterfoil_partition_lag_seconds', () =>
      this.#partitions().map(({ part, labels, status }) => {
        return { labels: { part, ...labels }, value: ages.secondsOf(part, status) };
      }),
    );
    metrics.gauge('counterfoil_part_ready', () =>
      Object.entries(this.#known()).map(([part, { ready }]) => ({ labels: { part }, value: ready ? 1 : 0 })),
    );
    metrics.gauge('counterfoil_restore_progress_ratio', () =>
      this.#partitions().flatMap(({ part, labels: { partition }, status: { restored } }) =>
        restored === undefined ? [] : [{ labels: { part, partition }, value: restored }],
      ),
    );
    metrics.gauge('counterfoil_rebuild_progress_ratio', () => {
      if (this.#rebuilding === undefined) return [];
      const { done, total } = this.#rebuilding() ?? { done: 1, total: 1 };
      return [{ labels: {}, value: total === 0 ? 1 : done / total }];
    });
  }

  #partitions(): readonly SeenPartition[] {
    return this.#parts.flatMap(({ name: part, running }) =>
      running.partitions().map((status) => {
        const { topic, partition } = status;
        return { part, labels: { topic, partition: String(partition) }, status };
      }),
    );
  }

  add(name: string, running: Running): void {
    this.#parts.push({ name, running });
  }

  /** A part whose being behind makes nothing wait: what has to be read for it is no reason to be unready. */
  addAside(name: string, running: Running): void {
    this.#aside.add(name);
    this.add(name, running);
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
        if (this.#aside.has(name)) return;
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

  /** How far a part is, in offsets of all its partitions. */
  doneBy(name: string): Done {
    const running = this.#parts.find((part) => part.name === name)?.running;
    return running === undefined ? { done: 0, total: 0 } : doneBy(running);
  }

  /** The same in detail, for the console. */
  async details(): Promise<readonly PartInDetail[]> {
    const report = Object.entries(await this.report());
    const seen = this.#partitions();
    return report.map(([name, part]) => ({
      ...part,
      name,
      partitions: seen
        .filter((each) => each.part === name)
        .map(({ status }) => ({ ...status, seconds: this.#ages.secondsOf(name, status) })),
    }));
  }

  #known(): ReadinessReport {
    const engines = [...this.#checks].map(([name, check]): [string, PartReport] => [name, check.last]);
    const parts = this.#parts.map(({ name, running }): [string, PartReport] => [name, this.#reportOf(name, running)]);
    const report = Object.fromEntries([...this.#opening, ...engines, ...parts]);
    const rebuilding = this.#rebuilding?.();
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
    if (this.#aside.has(name)) return { ready: true, state: health.state };
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
