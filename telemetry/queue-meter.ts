/** What subscribers are sent: how long it takes, what waits, and what they do not get. */
import type { TransactionRecord } from '../domain/transaction.ts';
import type { QueueMeter } from '../transactions/latest-queue.ts';
import type { Metrics } from './metrics.ts';
import type { Queues } from './queues.ts';
import type { Traces } from './traces.ts';

export function queueMeter(metrics: Metrics, queues: Queues, traces: Traces | undefined): QueueMeter {
  for (const reason of ['replaced', 'missed']) metrics.count('counterfoil_updates_dropped_total', { reason }, 0);
  return {
    waiting: (more) => queues.add('subscriptions', more),
    dropped: (items, reason) => metrics.count('counterfoil_updates_dropped_total', { reason }, items),
    read(item, since) {
      metrics.observe('counterfoil_push_duration_seconds', {}, (performance.now() - since) / 1000);
      if (traces !== undefined && isTransaction(item)) traces.pushed(item, since);
    },
  };
}

/** Documents of the views are sent by the same way. */
function isTransaction(item: unknown): item is TransactionRecord {
  return typeof item === 'object' && item !== null && 'steps' in item && 'acceptedAt' in item && 'id' in item;
}
