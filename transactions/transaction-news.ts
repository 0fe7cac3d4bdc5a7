/**
 * What subscribers to all transactions are told: every status that is new, each transaction's in order, and nothing else.
 * Duplicates: a command can be on the log a second time, long after its transaction has ended. So an ACCEPTED is told only
 * when the view does not know the transaction.
 */
import { isNews, type TransactionRecord } from '../domain/transaction.ts';

/** Which of these transactions the view knows. */
export type KnownToView = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

export class TransactionNews {
  readonly #knownToView: KnownToView;
  readonly #listeners = new Set<(record: TransactionRecord) => void>();
  readonly #told = new Map<string, TransactionRecord>();
  readonly #doubtful = new Map<string, TransactionRecord>();
  #asking = false;

  constructor(knownToView: KnownToView) {
    this.#knownToView = knownToView;
  }

  /** Calls back with all news from now on. Returns what ends it. */
  listen(onRecord: (record: TransactionRecord) => void): () => void {
    this.#listeners.add(onRecord);
    return () => this.#listeners.delete(onRecord);
  }

  /** A status that has just come from the log. */
  take(record: TransactionRecord): void {
    const { id, status } = record;
    if (!isNews(this.#told.get(id), record)) return;
    if (status !== 'ACCEPTED' || this.#listeners.size === 0) {
      this.#tell(record);
    } else if (!this.#doubtful.has(id)) {
      this.#doubtful.set(id, record);
      void this.resolveDoubts();
    }
  }

  /** The transaction has ended, and the view shows it: its statuses have been told, or will come again whole. */
  forget(id: string): void {
    this.#told.delete(id);
    this.#doubtful.delete(id);
  }

  /** Asks the view about those in doubt; to be called again after a while, for the view may be out of reach. */
  async resolveDoubts(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      // What comes in the same turn is asked about together.
      await new Promise(setImmediate);
      while (this.#doubtful.size > 0) {
        const asked = [...this.#doubtful.keys()];
        const known = await this.#knownToView(asked);
        for (const id of asked) {
          const record = this.#doubtful.get(id);
          this.#doubtful.delete(id);
          if (record !== undefined && !known.has(id) && isNews(this.#told.get(id), record)) this.#tell(record);
        }
      }
    } catch {
      // The view is out of reach: they stay in doubt. Later statuses are told without asking.
    } finally {
      this.#asking = false;
    }
  }

  #tell(record: TransactionRecord): void {
    this.#doubtful.delete(record.id);
    this.#told.set(record.id, record);
    for (const onRecord of this.#listeners) onRecord(record);
  }
}
