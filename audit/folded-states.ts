/**
 * The states of very many aggregates by id: those in use as they are, and the others as JSON, which takes a fraction of the
 * memory. What is asked for again is made a state again.
 */
import type { Catalogue, Decider, Versioned } from '../domain/index.ts';

/** Most aggregates are changed for a short while, then left alone: so many, at most, stay as they are. */
const STATES_IN_USE = 10_000;

interface Packed {
  readonly version: number;
  readonly json: string;
}

export class FoldedStates<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly #decider: Decider<C, E, S, P>;
  readonly #inUse = new Map<string, S>();
  readonly #packed = new Map<string, Packed>();
  readonly #most: number;
  /** What was made a state again last: its parts are asked for one after another. */
  #lastUnpacked: readonly [packed: Packed, state: S] | undefined;

  /** @param statesInUse how many, at most, are not packed */
  constructor(decider: Decider<C, E, S, P>, statesInUse = STATES_IN_USE) {
    this.#decider = decider;
    this.#most = statesInUse;
  }

  get size(): number {
    return this.#inUse.size + this.#packed.size;
  }

  /** Its state's version; undefined: there is none. */
  version(id: string): number | undefined {
    return (this.#inUse.get(id) ?? this.#packed.get(id))?.version;
  }

  get(id: string): S | undefined {
    const packed = this.#packed.get(id);
    return packed === undefined ? this.#inUse.get(id) : this.#unpacked(packed);
  }

  set(id: string, state: S): void {
    this.#packed.delete(id);
    // To the end: those at the beginning were changed longest ago.
    this.#inUse.delete(id);
    this.#inUse.set(id, state);
    const [oldest] = this.#inUse.size > this.#most ? this.#inUse : [];
    if (oldest === undefined) return;
    this.#inUse.delete(oldest[0]);
    this.#packed.set(oldest[0], this.#packedOf(oldest[1]));
  }

  /** Each id with its state's version. */
  *versions(): IterableIterator<readonly [id: string, version: number]> {
    for (const map of [this.#inUse, this.#packed]) for (const [id, { version }] of map) yield [id, version];
  }

  *entries(): IterableIterator<readonly [id: string, state: S]> {
    yield* this.#inUse;
    for (const [id, packed] of this.#packed) yield [id, this.#unpacked(packed)];
  }

  #packedOf(state: S): Packed {
    const { parts } = this.#decider;
    const whole = parts === undefined ? { state } : { state: parts.without(state), parts: [...parts.all(state)] };
    return { version: state.version, json: JSON.stringify(whole) };
  }

  #unpacked(packed: Packed): S {
    if (this.#lastUnpacked?.[0] === packed) return this.#lastUnpacked[1];
    const { parts: ofAggregate } = this.#decider;
    const { state, parts = [] } = JSON.parse(packed.json) as { state: S; parts?: readonly (readonly [string, P])[] };
    const whole =
      ofAggregate === undefined
        ? state
        : parts.reduce((one, [id, part]) => ofAggregate.set(one, id, part), ofAggregate.none(state));
    this.#lastUnpacked = [packed, whole];
    return whole;
  }
}
