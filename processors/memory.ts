/**
 * What a processor remembers of one partition: the states of its aggregates, and the transactions it has seen. Restored
 * from the log; a step works on a `Draft` of it, which is merged only once the step is known to be committed.
 */
import { type Decider, evolve, type Message, type Versioned } from '../domain/index.ts';
import { dataOf, UnreadableRecord } from '../log/cloud-event.ts';
import type { LogRecord } from '../log/event-log.ts';
import { KEPT_MS, PARTS, stateTopic, TRANSACTIONS } from '../log/topics.ts';
import { isFinal, type TransactionRecord, transactionRecord } from '../log/transaction-record.ts';
import { Recent } from './recent.ts';

/** A transaction still under way; of one that has ended, that it has is enough to know. */
export type Seen = TransactionRecord | 'ended';

type Catalogue = Readonly<Record<string, unknown>>;

export class Memory<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly states = new Map<string, S>();
  readonly #underWay = new Map<string, TransactionRecord>();
  readonly #ended = new Recent(KEPT_MS);
  readonly #decider: Decider<C, E, S, P>;
  readonly #parts = new Map<string, Map<string, P>>();
  /** States whose parts are not in them yet: the state came after some of its parts, or a part was taken away. */
  readonly #apart = new Set<string>();

  constructor(decider: Decider<C, E, S, P>) {
    this.#decider = decider;
  }

  /** Takes in a record of a restore topic. @throws {UnreadableRecord} for a state that cannot be read: going on without
   * it would lose it. */
  restore(record: LogRecord): void {
    const { name, state, parts } = this.#decider;
    if (record.key === null) return;
    if (record.topic === TRANSACTIONS) {
      const transaction = readTransaction(record);
      if (transaction?.aggregate === name) this.remember(transaction, record.timestamp);
    } else if (record.topic === stateTopic(name)) {
      if (record.value === null) this.states.delete(record.key);
      else this.states.set(record.key, dataOf(record, state));
      if (this.#parts.has(record.key)) this.#apart.add(record.key);
    } else if (parts !== undefined && record.topic === PARTS[name]) {
      const slash = record.key.indexOf('/');
      const id = record.key.slice(0, slash);
      const of = this.#parts.get(id) ?? new Map<string, P>();
      this.#parts.set(id, of);
      const part = record.key.slice(slash + 1);
      if (record.value === null) {
        of.delete(part);
        this.#apart.add(id);
        return;
      }
      const entry = dataOf(record, parts.schema);
      of.set(part, entry);
      // Put in as they come: all of them at the end would be one long piece of work that nobody gets a turn in.
      this.states.set(id, parts.set(this.states.get(id) ?? this.#decider.initialState, part, entry));
    }
  }

  /** Puts those states and their parts together that did not come in their order: they are on topics of their own. */
  restored(): void {
    const { parts, state: schema, initialState } = this.#decider;
    if (parts === undefined) return;
    for (const id of this.#apart) {
      const was = this.states.get(id);
      let state = was === undefined ? initialState : schema.parse(parts.without(was));
      for (const [part, entry] of this.#parts.get(id) ?? []) state = parts.set(state, part, entry);
      this.states.set(id, state);
    }
    this.#apart.clear();
    this.#parts.clear();
  }

  seen(transactionId: string): Seen | undefined {
    return this.#ended.has(transactionId) ? 'ended' : this.#underWay.get(transactionId);
  }

  /** `at`: when its status was written, ms. One that has ended stays so, whatever is written of it afterwards. */
  remember(transaction: TransactionRecord, at: number): void {
    const { id, status } = transaction;
    if (this.#ended.has(id)) return;
    if (isFinal(status)) {
      this.#underWay.delete(id);
      this.#ended.add(id, at);
    } else this.#underWay.set(id, transaction);
  }

  /** Drops what ended longer ago than the `transactions` topic keeps it: a restart would not know it either. */
  forget(now: number): void {
    this.#ended.forget(now);
  }

  draft(): Draft<C, E, S, P> {
    return new Draft(this, this.#decider);
  }
}

/** A status that cannot be read is nobody's: it is passed over. */
function readTransaction(record: LogRecord): TransactionRecord | undefined {
  try {
    return dataOf(record, transactionRecord);
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}

/** Changes on top of a memory, dropped or merged as a whole. */
export class Draft<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  /** The newest state of every aggregate that changed, and the parts of it that did. */
  readonly states = new Map<string, S>();
  readonly parts = new Map<string, Set<string>>();
  readonly transactions = new Map<string, TransactionRecord>();
  readonly #base: Memory<C, E, S, P>;
  readonly #decider: Decider<C, E, S, P>;

  constructor(base: Memory<C, E, S, P>, decider: Decider<C, E, S, P>) {
    this.#base = base;
    this.#decider = decider;
  }

  state(id: string): S {
    return this.states.get(id) ?? this.#base.states.get(id) ?? this.#decider.initialState;
  }

  seen(transactionId: string): Seen | undefined {
    const staged = this.transactions.get(transactionId);
    if (staged === undefined) return this.#base.seen(transactionId);
    return isFinal(staged.status) ? 'ended' : staged;
  }

  /** Evolves the aggregate by one event and returns its new state. */
  apply(id: string, event: Message<E>, at: string): S {
    const was = this.state(id);
    const state = evolve(this.#decider, was, event, at);
    if (state === was) return was;
    this.states.set(id, state);
    const part = this.#decider.parts?.touchedBy(event);
    if (part !== undefined) {
      const touched = this.parts.get(id) ?? new Set<string>();
      this.parts.set(id, touched.add(part));
    }
    return state;
  }

  merge(now: number): void {
    for (const [id, state] of this.states) this.#base.states.set(id, state);
    for (const transaction of this.transactions.values()) this.#base.remember(transaction, now);
    this.#base.forget(now);
  }
}
