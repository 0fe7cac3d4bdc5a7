/** Counts what processors and projectors tell of their work. */
import type { Logger } from 'pino';
import { aggregateNames } from '../domain/registry.ts';
import type { OutboxObserver } from '../outbox/index.ts';
import type { Observer } from '../processors/index.ts';
import { commandsTopic, DELIVERIES, TOPICS_WITH_DEAD } from '../records/topics.ts';
import { codeLabel, commandLabel, USERS_COMMANDS } from './labels.ts';
import type { Metrics } from './metrics.ts';
import { idsOf } from './trace-context.ts';

/** For processors. */
export function processorObserver(metrics: Metrics, logger: Logger): Observer {
  // From the beginning: a rate sees nothing of a counter's first value.
  for (const topic of TOPICS_WITH_DEAD) metrics.count('counterfoil_dead_letters_total', { topic }, 0);
  for (const command of USERS_COMMANDS) {
    metrics.count('counterfoil_transactions_completed_total', { command }, 0);
    // The one code that an alert asks for.
    metrics.count('counterfoil_transactions_rejected_total', { command, code: 'TIMED_OUT' }, 0);
  }
  for (const aggregate of aggregateNames) metrics.count('counterfoil_commands_repeated_total', { aggregate }, 0);
  return {
    decided: (aggregate, command, outcome) =>
      metrics.count('counterfoil_commands_decided_total', { aggregate, command, outcome }),
    repeated: (aggregate) => metrics.count('counterfoil_commands_repeated_total', { aggregate }),
    reused: () => metrics.count('counterfoil_idempotency_keys_reused_total', {}),
    dead(topic, reason, record) {
      metrics.count('counterfoil_dead_letters_total', { topic });
      const message = 'a record that cannot be read went to the dead letters: see counterfoil dead list';
      const { partition, offset } = record;
      logger.warn({ topic, partition, offset, reason, ...idsOf(record) }, message);
    },
    ended(transaction) {
      const command = commandLabel(transaction.command);
      if (transaction.status === 'COMPLETED') metrics.count('counterfoil_transactions_completed_total', { command });
      else metrics.count('counterfoil_transactions_rejected_total', { command, code: codeLabel(transaction) });
    },
  };
}

/** For the projector: told of each step that has been applied. */
export function projectorObserver(metrics: Metrics): (records: number, seconds: number) => void {
  return (records, seconds) => {
    metrics.count('counterfoil_records_projected_total', {}, records);
    metrics.observe('counterfoil_project_duration_seconds', {}, seconds);
  };
}

/** For the outbox. `oldestSeconds` tells of what is not delivered yet. */
export function outboxObserver(metrics: Metrics, logger: Logger): OutboxObserver {
  metrics.count('counterfoil_dead_letters_total', { topic: commandsTopic(DELIVERIES) }, 0);
  for (const result of ['delivered', 'retried', 'failed', 'dropped'])
    metrics.count('counterfoil_webhook_deliveries_total', { result }, 0);
  return {
    settled: (result) => metrics.count('counterfoil_webhook_deliveries_total', { result }),
    dead(topic, reason, { partition, offset }) {
      metrics.count('counterfoil_dead_letters_total', { topic });
      logger.warn({ topic, partition, offset, reason }, 'a note that cannot be read went to the dead letters');
    },
  };
}
