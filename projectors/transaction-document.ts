/** What the transactions view holds: the newest status of each. */
import type { TransactionRecord } from '../domain/transaction.ts';
import type { ViewSpec } from '../views/view-store.ts';

export const TRANSACTIONS = 'transactions';

export interface TransactionDoc extends Omit<TransactionRecord, 'id'> {
  readonly _id: string;
}

/** A status as the view holds it. */
export function transactionDocOf({ id, ...status }: TransactionRecord): TransactionDoc {
  return { _id: id, ...status };
}

/** A status as all else knows it. */
export function transactionRecordOf({ _id, ...status }: TransactionDoc): TransactionRecord {
  return { id: _id, ...status };
}

export const transactionsView: ViewSpec = {
  name: TRANSACTIONS,
  indexes: [
    ['acceptedAt'],
    ['issuedBy', 'acceptedAt'],
    ['status', 'acceptedAt'],
    ['command', 'acceptedAt'],
    ['entityId'],
    ['idempotency.key', 'acceptedAt'],
  ],
  totals: { by: [['status']], sums: [] },
};
