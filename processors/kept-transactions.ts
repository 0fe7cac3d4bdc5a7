/** The transactions that one partition's aggregates have seen: those under way, and for as long as their statuses are kept, that they have ended. */
import { isFinal, type TransactionRecord, transactionRecord } from '../domain/transaction.ts';
import { KEPT_MS } from '../records/topics.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import { storeKey } from '../store/store-key.ts';
import { Recent } from './recent.ts';
import type { CacheView, StateCache } from './state-cache.ts';

const UNDER_WAY = 'under-way';
const ENDED = 'ended';

/** A transaction under way; of one that has ended nothing more is needed than that it has. */
export type Seen = TransactionRecord | 'ended';

export class KeptTransactions {
  readonly #store: PartitionStore;
  readonly #cache: CacheView<TransactionRecord>;
  readonly #ended: Recent;

  constructor(store: PartitionStore, cache: StateCache) {
    this.#store = store;
    this.#cache = cache.view();
    this.#ended = new Recent(store, ENDED, KEPT_MS);
  }

  seen(id: string): Seen | undefined {
    if (this.#ended.has(id)) return 'ended';
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const text = this.#store.get(UNDER_WAY, storeKey(id));
    return text === undefined ? undefined : transactionRecord.parse(JSON.parse(text));
  }

  /** `at`: when its status was written, ms. One that has ended stays so, whatever is written of it afterwards. */
  remember(transaction: TransactionRecord, at: number): void {
    const { id, status } = transaction;
    if (this.#ended.has(id)) return;
    if (isFinal(status)) {
      this.#cache.delete(id);
      if (this.#store.get(UNDER_WAY, storeKey(id)) !== undefined) this.#store.remove(UNDER_WAY, storeKey(id));
      this.#ended.add(id, at);
      return;
    }
    const text = JSON.stringify(transaction);
    this.#cache.set(id, transaction, text.length);
    this.#store.put(UNDER_WAY, storeKey(id), text);
  }

  /** Drops what ended longer ago than the `transactions` topic keeps it: a restart would not know it either. */
  forget(now: number): void {
    this.#ended.forget(now, MOST_FORGOTTEN);
  }

  /** Forgets what is in memory. */
  clear(): void {
    this.#cache.clear();
  }
}

/** With one step: a long stop leaves many, and the event loop must not wait for all of them. */
const MOST_FORGOTTEN = 1000;
