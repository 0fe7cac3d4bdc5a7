/**
 * What can be told of a record with the rest of it left unread. Nothing of it is checked: whoever goes by more reads the record,
 * by `attributesOf` or `readStatus`. How a transaction ended is told by `endOf`, also without reading more.
 */
import type { LogRecord } from '../log/event-log.ts';
import { headerOf } from '../log/lazy-record.ts';
import { decoded } from './cloud-event.ts';
import { STATUS_TYPE, statusIdBegin } from './status-record.ts';

/** To which transaction a command belongs. */
export function transactionOf(record: LogRecord): string | undefined {
  return headerOf(record, 'ce_transactionid') || undefined;
}

/** Whether a command of this transaction is its user's own, which began it, and none that followed from it. */
export function beginsTransaction(record: LogRecord, transactionId: string): boolean {
  return headerOf(record, 'ce_id') === transactionId;
}

/** Who issued a command, or the command whose status this is. */
export function issuerOf(record: LogRecord): string | undefined {
  const issuer = headerOf(record, 'ce_issuedby');
  try {
    return issuer && decoded(issuer);
  } catch {
    return undefined;
  }
}

/**
 * Whether a record looks like a status of this transaction as we write them. Anyone who can write to the topic can write bytes under
 * any key; such a record must not stand for the transaction's end.
 */
export function isStatusOf(record: LogRecord, transactionId: string): boolean {
  return (
    headerOf(record, 'ce_type') === STATUS_TYPE &&
    headerOf(record, 'ce_id')?.startsWith(statusIdBegin(transactionId)) === true
  );
}

/** The idempotency key of a user's command. */
export function idempotencyKeyOf(record: LogRecord): string | undefined {
  return headerOf(record, 'ce_idempotencykey');
}
