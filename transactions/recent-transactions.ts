/** The newest status of each transaction that a gateway has read of lately: what the view need not show yet. */
import { isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
import type { Position } from '../log/event-log.ts';
import { Grouped } from './grouped.ts';

/** Most entries looked at again in one go. */
const MOST_AT_ONCE = 5000;

interface Entry {
  readonly record: TransactionRecord;
  /** When it was first known here, or last looked at; ms of this process's own clock, which never jumps. */
  readonly since: number;
  /** Where the record stands on the log, when it was read there. */
  readonly at: Position | undefined;
}

/** What a look at all of them has found. */
export interface LookedThrough {
  /** Forgotten: they had ended, and the view shows how. */
  readonly forgotten: readonly TransactionRecord[];
  /** The oldest of the others that nobody has looked at for a while, at most 5,000. */
  readonly old: readonly TransactionRecord[];
}

export class RecentTransactions {
  /** In order of `since`, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** The entries' ids by idempotency key. */
  readonly #underKey = new Grouped();
  /** The ids of those that have not ended by the user who issued them. */
  readonly #unfinished = new Grouped();
  #shown = 0;

  get(id: string): TransactionRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Those under an idempotency key. */
  under(key: string): readonly TransactionRecord[] {
    return [...(this.#underKey.get(key) ?? [])].flatMap((id) => this.get(id) ?? []);
  }

  get empty(): boolean {
    return this.#entries.size === 0;
  }

  /** How many have not ended, or are not known to be in the view. */
  get waiting(): number {
    return Math.max(0, this.#entries.size - this.#shown);
  }

  /** Those that are not known to have ended. */
  *unfinished(): Iterable<TransactionRecord> {
    for (const { record } of this.#entries.values()) if (!isFinal(record.status)) yield record;
  }

  /** How many of a user's have begun and are not known to have ended. */
  unfinishedOf(user: string): number {
    return this.#unfinished.size(user);
  }

  /**
   * Takes a status in; false when it is no news.
   * @param at where it stands among the statuses on the log, when it comes from there
   */
  learn(record: TransactionRecord, at?: Position): boolean {
    const entry = this.#entries.get(record.id);
    if (!isNews(entry?.record, record)) return false;
    this.#entries.set(record.id, { record, since: entry?.since ?? performance.now(), at });
    if (record.idempotency) this.#underKey.add(record.idempotency.key, record.id);
    if (isFinal(record.status)) this.#unfinished.delete(record.issuedBy, record.id);
    else this.#unfinished.add(record.issuedBy, record.id);
    return true;
  }

  /**
   * Forgets those that have ended, that the view shows, and that nobody has looked at for `ms`.
   * @param isShown whether the view shows what stands at this position
   */
  lookThrough(isShown: (at: Position) => boolean, ms: number): LookedThrough {
    const before = performance.now() - ms;
    const forgotten: TransactionRecord[] = [];
    const old: TransactionRecord[] = [];
    this.#shown = 0;
    for (const { record, since, at } of this.#entries.values()) {
      const shown = at !== undefined && isFinal(record.status) && isShown(at);
      if (since > before) this.#shown += shown ? 1 : 0;
      else if (shown) forgotten.push(record);
      else if (old.length < MOST_AT_ONCE) old.push(record);
    }
    for (const record of forgotten) this.forget(record);
    return { forgotten, old };
  }

  /** Puts one behind all others, to be looked at again after them. */
  lookedAt(record: TransactionRecord): void {
    const { record: newest, at } = this.#entries.get(record.id) ?? { record, at: undefined };
    this.#entries.delete(record.id);
    this.#entries.set(record.id, { record: newest, since: performance.now(), at });
  }

  forget({ id, idempotency, issuedBy }: TransactionRecord): void {
    this.#entries.delete(id);
    this.#unfinished.delete(issuedBy, id);
    if (idempotency) this.#underKey.delete(idempotency.key, id);
  }
}
