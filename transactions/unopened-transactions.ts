/**
 * Transactions that nobody has asked for at this gateway: their commands and statuses, as they came from the log and unread. Every
 * gateway can be asked for every transaction, but hardly any is, so reading a record is put off until somebody asks. What has
 * ended, and is in the view, goes from here without ever having been read.
 */
import { isNews } from '../domain/transaction.ts';
import type { LogRecord, Position } from '../log/event-log.ts';
import { detached } from '../log/lazy-record.ts';
import { endOf } from '../records/status-record.ts';
import { commandsTopic, KEYS, TRANSACTIONS } from '../records/topics.ts';
import { isStatusOf } from '../records/unread.ts';
import { Grouped } from './grouped.ts';
import { type Told, toldBy } from './told-by-record.ts';

const KEYED_COMMANDS = commandsTopic(KEYS);

/**
 * Those that the view shows are kept for a while, as long as there are no more of them than this. Those whose commands have not
 * all been read are kept for that while in any case.
 */
const MOST_SHOWN = 5_000;

interface Unopened {
  records: LogRecord[];
  /** The final status, once it has come. */
  end: LogRecord | undefined;
  /** Its records hold the bytes that they came in; that is looked at twice, and no bytes but their own afterwards. */
  bytes: 'as they came' | 'looked at' | 'their own';
  readonly user: string | undefined;
  key: string | undefined;
  /** When it was first known here; ms of this process's own clock. */
  readonly since: number;
}

/** Of whom a record is, as its headers tell. */
export interface Belongs {
  readonly user: string | undefined;
  /** The idempotency key, on commands that have one. */
  readonly key?: string | undefined;
}

export class UnopenedTransactions {
  /** In order of `since`, oldest first. */
  readonly #all = new Map<string, Unopened>();
  readonly #underKey = new Grouped();
  /** The ids of those that have not ended by the user who issued them. */
  readonly #unfinished = new Grouped();
  readonly #mostShown: number;
  #shown = 0;

  /** @param mostShown how many that the view shows are kept for a while; those with commands still to come beside them */
  constructor(mostShown = MOST_SHOWN) {
    this.#mostShown = mostShown;
  }

  /** Keeps a record, to be read when somebody asks. */
  keep(id: string, record: LogRecord, { user, key }: Belongs): void {
    const known = this.#all.get(id);
    const entry: Unopened = known ?? {
      ...{ records: [], end: undefined, bytes: 'as they came', user, key: undefined },
      since: performance.now(),
    };
    if (known === undefined) {
      this.#all.set(id, entry);
      if (user !== undefined) this.#unfinished.add(user, id);
    }
    if (key !== undefined && entry.key === undefined) {
      entry.key = key;
      this.#underKey.add(key, id);
    }
    entry.records.push(record);
    entry.bytes = 'as they came';
    if (entry.end !== undefined || record.topic !== TRANSACTIONS || endOf(record) === undefined) return;
    // Foreign bytes under its key would let it leave before it has ended. Looked at last: few statuses are final.
    if (!isStatusOf(record, id)) return;
    entry.end = record;
    if (entry.user !== undefined) this.#unfinished.delete(entry.user, id);
  }

  /** The newest status of a transaction, when it is here and can be read. It is no longer here then. */
  open(id: string): Told | undefined {
    let newest: Told | undefined;
    for (const record of this.#take(id)) {
      const told = toldBy(id, record);
      if (told !== undefined && isNews(newest?.status, told.status)) newest = told;
    }
    return newest;
  }

  get empty(): boolean {
    return this.#all.size === 0;
  }

  /** Whose the transaction is, when it is here. */
  userOf(id: string): string | undefined {
    return this.#all.get(id)?.user;
  }

  /** The ids of those under an idempotency key. */
  under(key: string): readonly string[] {
    return [...this.#underKey.get(key)];
  }

  unfinishedOf(user: string): number {
    return this.#unfinished.size(user);
  }

  /** How many have not ended, or are not known to be in the view. */
  get waiting(): number {
    return Math.max(0, this.#all.size - this.#shown);
  }

  /**
   * Forgets those that have ended, are in the view, and have been here for `ms` or are too many. Of too many those stay whose
   * commands are still to come: such a command, read after the rest has left, would be one that has not ended.
   * @param isShown whether the view shows what this status tells
   */
  leave(isShown: (status: Position) => boolean, ms: number): void {
    const old = performance.now() - ms;
    const shown: string[] = [];
    for (const [id, { end, since }] of this.#all) {
      if (end === undefined || !isShown(end)) continue;
      if (since < old) this.#take(id);
      else shown.push(id);
    }
    this.#shown = shown.length;
    for (const id of shown) {
      if (this.#shown <= this.#mostShown) break;
      if (!this.#hasItsCommands(id)) continue;
      this.#take(id);
      this.#shown -= 1;
    }
  }

  /**
   * Sees to it that nothing here holds on to a large buffer; needs no view. To be called once in a while, after `leave`: what
   * leaves needs no bytes of its own.
   * @returns the ids of those that have not ended after `ms`: to be opened, for nobody knows how long they will take
   */
  settle(ms: number): readonly string[] {
    const old = performance.now() - ms;
    const slow: string[] = [];
    for (const [id, { end, since }] of this.#all) if (end === undefined && since < old) slow.push(id);
    this.#detach();
    return slow;
  }

  /** Whether its command has been read wherever it stands: one with a key is on the keys' topic and on its aggregate's. */
  #hasItsCommands(id: string): boolean {
    const { records = [], key } = this.#all.get(id) ?? {};
    const ofAggregate = records.some(({ topic }) => topic !== TRANSACTIONS && topic !== KEYED_COMMANDS);
    return ofAggregate && (key === undefined || records.some(({ topic }) => topic === KEYED_COMMANDS));
  }

  /** Not when a record comes: most are gone soon, and the bytes that they came in with them. */
  #detach(): void {
    for (const entry of this.#all.values()) {
      if (entry.bytes === 'as they came') {
        entry.bytes = 'looked at';
      } else if (entry.bytes === 'looked at') {
        const { records, end } = entry;
        entry.records = records.map(detached);
        entry.end = end && entry.records[records.indexOf(end)];
        entry.bytes = 'their own';
      }
    }
  }

  #take(id: string): readonly LogRecord[] {
    const entry = this.#all.get(id);
    if (entry === undefined) return [];
    this.#all.delete(id);
    if (entry.user !== undefined) this.#unfinished.delete(entry.user, id);
    if (entry.key !== undefined) this.#underKey.delete(entry.key, id);
    return entry.records;
  }
}
