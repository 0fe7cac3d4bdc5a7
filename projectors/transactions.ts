/** `transactions` → the transactions view: the newest status of each. */
import { TRANSACTIONS as TOPIC } from '../log/topics.ts';
import { transactionRecord } from '../log/transaction-record.ts';
import { TRANSACTIONS, type TransactionDoc } from '../views/documents.ts';
import { newestById, type Projector } from './projector.ts';

export const transactions: Projector = {
  topic: TOPIC,
  async project(records, tx, unreadable) {
    const newest = newestById(records, transactionRecord, unreadable);
    const documents = [...newest.values()].map(({ id: _id, ...record }): TransactionDoc => ({ _id, ...record }));
    await tx.put(TRANSACTIONS, documents);
    return undefined;
  },
};
