/**
 * Compares one partition's state topic, and the topic of its parts, with the fold of its events, while all of them may
 * still grow. States are read before the events of the same round, so each is met by the fold on its way: at the event
 * of its version both must be the same. Pure: records come in, differences go out.
 */
import type { Catalogue, Decider, Versioned } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import { dataOf, UnreadableRecord } from '../records/cloud-event.ts';
import { isOwnTombstone, stateOf } from '../records/state-record.ts';
import type { Report } from './difference.ts';
import { Fold } from './fold.ts';
import { same } from './same.ts';

interface StateOnTopic {
  readonly offset: number;
  readonly version: number;
  /** As published, in its newest shape, as JSON: a fraction of the memory. Let go of once it has been compared. */
  published: string;
  compared: boolean;
}

interface PartOnTopic {
  readonly offset: number;
  /** In its newest shape; the raw JSON where it cannot be read. */
  readonly part: unknown;
}

/** Versions by the fold and on the state topic, 0 where there is none. */
interface AtMark {
  readonly fold: number;
  readonly state: number;
}

export interface AuditTopics {
  readonly state: string;
  readonly parts: string | undefined;
  readonly partition: number;
}

export class PartitionAudit<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly fold: Fold<C, E, S, P>;
  readonly #decider: Decider<C, E, S, P>;
  readonly #topics: AuditTopics;
  readonly #report: Report;
  readonly #states = new Map<string, StateOnTopic>();
  readonly #parts = new Map<string, PartOnTopic>();
  /** The newest of their key: one that a processor has written over since is mended. */
  readonly #foreign = new Map<string, { readonly offset: number; readonly reason: string }>();
  #versions = new Map<string, AtMark>();
  #differingParts = new Set<string>();

  /** @param statesInUse see `FoldedStates` */
  constructor(decider: Decider<C, E, S, P>, topics: AuditTopics, report: Report, statesInUse?: number) {
    this.#decider = decider;
    this.#topics = topics;
    this.#report = report;
    this.fold = new Fold(decider, report, statesInUse);
  }

  /** The next record of the state topic. */
  state(record: LogRecord): void {
    const key = record.key ?? `#${record.offset}`;
    this.#foreign.delete(key);
    if (isOwnTombstone(record)) return void this.#states.delete(key);
    let read: S;
    try {
      read = stateOf(record, this.#decider);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#foreign.set(key, { offset: record.offset, reason: error.message });
      return;
    }
    const { topic, partition, offset } = record;
    for (const broken of this.#decider.invariants?.(read) ?? []) {
      this.#report({ check: 'invariants', topic, partition, offset, id: key, ...broken });
    }
    const published = JSON.stringify(this.#published(read));
    const state = { offset, version: read.version, published, compared: false };
    this.#states.set(key, state);
    this.#meet(key, state);
  }

  /** The next record of the topic of parts. */
  part(record: LogRecord): void {
    if (record.key === null) return;
    if (record.value === null) this.#parts.delete(record.key);
    else this.#parts.set(record.key, { offset: record.offset, part: this.#readPart(record) });
  }

  #readPart(record: LogRecord): unknown {
    const { parts, upcasters } = this.#decider;
    try {
      return parts === undefined ? jsonOf(record) : dataOf(record, parts.schema, upcasters?.part);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return jsonOf(record);
    }
  }

  #published(state: S): unknown {
    return this.#decider.parts === undefined ? state : this.#decider.parts.without(state);
  }

  /** The next event. */
  event(record: LogRecord): void {
    const id = this.fold.take(record);
    if (id === undefined) return;
    const state = this.#states.get(id);
    if (state !== undefined) this.#meet(id, state);
  }

  /**
   * Compares what has been read so far. What differs may be under way on a log that goes on: read on, and ask `unsettled`
   * until it is 0 or patience ends. What comes in after the mark is compared only where it meets a state's version.
   */
  mark(): void {
    const versions = new Map<string, AtMark>();
    for (const [id, fold] of this.fold.states.versions()) {
      const state = this.#states.get(id)?.version ?? 0;
      if (state !== fold) versions.set(id, { fold, state });
    }
    for (const [id, { version: state }] of this.#states) {
      if (this.fold.states.version(id) === undefined) versions.set(id, { fold: 0, state });
    }
    this.#versions = versions;
    this.#differingParts = this.#compareParts();
  }

  /** How many of the aggregates and parts that differed at the mark have still not come to agree. */
  unsettled(): number {
    for (const [id, at] of this.#versions) {
      const state = this.#states.get(id)?.version ?? 0;
      // Each has reached where the other was: neither is missing anything of that time.
      if (state >= at.fold && this.fold.version(id) >= at.state) this.#versions.delete(id);
    }
    for (const id of this.#differingParts) {
      if (this.#partAgrees(id)) this.#differingParts.delete(id);
    }
    return this.#versions.size + this.#differingParts.size;
  }

  /** Reports what has not settled: call it when reading on has not helped. */
  finish(): void {
    const { state: topic, parts, partition } = this.#topics;
    for (const [id, { offset, reason }] of this.#foreign) {
      this.#tell(topic, id, offset, 'a state that cannot be read', 'a state', reason);
    }
    for (const id of this.#versions.keys()) {
      const state = this.#states.get(id);
      const expected = this.fold.version(id);
      const found = state?.version ?? null;
      const offset = state?.offset ?? null;
      const what = expected === 0 ? 'a state without events' : 'the version of the state';
      this.#report({ check: 'states', topic, partition, offset, id, what, expected, found });
    }
    for (const id of this.#differingParts) {
      const part = this.#parts.get(id);
      this.#report({
        check: 'states',
        topic: parts ?? '',
        partition,
        offset: part?.offset ?? null,
        id,
        what: 'the fold of the events',
        expected: this.#foldedPart(id) ?? null,
        found: part?.part ?? null,
      });
    }
  }

  /** A state and the fold at the same version must be the same: whatever else moves, that is decided here, once. */
  #meet(id: string, state: StateOnTopic): void {
    if (state.compared || this.fold.version(id) !== state.version) return;
    const folded = this.fold.state(id);
    const expected = this.#published(folded);
    if (JSON.stringify(expected) !== state.published) {
      const published: unknown = JSON.parse(state.published);
      if (!same(expected, published)) {
        this.#tell(this.#topics.state, id, state.offset, 'the fold of the events', expected, published);
      }
    }
    state.compared = true;
    state.published = '';
  }

  #compareParts(): Set<string> {
    const differing = new Set<string>();
    const { parts } = this.#decider;
    if (parts === undefined) return differing;
    for (const [owner, state] of this.fold.states.entries()) {
      for (const [name] of parts.all(state)) {
        if (!this.#partAgrees(`${owner}/${name}`)) differing.add(`${owner}/${name}`);
      }
    }
    for (const id of this.#parts.keys()) if (this.#foldedPart(id) === undefined) differing.add(id);
    return differing;
  }

  #partAgrees(id: string): boolean {
    return same(this.#parts.get(id)?.part, this.#foldedPart(id));
  }

  #foldedPart(id: string): P | undefined {
    const slash = id.indexOf('/');
    return this.#decider.parts?.get(this.fold.state(id.slice(0, slash)), id.slice(slash + 1));
  }

  #tell(topic: string, id: string, offset: number, what: string, expected: unknown, found: unknown): void {
    this.#report({ check: 'states', topic, partition: this.#topics.partition, offset, id, what, expected, found });
  }
}

function jsonOf({ value }: LogRecord): unknown {
  try {
    return value === null ? null : JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}
