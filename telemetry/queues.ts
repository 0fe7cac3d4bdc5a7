/** What waits in memory, by queue: counted as it comes and goes. */
import type { NewRecord } from '../log/event-log.ts';
import { QUEUES, type Queue } from './metric-table.ts';
import type { Metrics } from './metrics.ts';

interface Waiting {
  items: number;
  bytes: number;
}

export class Queues {
  readonly #waiting: Readonly<Record<Queue, Waiting>>;

  constructor(metrics: Metrics) {
    const names = Object.keys(QUEUES) as readonly Queue[];
    const none = names.map((queue): [Queue, Waiting] => [queue, { items: 0, bytes: 0 }]);
    // One for each name.
    this.#waiting = Object.fromEntries(none) as Readonly<Record<Queue, Waiting>>;
    const told = (of: keyof Waiting, queues: readonly Queue[]) => () =>
      queues.map((queue) => ({ labels: { queue }, value: this.#waiting[queue][of] }));
    metrics.gauge('counterfoil_queue_items', told('items', ['append', 'decide', 'project', 'follow', 'subscriptions']));
    metrics.gauge('counterfoil_queue_bytes', told('bytes', ['append', 'decide', 'project', 'follow']));
  }

  add(queue: Queue, items: number): void {
    this.#waiting[queue].items += items;
  }

  /** Records that wait from now on, until what is returned is called; a second call does nothing. */
  hold(queue: Queue, records: readonly Pick<NewRecord, 'value'>[]): () => void {
    const waiting = this.#waiting[queue];
    let items = records.length;
    let bytes = 0;
    for (const { value } of records) bytes += value?.length ?? 0;
    waiting.items += items;
    waiting.bytes += bytes;
    return () => {
      waiting.items -= items;
      waiting.bytes -= bytes;
      items = 0;
      bytes = 0;
    };
  }
}
