/**
 * What a processor remembers of one partition: the states of its aggregates, and the transactions it has seen. Restored
 * from the log; a step works on a `Draft` of it, which is merged only once the step is known to be committed.
 */
import { type Catalogue, type Decider, evolve, type Message, type Versioned } from '../domain/index.ts';
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { dataOf, UnreadableRecord } from '../records/cloud-event.ts';
import { isOwnTombstone, stateOf } from '../records/state-record.ts';
import { readStatus } from '../records/status-record.ts';
import { eventsTopic, KEPT_MS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import { Recent } from './recent.ts';
import { type Foreign, Recovery } from './recovery.ts';

/** A transaction under way; of one that has ended nothing more is needed than that it has. */
export type Seen = TransactionRecord | 'ended';

export class Memory<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly states = new Map<string, S>();
  readonly #underWay = new Map<string, TransactionRecord>();
  readonly #ended = new Recent(KEPT_MS);
  readonly recovery: Recovery<C, E, S, P>;
  readonly #decider: Decider<C, E, S, P>;
  readonly #partitions: number;
  readonly #parts = new Map<string, Map<string, P>>();
  /** States whose parts are not all in them yet: the state came after some of its parts, or a part was taken away. */
  readonly #apart = new Set<string>();
  #folding = false;

  constructor(decider: Decider<C, E, S, P>, partitions: number) {
    this.#decider = decider;
    this.#partitions = partitions;
    this.recovery = new Recovery(decider);
  }

  /** Takes in a record of a restore topic. What cannot be read stops nothing: see `recovery.ts`. */
  restore(record: LogRecord): void {
    const { name } = this.#decider;
    if (record.topic === eventsTopic(name)) {
      this.recovery.take(record);
      return;
    }
    const [id, part] = this.#concerned(record);
    try {
      if (record.topic === TRANSACTIONS) {
        const transaction = readStatus(record);
        if (transaction.aggregate === name) this.remember(transaction, record.timestamp);
      } else if (id === undefined) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
      else if (part === undefined) this.#restoreState(record, id);
      else this.#restorePart(record, id, part);
      this.recovery.covered(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.recovery.found({ record, reason: error.message, id, part });
    }
  }

  /** The aggregate that a record of the state topic, or of that of the parts, is about, and its part. */
  #concerned({ topic, key }: LogRecord): readonly [id: string | undefined, part: string | undefined] {
    if (topic === TRANSACTIONS || key === null) return [undefined, undefined];
    if (topic === stateTopic(this.#decider.name)) return [key, undefined];
    const slash = key.indexOf('/');
    return [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
  }

  #restoreState(record: LogRecord, id: string): void {
    if (isOwnTombstone(record)) return void this.states.delete(id);
    this.#checkPartition(record, id);
    this.states.set(id, stateOf(record, this.#decider));
    if (this.#parts.has(id)) this.#apart.add(id);
  }

  #restorePart(record: LogRecord, id: string, part: string): void {
    const { parts } = this.#decider;
    if (parts === undefined) return;
    const of = this.#parts.get(id) ?? new Map<string, P>();
    if (isOwnTombstone(record)) {
      of.delete(part);
      this.#apart.add(id);
      return;
    }
    this.#checkPartition(record, id);
    const entry = dataOf(record, parts.schema, this.#decider.upcasters?.part);
    of.set(part, entry);
    this.#parts.set(id, of);
    const state = this.states.get(id);
    // Parts join their states as they are read: doing all of them at the end would block the event loop.
    if (state === undefined) this.#apart.add(id);
    else this.states.set(id, parts.set(state, part, entry));
  }

  #checkPartition({ partition }: LogRecord, id: string): void {
    const own = partitionOf(id, this.#partitions);
    if (own !== partition) throw new UnreadableRecord(`partition: ${id.slice(0, 100)} belongs to partition ${own}`);
  }

  /**
   * Call it when all has been read. Returns topics that must be read too, from their beginning, before it is called again:
   * the events, when something on the other topics has to be made anew from them.
   */
  restored(): readonly string[] {
    if (!this.#folding) {
      for (const [id, parts] of this.#parts) if (parts.size > 0 && !this.states.has(id)) this.recovery.orphaned(id);
      this.#folding = this.recovery.begin();
      if (this.#folding) return [eventsTopic(this.#decider.name)];
    }
    const { states, without } = this.recovery.end();
    for (const id of without) {
      this.states.delete(id);
      this.#parts.delete(id);
      this.#apart.delete(id);
    }
    for (const [id, state] of states) {
      // A state with a higher version than its events: something else is wrong, which verify tells. The state is kept.
      if ((this.states.get(id)?.version ?? 0) > state.version) continue;
      this.states.set(id, state);
      this.#parts.delete(id);
      this.#apart.delete(id);
    }
    this.#joinParts();
    return [];
  }

  /** Puts those states and their parts together that did not come in their order: they are on topics of their own. */
  #joinParts(): void {
    const { parts, state: schema, initialState } = this.#decider;
    if (parts === undefined) return;
    for (const id of this.#apart) {
      const entries = this.#parts.get(id);
      const was = this.states.get(id);
      if (was === undefined && (entries === undefined || entries.size === 0)) continue;
      let state = was === undefined ? initialState : schema.parse(parts.without(was));
      for (const [part, entry] of entries ?? []) state = parts.set(state, part, entry);
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

/** Changes on top of a memory, dropped or merged as a whole. */
export class Draft<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  /** The newest state of every aggregate that changed, and the parts of it that did. */
  readonly states = new Map<string, S>();
  readonly parts = new Map<string, Set<string>>();
  readonly transactions = new Map<string, TransactionRecord>();
  /** What is set aside with this step, and written again as it must be. */
  readonly foreign: readonly Foreign[];
  readonly #base: Memory<C, E, S, P>;
  readonly #decider: Decider<C, E, S, P>;

  constructor(base: Memory<C, E, S, P>, decider: Decider<C, E, S, P>) {
    this.#base = base;
    this.#decider = decider;
    this.foreign = base.recovery.next();
    for (const { id, part } of this.foreign) if (id !== undefined) this.#writeAgain(id, part);
  }

  #writeAgain(id: string, part: string | undefined): void {
    const state = this.#base.states.get(id);
    if (state === undefined) return;
    if (part === undefined) this.states.set(id, state);
    else if (this.#decider.parts?.get(state, part) !== undefined) this.#touch(id, part);
  }

  #touch(id: string, part: string): void {
    const touched = this.parts.get(id) ?? new Set<string>();
    this.parts.set(id, touched.add(part));
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
    if (part !== undefined) this.#touch(id, part);
    return state;
  }

  merge(now: number): void {
    for (const [id, state] of this.states) this.#base.states.set(id, state);
    for (const transaction of this.transactions.values()) this.#base.remember(transaction, now);
    this.#base.forget(now);
    this.#base.recovery.done(this.foreign);
  }
}
