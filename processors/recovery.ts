/**
 * Foreign records on the topics of states, parts and statuses. Such a record must not stop the partition, nor hide the state
 * that it has replaced. So the entities concerned are folded again from their events, which are kept for ever. The steps that
 * follow write the right states once more, and send what was found to the dead letters.
 */
import { type Catalogue, type Decider, evolve, type Versioned } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readEvent } from '../records/event-record.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import { ForeignRecords, type FoundForeign, oneStepOf } from './foreign.ts';

export interface Foreign extends FoundForeign {
  /** The aggregate it stands in the way of; undefined: none, or any. */
  readonly id: string | undefined;
  /** The part of it. */
  readonly part: string | undefined;
}

export class Recovery<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly #decider: Decider<C, E, S, P>;
  readonly #foreign = new ForeignRecords<Foreign>();
  /** Parts of aggregates that have no state. */
  readonly #orphans = new Set<string>();
  #fold: Map<string, S> | undefined;
  #waiting: readonly Foreign[] = [];
  #needed: ReadonlySet<string> = new Set();
  #all = false;

  constructor(decider: Decider<C, E, S, P>) {
    this.#decider = decider;
  }

  /** A record is not what belongs on its topic. */
  found(foreign: Foreign): void {
    this.#foreign.found(foreign);
  }

  /** A later record of the same key is right. */
  covered(record: LogRecord): void {
    this.#foreign.covered(record);
  }

  /** Whether anything was found that no later record has covered. */
  get any(): boolean {
    return this.#foreign.any;
  }

  /** There are parts of an aggregate, and no state. */
  orphaned(id: string): void {
    this.#orphans.add(id);
  }

  /** Whether events are needed: call it when all else has been read, and `take` with each event then. */
  begin(): boolean {
    this.#waiting = this.#foreign.take();
    this.#needed = new Set([...this.#orphans, ...this.#waiting.flatMap(({ id }) => (id === undefined ? [] : [id]))]);
    // The keys in a batch that cannot be opened are unknown: it may have replaced any state.
    this.#all = this.#waiting.some(({ record }) => record.unreadable !== undefined && record.topic !== TRANSACTIONS);
    if (this.#needed.size === 0 && !this.#all) return false;
    this.#fold = new Map();
    return true;
  }

  /** The next event, of any entity. One that cannot be read is left out here: `counterfoil verify` reports it. */
  take(record: LogRecord): void {
    const fold = this.#fold;
    if (fold === undefined) return;
    try {
      const read = readEvent(this.#decider, record);
      if (read === undefined || !(this.#all || this.#needed.has(read.id))) return;
      const was = fold.get(read.id) ?? this.#decider.initialState;
      // A repeat must not take effect twice.
      if (read.version !== undefined && read.version > was.version) {
        fold.set(read.id, { ...evolve(this.#decider, was, read.event, read.at), version: read.version });
      }
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
    }
  }

  /** The states that the events give, of the aggregates concerned, with all their parts; and those without any event. */
  end(): { readonly states: ReadonlyMap<string, S>; readonly without: readonly string[] } {
    const states = this.#fold ?? new Map<string, S>();
    this.#fold = undefined;
    const without = [...this.#needed].filter((id) => !states.has(id));
    this.#needed = new Set();
    this.#orphans.clear();
    return { states, without };
  }

  /** What the next step is to set aside and write again. */
  next(): readonly Foreign[] {
    return oneStepOf(this.#waiting, ({ record }) => record);
  }

  /** The step with these has been committed. */
  done(settled: readonly Foreign[]): void {
    if (settled.length > 0) this.#waiting = this.#waiting.slice(settled.length);
  }
}
