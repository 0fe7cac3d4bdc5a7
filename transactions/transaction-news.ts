/**
 * What subscribers to all transactions, or to all of one user's, are told: every status that is new, each transaction's in order, and nothing else.
 * Duplicates: a command can be on the log a second time, long after its transaction has ended. So an ACCEPTED is told only
 * when the view does not know the transaction.
 */
import { isNews, type TransactionRecord } from '../domain/transaction.ts';

/** Which of these transactions the view knows. */
export type KnownToView = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

export class TransactionNews {
  readonly #knownToView: KnownToView;
  /** What each is told of: one user's, or, `undefined`, everyone's. */
  readonly #listeners = new Map<(record: TransactionRecord) => void, string | undefined>();
  /** How many listen to each of those. */
  readonly #audience = new Map<string | undefined, number>();
  /** The newest status of each that has been told, or that has gone by with nobody to be told. */
  readonly #told = new Map<string, TransactionRecord>();
  readonly #doubtful = new Map<string, TransactionRecord>();
  #asking = false;

  constructor(knownToView: KnownToView) {
    this.#knownToView = knownToView;
  }

  /** Calls back with all news from now on of one user's transactions, or, without one, of everyone's. Returns what ends it. */
  listen(onRecord: (record: TransactionRecord) => void, user?: string): () => void {
    // Each call is a listener of its own, also where two give the same function.
    const listener = (record: TransactionRecord) => onRecord(record);
    this.#listeners.set(listener, user);
    this.#count(user, 1);
    return () => {
      if (this.#listeners.delete(listener)) this.#count(user, -1);
    };
  }

  /** Whether anyone is told of this user's transactions. */
  concern(user: string | undefined): boolean {
    return this.#audience.has(undefined) || (user !== undefined && this.#audience.has(user));
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

  /** A status that came from the log earlier, when nobody was told of it. Nobody is told now, of it or of any before it. */
  passed(record: TransactionRecord): void {
    if (!isNews(this.#told.get(record.id), record)) return;
    this.#doubtful.delete(record.id);
    this.#told.set(record.id, record);
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
    for (const [onRecord, user] of this.#listeners) {
      if (user === undefined || user === record.issuedBy) onRecord(record);
    }
  }

  #count(user: string | undefined, more: number): void {
    const count = (this.#audience.get(user) ?? 0) + more;
    if (count === 0) this.#audience.delete(user);
    else this.#audience.set(user, count);
  }
}
