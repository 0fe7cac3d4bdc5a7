/** What the roles tell of their work, for `/metrics` and `/readyz`. */
import { setTimeout as pause } from 'node:timers/promises';
import { Counter } from 'prom-client';
import type { Metrics, PartReport, ReadinessReport } from './gateway/index.ts';
import { LogUnavailable, type Running } from './log/event-log.ts';
import type { Observer } from './processors/index.ts';

const ASK_AGAIN_MS = 500;

export interface Part {
  readonly name: string;
  readonly running: Running;
}

/** Parts are ready once each has handled what the log held when it started, and while it is not in trouble. */
export class Observation {
  readonly #parts: Part[] = [];
  readonly #caughtUp = new Set<string>();

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
        Object.entries(this.report()).map(([part, { ready }]) => ({ labels: { part }, value: ready ? 1 : 0 })),
    });
  }

  add(name: string, running: Running): void {
    this.#parts.push({ name, running });
  }

  /** Resolves when every part has caught up with the log as it is now. */
  async caughtUp(): Promise<void> {
    await Promise.all(
      this.#parts.map(async ({ name, running }) => {
        await caughtUp(running);
        this.#caughtUp.add(name);
      }),
    );
  }

  report(): ReadinessReport {
    return Object.fromEntries(this.#parts.map(({ name, running }) => [name, this.#reportOf(name, running)]));
  }

  #reportOf(name: string, running: Running): PartReport {
    const health = running.health();
    if (health.state === 'trouble') return { ready: false, state: 'trouble', detail: health.detail };
    if (health.state !== 'running' || this.#caughtUp.has(name)) {
      return { ready: health.state === 'running', state: health.state };
    }
    const behind = running.partitions().reduce((sum, { lag }) => sum + lag, 0);
    return { ready: false, state: 'catching up', detail: `${behind} records behind` };
  }
}

/** Asks again while the log is out of reach: who has started goes on by itself. */
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
