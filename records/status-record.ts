/** A transaction's status on the log: in the partition of the command that it answers, written by whoever answers it. */

import { type TransactionRecord, transactionRecord, transactionUpcasters } from '../domain/transaction.ts';
import { currentVersion } from '../domain/versions.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { dataOf, toHeaders } from './cloud-event.ts';
import { TRANSACTIONS } from './topics.ts';

export interface StatusBy {
  readonly source: string;
  readonly partition: number;
  /** When it is written, ISO 8601 UTC. */
  readonly at: string;
}

export function statusRecord(transaction: TransactionRecord, { source, partition, at }: StatusBy): NewRecord {
  const { id, steps, issuedBy } = transaction;
  return {
    topic: TRANSACTIONS,
    partition,
    key: id,
    value: JSON.stringify(transaction),
    headers: toHeaders({
      id: `${id}#${steps.length}`,
      type: 'TransactionStatus',
      source,
      subject: id,
      time: at,
      dataversion: currentVersion(transactionUpcasters),
      transactionid: id,
      issuedby: issuedBy,
    }),
  };
}

/** @throws {UnreadableRecord} */
export function readStatus(record: LogRecord): TransactionRecord {
  return dataOf(record, transactionRecord, transactionUpcasters);
}
