/** All that a process tells of its work, made once at its start and handed to the parts. */
import type { Logger } from 'pino';
import type { EventLog } from '../log/event-log.ts';
import type { OutboxObserver } from '../outbox/index.ts';
import type { Observer } from '../processors/index.ts';
import type { QueueMeter } from '../transactions/latest-queue.ts';
import type { Submit } from '../transactions/submit.ts';
import { USERS_COMMANDS } from './labels.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { observedLog } from './observed-log.ts';
import { observedSubmit } from './observed-submit.ts';
import { type OpenedTraces, openTraces } from './open-traces.ts';
import { queueMeter } from './queue-meter.ts';
import { Queues } from './queues.ts';
import type { TracingConfiguration } from './tracing-configuration.ts';
import { outboxObserver, processorObserver, projectorObserver } from './work.ts';

export interface TelemetryOptions {
  /** Undefined: no traces are made, and nothing of OpenTelemetry's SDK is loaded. */
  readonly tracing: TracingConfiguration | undefined;
  /** What this process is called in traces. */
  readonly service: string;
  readonly logger: Logger;
}

export async function openTelemetry({ tracing, service, logger }: TelemetryOptions): Promise<Telemetry> {
  return new Telemetry(logger, tracing && (await openTraces(tracing, service, logger)));
}

export class Telemetry {
  readonly metrics: Metrics = createMetrics();
  readonly #logger: Logger;
  readonly #traces: OpenedTraces | undefined;
  readonly #queues: Queues;

  constructor(logger: Logger, traces?: OpenedTraces) {
    this.#logger = logger;
    this.#traces = traces;
    this.#queues = new Queues(this.metrics);
  }

  /** The same log, watched. */
  log(log: EventLog): EventLog {
    const [metrics, queues, logger] = [this.metrics, this.#queues, this.#logger];
    return observedLog(log, { metrics, queues, logger, traces: this.#traces?.traces });
  }

  /** For the processors. */
  observer(): Observer {
    return processorObserver(this.metrics, this.#logger);
  }

  /** For the projector: told of each step. */
  projected(): (records: number, seconds: number) => void {
    return projectorObserver(this.metrics);
  }

  /** For the outbox. */
  outbox(): OutboxObserver {
    return outboxObserver(this.metrics, this.#logger);
  }

  /** The same command bus, traced. */
  submit(submit: Submit): Submit {
    for (const command of USERS_COMMANDS) this.metrics.count('counterfoil_transactions_accepted_total', { command }, 0);
    return observedSubmit(submit, this.#traces?.traces);
  }

  /** For what subscribers are sent. */
  meter(): QueueMeter {
    return queueMeter(this.metrics, this.#queues, this.#traces?.traces);
  }

  /** `kept` tells how many transactions a gateway has in memory. */
  transactions(kept: () => number): void {
    this.metrics.gauge('counterfoil_queue_items', () => [{ labels: { queue: 'transactions' }, value: kept() }]);
  }

  /** Sends the spans that are still here. */
  async close(): Promise<void> {
    await this.#traces?.close();
  }
}
