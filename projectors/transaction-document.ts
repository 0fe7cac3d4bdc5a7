/** What the transactions view holds: the newest status of each. */
import type { TransactionRecord } from '../domain/transaction.ts';
import type { ViewSpec } from '../views/view-store.ts';

export const TRANSACTIONS = 'transactions';

export interface TransactionDoc extends Omit<TransactionRecord, 'id'> {
  readonly _id: string;
}

export const transactionsView: ViewSpec = {
  name: TRANSACTIONS,
  indexes: [
    ['acceptedAt'],
    ['issuedBy', 'acceptedAt'],
    ['status', 'acceptedAt'],
    ['entityId'],
    ['idempotency.key', 'acceptedAt'],
  ],
};
