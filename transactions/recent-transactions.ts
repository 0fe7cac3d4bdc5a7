/** The newest status of each transaction that a gateway has read of lately: what the view need not show yet. */
import { isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
import { Grouped } from './grouped.ts';

/** Most entries looked at again in one go. */
const MOST_AT_ONCE = 5000;

interface Entry {
  readonly record: TransactionRecord;
  /** When it was first known here, or last looked at; ms of this process's own clock, which never jumps. */
  readonly since: number;
}

export class RecentTransactions {
  /** In order of `since`, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** The entries' ids by idempotency key. */
  readonly #underKey = new Grouped();
  /** The ids of those that have not ended by the user who issued them. */
  readonly #unfinished = new Grouped();

  get(id: string): TransactionRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Those under an idempotency key. */
  under(key: string): readonly TransactionRecord[] {
    return [...(this.#underKey.get(key) ?? [])].flatMap((id) => this.get(id) ?? []);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many of a user's have begun and are not known to have ended. */
  unfinishedOf(user: string): number {
    return this.#unfinished.size(user);
  }

  /** Takes a status in; false when it is no news. */
  learn(record: TransactionRecord): boolean {
    const entry = this.#entries.get(record.id);
    if (!isNews(entry?.record, record)) return false;
    this.#entries.set(record.id, { record, since: entry?.since ?? performance.now() });
    if (record.idempotency) this.#underKey.add(record.idempotency.key, record.id);
    if (isFinal(record.status)) this.#unfinished.delete(record.issuedBy, record.id);
    else this.#unfinished.add(record.issuedBy, record.id);
    return true;
  }

  /** The oldest of those that nobody has looked at for `ms`, at most 5,000. */
  olderThan(ms: number): readonly TransactionRecord[] {
    const old = performance.now() - ms;
    const found: TransactionRecord[] = [];
    for (const { record, since } of this.#entries.values()) {
      if (since > old || found.length >= MOST_AT_ONCE) break;
      found.push(record);
    }
    return found;
  }

  /** Puts one behind all others, to be looked at again after them. */
  lookedAt(record: TransactionRecord): void {
    const newest = this.get(record.id) ?? record;
    this.#entries.delete(record.id);
    this.#entries.set(record.id, { record: newest, since: performance.now() });
  }

  forget({ id, idempotency, issuedBy }: TransactionRecord): void {
    this.#entries.delete(id);
    this.#unfinished.delete(issuedBy, id);
    if (idempotency) this.#underKey.delete(idempotency.key, id);
  }
}
