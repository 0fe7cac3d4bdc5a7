/** How long transactions take that were begun here: from the append of their command until their final status is read here. */
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { endOf } from '../records/status-record.ts';
import { commandLabel } from './labels.ts';
import type { Metrics } from './metrics.ts';

interface Begun {
  readonly command: string;
  /** `performance.now()`. */
  readonly at: number;
}

/** Beyond that the oldest are not measured. */
const MOST = 100_000;

export class Unfinished {
  readonly #metrics: Metrics;
  readonly #begun = new Map<string, Begun>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** A user's command is given to the log. */
  begin(transactionId: string, { headers }: NewRecord): void {
    this.#begun.set(transactionId, { command: commandLabel(headers['ce_type']), at: performance.now() });
    if (this.#begun.size <= MOST) return;
    for (const oldest of this.#begun.keys()) {
      this.#begun.delete(oldest);
      return;
    }
  }

  /** It did not get there, as far as is known. */
  forget(transactionId: string): void {
    this.#begun.delete(transactionId);
  }

  /** A status has been read. */
  status(record: LogRecord): void {
    const begun = this.#begun.get(record.key ?? '');
    const outcome = begun && endOf(record);
    if (begun === undefined || outcome === undefined) return;
    this.#begun.delete(record.key ?? '');
    const seconds = (performance.now() - begun.at) / 1000;
    const labels = { command: begun.command, outcome: outcome.toLowerCase() };
    this.#metrics.observe('counterfoil_transaction_duration_seconds', labels, seconds);
  }
}
