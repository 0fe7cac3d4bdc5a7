/**
 * Compares one partition's state topic, and the topic of its parts, with the fold of its events, while all of them may
 * still grow. States are read before the events of the same round, so each is met by the fold on its way: at the event
 * of its version both must be the same. Pure: records come in, differences go out.
 */
import type { Decider, Versioned } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import type { Report } from './difference.ts';
import { Fold } from './fold.ts';
import { same } from './same.ts';

type Catalogue = Readonly<Record<string, unknown>>;

interface StateOnTopic {
  readonly offset: number;
  readonly version: number;
  /** Let go of once it has been compared. */
  json: unknown;
  compared: boolean;
}

interface PartOnTopic {
  readonly offset: number;
  readonly json: unknown;
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

  constructor(decider: Decider<C, E, S, P>, topics: AuditTopics, report: Report) {
    this.#decider = decider;
    this.#topics = topics;
    this.#report = report;
    this.fold = new Fold(decider, report);
  }

  /** The next record of the state topic. */
  state(record: LogRecord): void {
    if (record.key === null) return;
    const json = jsonOf(record);
    const read = this.#decider.state.safeParse(json);
    if (!read.success) {
      const found = record.value?.toString('utf8') ?? null;
      this.#tell(this.#topics.state, record.key, record.offset, 'a state that cannot be read', 'a state', found);
      return;
    }
    const state = { offset: record.offset, version: read.data.version, json, compared: false };
    this.#states.set(record.key, state);
    this.#meet(record.key, state);
  }

  /** The next record of the topic of parts. */
  part(record: LogRecord): void {
    if (record.key === null) return;
    if (record.value === null) this.#parts.delete(record.key);
    else this.#parts.set(record.key, { offset: record.offset, json: jsonOf(record) });
  }

  /** The next event. */
  event(record: LogRecord): void {
    const id = this.fold.take(record);
    if (id === undefined) return;
    const state = this.#states.get(id);
    if (state !== undefined) this.#meet(id, state);
  }

  /**
   * How many aggregates and parts differ by what has been read so far. What is under way on a live log differs for a
   * moment: read on and ask again.
   */
  unsettled(): number {
    let count = 0;
    this.#differing(() => count++);
    return count;
  }

  /** Reports what still differs: call it when reading on has not settled it. */
  finish(): void {
    this.#differing(this.#report);
  }

  /** A state and the fold at the same version must be the same: whatever else moves, that is decided here, once. */
  #meet(id: string, state: StateOnTopic): void {
    const folded = this.fold.state(id);
    if (state.compared || folded.version !== state.version) return;
    const { parts } = this.#decider;
    const expected = parts === undefined ? folded : parts.without(folded);
    if (!same(expected, state.json)) {
      this.#tell(this.#topics.state, id, state.offset, 'the fold of the events', expected, state.json);
    }
    state.compared = true;
    state.json = null;
  }

  #differing(report: Report): void {
    const { state: topic, partition } = this.#topics;
    for (const [id, folded] of this.fold.states) {
      const state = this.#states.get(id);
      if (state?.version === folded.version) continue;
      const found = state?.version ?? null;
      const what = 'the version of the state';
      const offset = state?.offset ?? null;
      report({ check: 'states', topic, partition, offset, id, what, expected: folded.version, found });
    }
    for (const [id, { version: found, offset }] of this.#states) {
      if (this.fold.states.has(id)) continue;
      report({ check: 'states', topic, partition, offset, id, what: 'a state without events', expected: null, found });
    }
    if (this.#topics.parts !== undefined) this.#differingParts(this.#topics.parts, report);
  }

  #differingParts(topic: string, report: Report): void {
    const { parts } = this.#decider;
    if (parts === undefined) return;
    const { partition } = this.#topics;
    let folded = 0;
    for (const [owner, state] of this.fold.states) {
      for (const [name, expected] of parts.all(state)) {
        folded++;
        const id = `${owner}/${name}`;
        const part = this.#parts.get(id);
        if (part !== undefined && same(part.json, expected)) continue;
        const what = 'the fold of the events';
        report({ check: 'states', topic, partition, offset: part?.offset ?? null, id, what, expected, found: part?.json ?? null });
      }
    }
    if (folded === this.#parts.size) return;
    for (const [id, { offset, json: found }] of this.#parts) {
      const slash = id.indexOf('/');
      const state = this.fold.state(id.slice(0, slash));
      if (parts.get(state, id.slice(slash + 1)) !== undefined) continue;
      report({ check: 'states', topic, partition, offset, id, what: 'a part without events', expected: null, found });
    }
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
