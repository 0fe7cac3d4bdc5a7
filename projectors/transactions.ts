/** `transactions` → the transactions view: the newest status of each, and the first final one for ever. */

import { isNews, type TransactionRecord } from '../domain/transaction.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readStatus } from '../records/status-record.ts';
import { TRANSACTIONS as TOPIC } from '../records/topics.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import type { Projector } from './projector.ts';
import { TRANSACTIONS, type TransactionDoc, transactionDocOf, transactionRecordOf } from './transaction-document.ts';

export const transactions: Projector = {
  topic: TOPIC,
  async project(records, tx, unreadable) {
    const told: TransactionRecord[] = [];
    const slice = new TimeSlice();
    for (const record of records) {
      if (slice.over()) await slice.next();
      if (record.value === null) continue;
      try {
        told.push(readStatus(record));
      } catch (error) {
        if (!(error instanceof UnreadableRecord)) throw error;
        unreadable(record, error.message);
      }
    }
    const shown = await tx.get<TransactionDoc>(TRANSACTIONS, [...new Set(told.map(({ id }) => id))]);
    const changed = new Map<string, TransactionDoc>();
    for (const record of told) {
      const was = changed.get(record.id) ?? shown.get(record.id);
      if (isNews(was && transactionRecordOf(was), record)) changed.set(record.id, transactionDocOf(record));
    }
    await tx.put(TRANSACTIONS, [...changed.values()]);
    return undefined;
  },
};
