/**
 * Folds the events of one aggregate in one partition again, and checks each on the way: versions without gap or repeat,
 * and the stock's books. Pure: records come in, differences go out.
 */
import { type Catalogue, type Decider, evolve, type Versioned } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { type ReadEvent, readEvent } from '../records/event-record.ts';
import type { Check, Report } from './difference.ts';
import { FoldedStates } from './folded-states.ts';

export class Fold<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly states: FoldedStates<C, E, S, P>;
  readonly #decider: Decider<C, E, S, P>;
  readonly #report: Report;

  /** @param statesInUse see `FoldedStates` */
  constructor(decider: Decider<C, E, S, P>, report: Report, statesInUse?: number) {
    this.#decider = decider;
    this.#report = report;
    this.states = new FoldedStates(decider, statesInUse);
  }

  state(id: string): S {
    return this.states.get(id) ?? this.#decider.initialState;
  }

  /** 0 where nothing has happened. */
  version(id: string): number {
    return this.states.version(id) ?? this.#decider.initialState.version;
  }

  /** Takes the next event in. Returns the id of the aggregate that it changed, if it changed one. */
  take(record: LogRecord): string | undefined {
    let read: ReadEvent<E> | undefined;
    try {
      read = readEvent(this.#decider, record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#tell('versions', record, 'an event that cannot be read', 'an event', error.message);
      return undefined;
    }
    if (read === undefined) return undefined;
    const { id, event, at } = read;
    const was = this.state(id);
    const version = was.version + 1;
    const found = read.version ?? null;
    if (found !== version) {
      this.#tell('versions', record, "the event's version", version, found);
      // A repeat must not take effect twice; after a gap the fold goes on where the events do.
      if (found === null || found < version) return undefined;
    }
    const state = { ...evolve(this.#decider, was, event, at), version: found };
    this.states.set(id, state);
    for (const { what, expected, found } of this.#decider.invariants?.(state) ?? []) {
      this.#tell('invariants', record, what, expected, found);
    }
    return id;
  }

  #tell(check: Check, record: LogRecord, what: string, expected: unknown, found: unknown): void {
    const { topic, partition, offset, key } = record;
    this.#report({ check, topic, partition, offset, id: key ?? '', what, expected, found });
  }
}
