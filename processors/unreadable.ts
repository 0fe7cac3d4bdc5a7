/** How the transaction of a command ends that cannot be read: REJECTED, as far as its record tells which one it was. */

import type { Rejection } from '../domain/aggregate.ts';
import { advance } from '../domain/progress.ts';
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord } from '../log/event-log.ts';

/** Foreign headers can be of any length, and the status must fit on the log. */
const MOST = 300;

/**
 * The final status of the transaction that a user's own command began; undefined when the record does not tell, or is
 * another processor's command, whose transaction ends otherwise.
 * @param aggregate who would have decided it
 * @param at when it was found to be unreadable, ISO 8601 UTC
 */
export function endOfUnreadable(
  record: LogRecord,
  aggregate: string,
  reason: string,
  at: string,
): TransactionRecord | undefined {
  const { ce_id: id, ce_transactionid: transaction, ce_type, ce_subject, ce_issuedby, ce_time } = record.headers;
  if (id === undefined || id === '' || id.length > MOST || id !== transaction) return undefined;
  const begun = accepted({
    id,
    command: short(ce_type ?? ''),
    aggregate,
    entityId: short(ce_subject ?? record.key ?? ''),
    issuedBy: short(decoded(ce_issuedby ?? '')),
    at: isTime(ce_time) ? ce_time : at,
  });
  const message = `the command cannot be read: ${short(reason)}`;
  const rejection: Rejection = { code: 'UNREADABLE', message };
  return advance(begun, { name: 'rejected', status: 'REJECTED', rejection }, at, 0);
}

/** Cut to what fits, without half of a character at the cut: headers could not hold it. */
function short(text: string): string {
  return text.slice(0, MOST).replace(/\p{Surrogate}/gu, '');
}

function decoded(issuedBy: string): string {
  try {
    return issuedBy.includes('%') ? decodeURIComponent(issuedBy) : issuedBy;
  } catch {
    return issuedBy;
  }
}

function isTime(time: string | undefined): time is string {
  return time !== undefined && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) && !Number.isNaN(Date.parse(time));
}
