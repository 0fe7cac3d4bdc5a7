/** What a record of the log tells of a transaction: a status does, and so does a user's command, which is ACCEPTED. */
import { aggregateNames, aggregateOfCommand } from '../domain/registry.ts';
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord, Position } from '../log/event-log.ts';
import { attributesOf, UnreadableRecord } from '../records/cloud-event.ts';
import { idempotencyOf } from '../records/command-record.ts';
import { readStatus } from '../records/status-record.ts';
import { commandsTopic, TRANSACTIONS } from '../records/topics.ts';

export interface Told {
  readonly status: TransactionRecord;
  /** Where a status stands; of a command it is undefined. */
  readonly at: Position | undefined;
}

/** Undefined when it cannot be read, or tells of another transaction than its key or header says. */
export function toldBy(id: string, record: LogRecord): Told | undefined {
  const { topic, partition, offset } = record;
  try {
    const isStatus = topic === TRANSACTIONS;
    const status = isStatus ? readStatus(record) : begunBy(record);
    return status?.id === id ? { status, at: isStatus ? { topic, partition, offset } : undefined } : undefined;
  } catch (error) {
    // The processor sets unreadable commands aside and says so; here they are nobody's transaction.
    if (!(error instanceof UnreadableRecord)) throw error;
    return undefined;
  }
}

/** The transaction that a user's command begins. */
function begunBy(record: LogRecord): TransactionRecord | undefined {
  const attributes = attributesOf(record);
  const { id, type: command, subject: entityId, issuedby: issuedBy, time: at } = attributes;
  if (issuedBy === undefined) return undefined;
  const owner = aggregateNames.find((name) => commandsTopic(name) === record.topic);
  const aggregate = owner ?? aggregateOfCommand(command) ?? '';
  return accepted({ id, command, aggregate, entityId, issuedBy, at, idempotency: idempotencyOf(attributes) });
}
