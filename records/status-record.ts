/** A transaction's status on the log: in the partition of the command that it answers, written by whoever answers it. */

import { type TransactionRecord, transactionRecord, transactionUpcasters } from '../domain/transaction.ts';
import { currentVersion } from '../domain/versions.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { dataOf, dataVersionOf, toHeaders } from './cloud-event.ts';
import { TRANSACTIONS } from './topics.ts';

export interface StatusBy {
  readonly source: string;
  readonly partition: number;
  /** When it is written, ISO 8601 UTC. */
  readonly at: string;
}

/** `ce_type` of every status's record. */
export const STATUS_TYPE = 'TransactionStatus';

/** How the ids of a transaction's statuses begin. */
export function statusIdBegin(transactionId: string): string {
  return `${transactionId}#`;
}

/** The id of a status's record, by its number of steps. */
export function statusId({ id, steps }: Pick<TransactionRecord, 'id' | 'steps'>): string {
  return `${statusIdBegin(id)}${steps.length}`;
}

export function statusRecord(transaction: TransactionRecord, { source, partition, at }: StatusBy): NewRecord {
  const { id, issuedBy } = transaction;
  return {
    topic: TRANSACTIONS,
    partition,
    key: id,
    value: JSON.stringify(transaction),
    headers: toHeaders({
      id: statusId(transaction),
      type: STATUS_TYPE,
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

/** Beyond strings, which hold no quotation mark without a backslash before it. */
const ENDS = [
  ['COMPLETED', Buffer.from('"status":"COMPLETED"')],
  ['REJECTED', Buffer.from('"status":"REJECTED"')],
] as const;

/** How the record's transaction ended, undefined when it goes on. Told without parsing it: metrics ask it of every status. */
export function endOf({ value }: Pick<LogRecord, 'value'>): 'COMPLETED' | 'REJECTED' | undefined {
  return ENDS.find(([, text]) => value?.includes(text))?.[0];
}

const OWNER = Buffer.from('"aggregate":"');
const QUOTE = '"'.charCodeAt(0);

/**
 * Whether a status of today's version says that it is of another aggregate, told without parsing it. In JSON no text within it
 * can hold what is looked for, as its quotes are escaped. false: it has to be read.
 */
export function isOthersStatus(record: LogRecord, aggregate: string): boolean {
  const { value } = record;
  if (value === null || dataVersionOf(record) !== currentVersion(transactionUpcasters)) return false;
  const at = value.indexOf(OWNER);
  if (at < 0) return false;
  const from = at + OWNER.length;
  return value.toString('utf8', from, value.indexOf(QUOTE, from)) !== aggregate;
}
