/** Transactions as the view shows them. */
import DataLoader from 'dataloader';
import type { TransactionRecord } from '../domain/transaction.ts';
import { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from '../projectors/documents.ts';
import type { ViewStore } from '../views/view-store.ts';

const MOST_AT_ONCE = 1000;

export class ShownTransactions {
  readonly #views: Pick<ViewStore, 'get'>;
  /** Batching: one read of the view for all who ask in the same turn. Nothing is kept. */
  readonly #one: DataLoader<string, TransactionRecord | undefined>;

  constructor(views: Pick<ViewStore, 'get'>) {
    this.#views = views;
    this.#one = new DataLoader(
      async (ids) => {
        const shown = await this.of(ids);
        return ids.map((id) => shown.get(id));
      },
      { cache: false, maxBatchSize: MOST_AT_ONCE },
    );
  }

  /** By their ids; those that the view does not show are left out. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, TransactionRecord>> {
    const docs = await this.#views.get<TransactionDoc>(TRANSACTIONS, ids);
    return new Map([...docs].map(([id, doc]) => [id, transactionRecordOf(doc)]));
  }

  one(id: string): Promise<TransactionRecord | undefined> {
    return this.#one.load(id);
  }
}
