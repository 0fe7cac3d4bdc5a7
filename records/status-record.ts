/** A transaction's status for the log: in the partition of the command that it answers, written by whoever answers it. */

import type { TransactionRecord } from '../domain/transaction.ts';
import type { NewRecord } from '../log/event-log.ts';
import { toHeaders } from './cloud-event.ts';
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
      transactionid: id,
      issuedby: issuedBy,
    }),
  };
}
