/** Who follows which transaction, and what each has been told last: no status twice, none out of order. */
import { isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
import { LatestQueue, type QueueMeter } from './latest-queue.ts';

/** The subscriber of one transaction. */
export interface Subscriber {
  readonly queue: LatestQueue<TransactionRecord>;
  last: TransactionRecord | undefined;
}

/** Of one transaction: far more than it can have. */
const MOST_STATUSES = 10_000;

export class Subscribers {
  readonly #byTransaction = new Map<string, Set<Subscriber>>();
  readonly #meter: QueueMeter | undefined;

  constructor(meter?: QueueMeter) {
    this.#meter = meter;
  }

  /** It is told of every status from now on, until its queue ends. */
  add(id: string): Subscriber {
    const others = this.#byTransaction.get(id) ?? new Set();
    this.#byTransaction.set(id, others);
    const queue: LatestQueue<TransactionRecord> = new LatestQueue(
      () => {
        others.delete(subscriber);
        if (others.size === 0 && this.#byTransaction.get(id) === others) this.#byTransaction.delete(id);
      },
      MOST_STATUSES,
      this.#meter,
    );
    const subscriber: Subscriber = { queue, last: undefined };
    others.add(subscriber);
    return subscriber;
  }

  /** Whether anyone follows it. */
  has(id: string): boolean {
    return this.#byTransaction.has(id);
  }

  /** Tells everyone who follows the record's transaction. */
  tellAll(record: TransactionRecord): void {
    for (const subscriber of this.#byTransaction.get(record.id) ?? []) tell(subscriber, record);
  }

  end(): void {
    for (const subscribers of [...this.#byTransaction.values()]) {
      for (const { queue } of [...subscribers]) queue.end();
    }
  }
}

/** Tells one subscriber; after a final status its queue ends. */
export function tell(subscriber: Subscriber, record: TransactionRecord): void {
  if (!isNews(subscriber.last, record)) return;
  subscriber.last = record;
  // Every status has a key of its own, so that none is left out for one transaction's subscriber.
  subscriber.queue.push(String(record.steps.length), record);
  if (isFinal(record.status)) subscriber.queue.end();
}
