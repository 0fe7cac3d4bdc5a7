/** Changes on top of a processor's memory, merged once their step is known to be committed, or dropped as a whole. */
import { type Catalogue, evolve, type Message, type Versioned } from '../domain/index.ts';
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { KeptAggregate } from './kept-states.ts';
import type { Seen } from './kept-transactions.ts';
import type { Foreign } from './recovery.ts';

/** What a draft changes. */
export interface DraftBase<S, P> {
  /** Undefined when there is none; without parts. */
  state(id: string): S | undefined;
  part(id: string, part: string): P | undefined;
  seen(transactionId: string): Seen | undefined;
  /** What is to be set aside with the next step. */
  readonly foreign: readonly Foreign[];
}

export class Draft<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  /** The newest state of every aggregate that changed, with the parts of it that did. */
  readonly states = new Map<string, S>();
  /** The parts to be written, by aggregate. */
  readonly parts = new Map<string, Set<string>>();
  readonly transactions = new Map<string, TransactionRecord>();
  /** What is set aside with this step, and written again as it must be. */
  readonly foreign: readonly Foreign[];
  #base: DraftBase<S, P>;
  readonly #aggregate: KeptAggregate<C, E, S, P>;

  constructor(base: DraftBase<S, P>, aggregate: KeptAggregate<C, E, S, P>) {
    this.#base = base;
    this.#aggregate = aggregate;
    this.foreign = base.foreign;
    for (const { id, part } of this.foreign) if (id !== undefined) this.#writeAgain(id, part);
  }

  /** What a draft changes that is taken as if this one had been merged: what is foreign is mended with this one. */
  get asBase(): DraftBase<S, P> {
    const { parts } = this.#aggregate;
    return {
      state: (id) => {
        const state = this.states.get(id);
        return state === undefined ? this.#base.state(id) : (parts?.none(state) ?? state);
      },
      part: (id, part) => {
        const state = this.states.get(id);
        return (state && parts?.get(state, part)) ?? this.#base.part(id, part);
      },
      seen: (transactionId) => this.seen(transactionId),
      foreign: [],
    };
  }

  /** What it was based on has been merged. */
  rebase(base: DraftBase<S, P>): void {
    this.#base = base;
  }

  #writeAgain(id: string, part: string | undefined): void {
    const state = this.#base.state(id);
    if (state === undefined) return;
    if (part === undefined) this.states.set(id, state);
    else if (this.#base.part(id, part) !== undefined) this.#touch(id, part);
  }

  #touch(id: string, part: string): void {
    const touched = this.parts.get(id) ?? new Set<string>();
    this.parts.set(id, touched.add(part));
  }

  /** The newest state, with the part that is named, if there is such a part; maybe with others. */
  state(id: string, part?: string): S {
    const { parts, initialState } = this.#aggregate;
    const state = this.states.get(id) ?? this.#base.state(id) ?? initialState;
    if (parts === undefined || part === undefined || parts.get(state, part) !== undefined) return state;
    const entry = this.#base.part(id, part);
    return entry === undefined ? state : parts.set(state, part, entry);
  }

  /** The newest of one part. */
  part(id: string, part: string): P | undefined {
    return this.#aggregate.parts?.get(this.state(id, part), part);
  }

  /** The state to decide a command on: with the part that the command needs. */
  stateFor(id: string, command: Message<C>): S {
    return this.state(id, this.#aggregate.parts?.neededBy(command));
  }

  seen(transactionId: string): Seen | undefined {
    const staged = this.transactions.get(transactionId);
    if (staged === undefined) return this.#base.seen(transactionId);
    return isFinal(staged.status) ? 'ended' : staged;
  }

  /** Evolves the aggregate by one event and returns its new state. */
  apply(id: string, event: Message<E>, at: string): S {
    const part = this.#aggregate.parts?.touchedBy(event);
    const was = this.state(id, part);
    const state = evolve(this.#aggregate, was, event, at);
    if (state === was) return was;
    this.states.set(id, state);
    if (part !== undefined) this.#touch(id, part);
    return state;
  }
}
