/**
 * The log's port: what the rest of Counterfoil may ask of an event log. Its engines stand beside it, in
 * `kafka/` and `embedded/`; nothing here knows either of them, and one contract suite runs against both.
 */

/** A record as it is read. Headers are text, as in the CloudEvents 1.0 Kafka binary binding. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** Position within the partition; grows, with gaps (compaction, Kafka's transaction markers). */
  readonly offset: number;
  readonly key: string | null;
  /** The bytes as written; `null` is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, when the record was written. */
  readonly timestamp: number;
  /** Why nothing of it could be read, not even its key, when that is so. */
  readonly unreadable?: string;
  /** One header, with the others left unread: of a `LazyRecord` alone. Use `headerOf`, which knows both kinds. */
  header?(name: string): string | undefined;
}

/** A record to be written. Without `partition`, the key decides it: see `partitionOf`. */
export interface NewRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: string;
  readonly value: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A point in a partition: `offset` is that of the next record to be read, or of the record just written. */
export interface Position extends TopicPartition {
  readonly offset: number;
}

/** How long a topic keeps its records: all of them for ever, the newest of each key, or those younger than so many ms. */
export type Retention = 'forever' | 'compact' | { readonly ms: number };

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly retention: Retention;
  /** true: few keys, written again and again, as positions are; an engine compacts such a topic early. */
  readonly hot?: boolean;
  /** What its records have in common, for an engine that compresses each by itself; it may be another one at the next start. */
  sample?(): string;
}

/** One processing step's result: all of `records` and the input's position become visible together, or nothing does. */
export interface Step {
  readonly records: readonly NewRecord[];
  /**
   * Called once the step is known to be committed, never otherwise: merge what was staged. A throw is as a failed step: the
   * process is thrown away, and what is committed stays so.
   * @param written by restore topic, what of the step stands there in this partition; an engine always tells it
   * @param ends where restore topics ended at a moment between two steps of this process. Nobody else had the partition then:
   *   what stands before, and was neither given to `restore` nor written by this process, is not of this processor
   */
  committed(written?: WrittenTopics, ends?: ReadonlyMap<string, number>): void;
}

/** What a step has written to one restore topic, in the partition of its process. */
export interface Written {
  /** The offset of its last record there. */
  readonly last: number;
  /** Contiguity: between what this process had read or written there before and the last record stands nothing of others. */
  readonly joined: boolean;
}

export type WrittenTopics = ReadonlyMap<string, Written>;

/** What a process is told about the log before it says from where it is to be restored. */
export interface RestoreStart {
  /** What `EventLog.identity` tells: another cluster, or another folder, has another one. */
  readonly log: string;
  /** The offset of the input's next record, as in `restored`. */
  readonly position: number;
  /** The end of this partition of each restore topic, by topic. */
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * What a processor does with one partition. The engine opens one when it is given the partition, restores it, and then
 * calls `step` with one batch after another, never two at a time. After a step whose outcome is unknown it is thrown
 * away and another one is opened and restored.
 */
export interface PartitionProcess {
  /**
   * Called first, once: the offset from which each restore topic is to be read, by topic. A topic that is left out, and every
   * topic of a process without this, is read from its beginning. No offset may be beyond the topic's end.
   */
  restoreFrom?(start: RestoreStart): ReadonlyMap<string, number>;
  /** Called for every record of the restore topics in this partition, per topic in order of offset. */
  restore(record: LogRecord): void;
  /**
   * Called after the last `restore`, before the first `step`. May return further topics, with as many partitions: the same
   * partition of each is read from its beginning to its end, and `restored` is called again, until nothing more is needed.
   * @param position the offset of the input's next record: all before it has been handled by steps that are committed
   */
  restored(position: number): readonly string[] | void;
  /**
   * What the restoring itself asks to be written, such as dead letters: called after it and before the first `step`, whether
   * or not there is input, until it returns undefined. Each is committed as a step is, with the position as it was.
   */
  settle?(): Step | undefined;
  /** Decides a batch. Must not throw for bad input, and must not change what `restore` built until `committed`. */
  step(batch: readonly LogRecord[]): Step;
  /**
   * Processing ahead of durability: decides a batch of records that are not on the log yet, on top of a step of this process
   * that is not committed yet either. All of it is committed together, in this order, or the process is thrown away. A process
   * without it is given only what is on the log, one step after the other; so is any process by an engine that cannot do it.
   * @param before the step before, which is to be taken as if it were committed; undefined: all of them are
   */
  stepAhead?(batch: readonly LogRecord[], before: Step | undefined): Step;
  /** The partition was taken away, or the processor stops: end timers. Nothing is called afterwards. */
  close(): void;
}

/** Which processor, and where its position is: what has to stay the same across restarts. */
export interface Processor {
  readonly name: string;
  readonly input: string;
  /**
   * A compacted topic with as many partitions as `input`, where nobody else writes: an engine that cannot keep the position
   * beside the log writes it there, in the same atomic step as what it stands for. Another engine leaves it empty.
   */
  readonly positions: string;
}

export interface ProcessOptions extends Processor {
  /** Topics with as many partitions as `input`; the same partition of each is read to its end before the first step. */
  readonly restore: readonly string[];
  /** Most records in one step. Default 1000. */
  readonly maxBatch?: number;
  open(partition: number): PartitionProcess;
}

/** Records of one partition, in order. `from` is the position before the batch, `next` the one after it. */
export interface FollowBatch extends TopicPartition {
  readonly from: number;
  readonly next: number;
  /** May be empty when only the position moved on (transaction markers). */
  readonly records: readonly LogRecord[];
}

export interface FollowOptions {
  /** For logs and metrics; the name of the consumer group when `shared`. */
  readonly name: string;
  readonly topics: readonly string[];
  /** Where to begin in each partition; a function is asked at each assignment and after each `'restart'`. */
  readonly from: 'beginning' | 'now' | ((partition: TopicPartition) => Promise<number>);
  /** true: the partitions are split among all who follow under this name. false (default): every follower sees all. */
  readonly shared?: boolean;
  /**
   * true: for a follower that passes most records over. An engine whose records come as bytes leaves their headers so until
   * somebody asks. Such a record must not be spread: its headers are no property of its own.
   */
  readonly lazy?: boolean;
  /**
   * Called with one batch per partition at a time; partitions may overlap. The next batch of the partition waits for the
   * promise. `'restart'` asks `from` again and goes on there. A throw is retried with the same batch, after a pause.
   */
  onBatch(batch: FollowBatch): Promise<void | 'restart'> | void | 'restart';
}

/** `detail` says in one line what is wrong and what is waited for. */
export type Health =
  | { readonly state: 'starting' | 'running' | 'stopped' }
  | { readonly state: 'trouble'; readonly detail: string };

export interface PartitionStatus extends TopicPartition {
  readonly state: 'restoring' | 'running' | 'trouble';
  /** Offset of the next record to be handled. */
  readonly position: number;
  /** Records not yet handled, as last known. */
  readonly lag: number;
  /** When the oldest record that is being handled was written, ms since 1970; told where the log is watched, see `telemetry/`. */
  readonly oldest?: number | undefined;
  /** How much of what a process restores has been read, from 0 to 1; told where the log is watched. */
  readonly restored?: number | undefined;
}

export interface Running {
  /** How it goes; after trouble it goes on by itself and this says `running` again. */
  health(): Health;
  partitions(): readonly PartitionStatus[];
  /**
   * Resolves when every partition assigned has been restored and has handled what the log held at the time of the call.
   * The log's ends are asked for once, without a retry: call it again after an error.
   * @throws {LogUnavailable} when the ends cannot be asked for now, also for a single refused connection
   */
  caughtUp(): Promise<void>;
  /** Finishes the step or batch under way, commits it, and lets go of the partitions. */
  stop(): Promise<void>;
}

export interface Following extends Running {
  /** Resolves when everything before the given positions has been handled (positions of topics not followed are ignored). */
  reached(positions: readonly Position[]): Promise<void>;
}

/** The log cannot be reached, or did not acknowledge in time. What was to be appended may or may not be on the log. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
}

/**
 * This process is refused, or speaks to the log in a way that cannot work, since nothing has ever worked: waiting does not
 * mend it. The message names the variable to look at.
 */
export class LogMisconfigured extends LogUnavailable {}

/** A topic is missing, or its settings would lose data. The message names the topic, the setting and the way to mend it. */
export class TopicMisconfigured extends Error {
  override readonly name = 'TopicMisconfigured';
}

export interface EventLog {
  /**
   * Appends durably: resolves with the records' positions, in their order, once the log will not lose them. Records of
   * one call to one partition stand in the order given; calls that overlap are coalesced.
   * @throws {LogUnavailable} after `appendTimeoutMs`: the outcome is then unknown.
   */
  append(records: readonly NewRecord[]): Promise<readonly Position[]>;
  /** Consume, decide, produce: atomically, with a single writer per partition across all processes. */
  process(options: ProcessOptions): Promise<Running>;
  /** Sees committed records only. */
  follow(options: FollowOptions): Promise<Following>;
  /** Reads a partition's committed records from `from` (default: the beginning) to the end as it is now, in batches. */
  read(partition: TopicPartition, from?: number): AsyncIterable<readonly LogRecord[]>;
  /**
   * The committed records that stand at these positions, in their order; undefined where there is none: it was dropped or
   * compacted, or was never committed. Positions near each other in a partition are read together.
   * @throws {LogUnavailable} when they cannot be read within the log's patience, or a position lies beyond the end
   */
  recordsAt(positions: readonly Position[]): Promise<readonly (LogRecord | undefined)[]>;
  /** The end of every partition of the topics: all that has been acknowledged or committed by now stands before it. */
  ends(topics: readonly string[]): Promise<readonly Position[]>;
  /** Up to where the processor has committed, for every partition of its input that has a position. */
  committed(processor: Processor): Promise<readonly Position[]>;
  /** Tells this log from any other: another cluster, or another folder, has another one. Copies of a folder share it. */
  identity(): Promise<string>;
  /** Those of these topics that are not there; on a cluster one that was made a moment ago may still be among them. */
  missingTopics(names: readonly string[]): Promise<readonly string[]>;
  /** Creates the topics that are missing, leaves the others alone, and returns the names of those it created. */
  createTopics(specs: readonly TopicSpec[]): Promise<readonly string[]>;
  /** @throws {TopicMisconfigured} on the first topic that is missing or whose settings would lose data. */
  checkTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Ends what is running, flushes appends under way, and lets go of files and connections. */
  close(): Promise<void>;
}
