/** Transactions as the view shows them. */
import DataLoader from 'dataloader';
import type { TransactionRecord } from '../domain/transaction.ts';
import { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from '../projectors/documents.ts';
import type { ViewStore } from '../views/view-store.ts';

const MOST_AT_ONCE = 1000;
/** Transactions under one key that are looked at: several only where a key was used for more than one command. */
const MOST_UNDER_KEY = 20;

export class ShownTransactions {
  readonly #views: Pick<ViewStore, 'get' | 'find'>;
  /** Batching: one read of the view for all who ask in the same turn. Nothing is kept. */
  readonly #one: DataLoader<string, TransactionRecord | undefined>;

  /** Batching as well: the bulk mutation asks for very many keys in the same turn. */
  readonly #underKey: DataLoader<string, readonly TransactionRecord[]>;

  constructor(views: Pick<ViewStore, 'get' | 'find'>) {
    this.#views = views;
    this.#one = new DataLoader(
      async (ids) => {
        const shown = await this.of(ids);
        return ids.map((id) => shown.get(id));
      },
      { cache: false, maxBatchSize: MOST_AT_ONCE },
    );
    this.#underKey = new DataLoader((keys) => this.#underKeys(keys), { cache: false, maxBatchSize: MOST_AT_ONCE });
  }

  /** By their ids; those that the view does not show are left out. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, TransactionRecord>> {
    const docs = await this.#views.get<TransactionDoc>(TRANSACTIONS, ids);
    return new Map([...docs].map(([id, doc]) => [id, transactionRecordOf(doc)]));
  }

  /** Those begun under an idempotency key, newest first. */
  underKey(key: string): Promise<readonly TransactionRecord[]> {
    return this.#underKey.load(key);
  }

  async #underKeys(keys: readonly string[]): Promise<readonly (readonly TransactionRecord[])[]> {
    const unique = [...new Set(keys)];
    const docs = await this.#views.find<TransactionDoc>(TRANSACTIONS, {
      filter: { 'idempotency.key': { $in: unique } },
      sort: [['acceptedAt', -1]],
      limit: MOST_UNDER_KEY * unique.length,
    });
    const byKey = new Map<string, TransactionRecord[]>(unique.map((key) => [key, []]));
    for (const record of docs.map(transactionRecordOf)) byKey.get(record.idempotency?.key ?? '')?.push(record);
    return keys.map((key) => byKey.get(key) ?? []);
  }

  one(id: string): Promise<TransactionRecord | undefined> {
    return this.#one.load(id);
  }
}
