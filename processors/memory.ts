/**
 * What a processor remembers of one partition: the states of its aggregates, and the transactions it has seen. It is kept in
 * a store, brought up to date from the log when the partition is opened, and moved on by each step once that is committed.
 */
import type { Catalogue, Versioned } from '../domain/index.ts';
import { currentVersion } from '../domain/versions.ts';
import type { LogRecord, NewRecord, RestoreStart, WrittenTopics } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { dataOf, dataVersionOf, UnreadableRecord } from '../records/cloud-event.ts';
import { isOwnTombstone, stateOf } from '../records/state-record.ts';
import { isOthersStatus, readStatus } from '../records/status-record.ts';
import { eventsTopic, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import { Draft, type DraftBase } from './draft.ts';
import { type KeptAggregate, KeptStates } from './kept-states.ts';
import { KeptTransactions, type Seen } from './kept-transactions.ts';
import { type Foreign, Recovery } from './recovery.ts';
import { RestorePoint } from './restore-point.ts';
import type { StateCache } from './state-cache.ts';

/** Another form of what is kept in the store, or of how it is kept, needs another one. */
const FORMAT = 1;

export interface MemoryOptions<C extends Catalogue, E extends Catalogue, S extends Versioned, P> {
  readonly aggregate: KeptAggregate<C, E, S, P>;
  readonly partition: number;
  readonly partitions: number;
  readonly store: PartitionStore;
  readonly cache: StateCache;
  readonly now: () => number;
  /** Restore topics whose records somebody else takes into the same store. */
  readonly alongside: readonly string[];
  /** Whether it is to find statuses that cannot be read, whosever they are. */
  readonly tellsOfStatuses: boolean;
}

/** What is known of a step that is committed: see `Step`. */
interface Committed {
  readonly written: WrittenTopics | undefined;
  readonly ends: ReadonlyMap<string, number> | undefined;
  /** The offset of the input's next record; undefined: it has not moved. */
  readonly position: number | undefined;
}

export class Memory<C extends Catalogue, E extends Catalogue, S extends Versioned, P> implements DraftBase<S, P> {
  readonly #aggregate: KeptAggregate<C, E, S, P>;
  readonly #options: MemoryOptions<C, E, S, P>;
  readonly #states: KeptStates<C, E, S, P>;
  readonly #transactions: KeptTransactions;
  readonly #point: RestorePoint;
  readonly #topics: { readonly events: string; readonly state: string; readonly parts: string | undefined };
  #recovery: Recovery<C, E, S, P>;
  /** Aggregates of which a part was restored when there was no state of them. */
  readonly #stateless = new Set<string>();
  #folding = false;

  constructor(options: MemoryOptions<C, E, S, P>) {
    const { aggregate, partition, store, cache, now } = options;
    const { name } = aggregate;
    this.#aggregate = aggregate;
    this.#options = options;
    this.#states = new KeptStates(aggregate, store, cache);
    this.#transactions = new KeptTransactions(store, cache);
    this.#topics = { events: eventsTopic(name), state: stateTopic(name), parts: PARTS[name] };
    const { state, parts } = this.#topics;
    this.#point = new RestorePoint({
      ...{ store, partition, now },
      shape: shapeOf(aggregate),
      compacted: parts === undefined ? [state] : [state, parts],
      shared: [TRANSACTIONS, ...options.alongside],
    });
    this.#recovery = new Recovery(aggregate);
  }

  /** From which offset each restore topic is to be read. */
  restoreFrom(start: RestoreStart): ReadonlyMap<string, number> {
    return this.#point.begin(start);
  }

  /** Takes in a record of a restore topic. What cannot be read stops nothing: see `recovery.ts`. */
  restore(record: LogRecord): void {
    if (record.topic === this.#topics.events) {
      this.#recovery.take(record);
      return;
    }
    if (this.#point.holds(record)) return;
    const [id, part] = this.#concerned(record);
    try {
      if (record.topic === TRANSACTIONS) this.#restoreStatus(record);
      else if (id === undefined) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
      else if (part === undefined) this.#restoreState(record, id);
      else this.#restorePart(record, id, part);
      this.#recovery.covered(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#recovery.found({ record, reason: error.message, id, part });
    }
    this.#point.took(record, this.#sound);
  }

  /** Lets somebody else take in a record of a topic alongside. */
  restoreAlongside(record: LogRecord, take: (record: LogRecord) => void): void {
    if (this.#point.holds(record)) return;
    take(record);
    this.#point.took(record, this.#sound);
  }

  /** What stands in the way is known to this memory alone, and would be forgotten if the process ended here. */
  get #sound(): boolean {
    return !this.#recovery.any && this.#stateless.size === 0;
  }

  /** The aggregate that a record of the state topic, or of that of the parts, is about, and its part. */
  #concerned({ topic, key }: LogRecord): readonly [id: string | undefined, part: string | undefined] {
    if (topic === TRANSACTIONS || key === null) return [undefined, undefined];
    if (topic === this.#topics.state) return [key, undefined];
    return partOf(key);
  }

  #restoreStatus(record: LogRecord): void {
    const { aggregate, tellsOfStatuses } = this.#options;
    // One of the processors reads them all, and tells of those that cannot be read.
    if (!tellsOfStatuses && isOthersStatus(record, aggregate.name)) return;
    const transaction = readStatus(record);
    if (transaction.aggregate === this.#aggregate.name) this.#transactions.remember(transaction, record.timestamp);
  }

  #restoreState(record: LogRecord, id: string): void {
    if (isOwnTombstone(record)) return void this.#states.remove(id);
    this.#checkPartition(record, id);
    const state = stateOf(record, this.#aggregate);
    this.#states.restore(id, state, this.#isNewest(record, 'state') ? String(record.value) : this.#published(state));
    this.#stateless.delete(id);
  }

  #restorePart(record: LogRecord, id: string, part: string): void {
    const { parts, upcasters } = this.#aggregate;
    if (parts === undefined) return;
    if (isOwnTombstone(record)) return void this.#states.removePart(id, part);
    this.#checkPartition(record, id);
    const entry = dataOf(record, parts.schema, upcasters?.part);
    this.#states.putPart(id, part, this.#isNewest(record, 'part') ? String(record.value) : JSON.stringify(entry));
    if (!this.#states.has(id)) this.#stateless.add(id);
  }

  #isNewest(record: LogRecord, what: 'state' | 'part'): boolean {
    return dataVersionOf(record) === currentVersion(this.#aggregate.upcasters?.[what]);
  }

  #published(state: S): string {
    return JSON.stringify(this.#aggregate.parts?.without(state) ?? state);
  }

  #checkPartition({ partition }: LogRecord, id: string): void {
    const own = partitionOf(id, this.#options.partitions);
    if (own !== partition) throw new UnreadableRecord(`partition: ${id.slice(0, 100)} belongs to partition ${own}`);
  }

  /**
   * Call it when all has been read. Returns topics that must be read too, from their beginning, before it is called again:
   * the events, when something on the other topics has to be made anew from them; or all, when the store does not fit.
   */
  restored(position: number): readonly string[] {
    if (!this.#folding) {
      const doubt = this.#point.doubt();
      if (doubt !== undefined) return this.#again(doubt);
      for (const id of this.#stateless) if (this.#states.hasParts(id)) this.#recovery.orphaned(id);
      this.#stateless.clear();
      this.#folding = this.#recovery.begin();
      if (this.#folding && this.#point.continues) return this.#again('records stand on the log that are not its own');
      if (this.#folding) return [this.#topics.events];
    }
    this.#folding = false;
    this.#takeFolded();
    this.#point.restored(position);
    this.#saveUnlessMending();
    return [];
  }

  #again(reason: string): readonly string[] {
    this.#folding = false;
    this.#recovery = new Recovery(this.#aggregate);
    this.#stateless.clear();
    this.clear();
    return this.#point.again(reason);
  }

  #takeFolded(): void {
    const { states, without } = this.#recovery.end();
    for (const id of without) {
      this.#states.remove(id);
      this.#states.removeParts(id);
    }
    for (const [id, state] of states) {
      // A state with a higher version than its events: something else is wrong, which verify tells. The state is kept.
      if ((this.#states.get(id)?.version ?? 0) > state.version) continue;
      this.#states.removeParts(id);
      this.#states.put(id, state, this.#published(state));
      for (const [part, entry] of this.#aggregate.parts?.all(state) ?? []) {
        this.#states.putPart(id, part, JSON.stringify(entry));
      }
    }
  }

  /** Until all that is foreign has been mended on the log, the log is to be read from its beginning. */
  #saveUnlessMending(): void {
    if (this.#recovery.next().length === 0) this.#point.save();
  }

  get foreign(): readonly Foreign[] {
    return this.#recovery.next();
  }

  state(id: string): S | undefined {
    return this.#states.get(id);
  }

  part(id: string, part: string): P | undefined {
    return this.#states.part(id, part);
  }

  seen(transactionId: string): Seen | undefined {
    return this.#transactions.seen(transactionId);
  }

  /** The states of all entities that are pending. */
  pending(): ReadonlyMap<string, S> {
    return this.#states.pending();
  }

  /** @param before one that has not been merged yet, and will be before this one, or neither will */
  draft(before?: Draft<C, E, S, P>): Draft<C, E, S, P> {
    return new Draft(before?.asBase ?? this, this.#aggregate);
  }

  /** A step is committed: takes over what it wrote. */
  merge(draft: Draft<C, E, S, P>, records: readonly NewRecord[], { written, ends, position }: Committed): void {
    const { partition, now } = this.#options;
    for (const { topic, key, value, ...record } of records) {
      if (record.partition !== partition || value === null) continue;
      const state = topic === this.#topics.state ? draft.states.get(key) : undefined;
      if (state !== undefined) this.#states.put(key, state, String(value));
      if (topic === this.#topics.parts) this.#states.putPart(...partOf(key), String(value));
    }
    const time = now();
    for (const transaction of draft.transactions.values()) this.#transactions.remember(transaction, time);
    this.#recovery.done(draft.foreign);
    this.#point.wrote(records, written, ends, position);
    this.#saveUnlessMending();
    this.#transactions.forget(time);
  }

  /** Forgets what is in memory, not what is in the store. */
  clear(): void {
    this.#states.clear();
    this.#transactions.clear();
  }
}

/** The key of a part's record: ids have no slash. */
function partOf(key: string): readonly [id: string, part: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
}

function shapeOf<C extends Catalogue, E extends Catalogue, S extends Versioned, P>({
  name,
  upcasters,
}: KeptAggregate<C, E, S, P>): string {
  const versions = [currentVersion(upcasters?.state), currentVersion(upcasters?.part)];
  return `${FORMAT} ${name} ${versions.join(' ')}`;
}
