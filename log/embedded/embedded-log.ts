/**
 * The EventLog on lmdb, in this process and on its disk: the same topics, partitions and promises as on Kafka, with nothing
 * else installed. One process has the folder; others may read beside it.
 */
import type { Logger } from 'pino';
import { othersTurn, TimeSlice } from '../../waiting/time-slice.ts';
import type {
  EventLog,
  Following,
  FollowOptions,
  LogRecord,
  NewRecord,
  Position,
  ProcessOptions,
  Processor,
  Running,
  TopicPartition,
  TopicSpec,
} from '../event-log.ts';
import { LogUnavailable, TopicMisconfigured } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { checkTopic } from './check-topic.ts';
import { damaged, explained, wasEmptied } from './data-file.ts';
import { type DirectoryLock, lockDirectory, whyUnreadable } from './directory-lock.ts';
import { followPartition } from './following.ts';
import { type Failpoint, GroupCommit } from './group-commit.ts';
import { runPartition } from './processing.ts';
import { RetentionTimer } from './retention-timer.ts';
import { RunningLoops, type Warn } from './running-loops.ts';
import { Storage } from './storage.ts';
import type { Topic } from './topic.ts';
import type { NewSample } from './write-batch.ts';

/** A record tells in one byte which sample it was written with. Each change of a schema makes a new one. */
const MOST_SAMPLES = 250;

export interface EmbeddedLogOptions {
  /** Folder of the log's files; created when missing. */
  readonly dir: string;
  /** Bytes that the log may occupy; appends are refused beyond it. Default: as many as the disk has. */
  readonly mapSize?: number;
  /** true: reads only, beside the process that has the folder. Appending, processing and following are refused. */
  readonly readOnly?: boolean;
  readonly logger?: Pick<Logger, 'warn'>;
  /** How long to wait for an owner of the folder that is about to end, in ms. Default 5,000. */
  readonly patienceMs?: number;
  /** Ends that wait. */
  readonly signal?: AbortSignal;
  /** For tests: see `Failpoint`. */
  readonly failpoint?: Failpoint;
}

const READ_AT_ONCE = 1000;
const EMPTIED = 'it is empty, beside states and views of a log that was not; to begin anew, delete those and the file';

/** @throws {LogUnavailable} when another process has the folder, or there is nothing to read in it. */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  if (options.readOnly === true) return openBeside(options);
  let lock: DirectoryLock | undefined;
  if (wasEmptied(options.dir)) throw damaged(options.dir, EMPTIED);
  try {
    // Loading this file, loading what locks, and opening what is locked take some 10 to 20 ms each: not in one turn.
    await othersTurn();
    lock = await lockDirectory(options.dir, options);
    await othersTurn();
    return new EmbeddedLog(options, lock);
  } catch (thrown) {
    lock?.release();
    const error = explained(thrown, options.dir);
    if (error instanceof LogUnavailable) throw error;
    throw new LogUnavailable(`the log in ${options.dir} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

function openBeside(options: EmbeddedLogOptions): EventLog {
  try {
    return new EmbeddedLog(options, undefined);
  } catch (thrown) {
    const error = explained(thrown, options.dir);
    if (error instanceof LogUnavailable) throw error;
    const why = whyUnreadable(options.dir) ?? messageOf(error);
    throw new LogUnavailable(`the log in ${options.dir} cannot be read: ${why}`, { cause: error });
  }
}

class EmbeddedLog implements EventLog {
  readonly #options: EmbeddedLogOptions;
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  /** Absent beside the owner. */
  readonly #lock: DirectoryLock | undefined;
  readonly #loops: RunningLoops;
  /** Absent beside the owner. */
  readonly #retention: RetentionTimer | undefined;
  #creating: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: EmbeddedLogOptions, lock: DirectoryLock | undefined) {
    this.#options = options;
    this.#lock = lock;
    this.#storage = new Storage(options.dir, options.readOnly === true);
    this.#commits = new GroupCommit(this.#storage, {
      mapSize: options.mapSize,
      failpoint: options.failpoint,
      dataIsThere: () => lock?.dataIsThere() ?? true,
    });
    const warn: Warn = (detail, message) => options.logger?.warn(detail, message);
    this.#loops = new RunningLoops(this.#storage, this.#commits, warn);
    if (options.readOnly === true) {
      void this.#commits.close(`the log in ${options.dir} was opened for reading only`);
      return;
    }
    this.#retention = new RetentionTimer(this.#storage, this.#commits, warn);
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    this.#refuseWhenClosed();
    if (records.length === 0) return [];
    return this.#commits.submit({ records });
  }

  async process(options: ProcessOptions): Promise<Running> {
    this.#refuseWhenReadOnly();
    const topic = this.#storage.topic(options.input);
    for (const name of options.restore) {
      const { partitions } = this.#storage.topic(name);
      if (partitions === topic.partitions) continue;
      const counts = `${name} has ${partitions} partitions and ${topic.name} has ${topic.partitions}`;
      throw new TopicMisconfigured(`${counts}: what is restored needs as many as the input`);
    }
    const assigned = partitionsOf(topic);
    return this.#loops.run(`process ${options.name} ${options.input}`, assigned, (context) =>
      assigned.map(({ partition }) => runPartition(options, partition, context)),
    );
  }

  async follow(options: FollowOptions): Promise<Following> {
    this.#refuseWhenReadOnly();
    const assigned = options.topics.flatMap((name) => partitionsOf(this.#storage.topic(name)));
    const now = assigned.map((partition) => ({ ...partition, offset: this.#storage.end(partition) }));
    const turn = options.shared === true ? `follow ${options.name}` : undefined;
    return this.#loops.run(turn, assigned, (context) =>
      now.map((position) => followPartition(options, position, context)),
    );
  }

  async *read(partition: TopicPartition, from = 0): AsyncGenerator<readonly LogRecord[]> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    const topic = this.#storage.partition(partition);
    const end = this.#storage.end(partition);
    for (let next = from; next < end; ) {
      const read = this.#storage.read(topic, partition.partition, next, end, READ_AT_ONCE);
      if (read.records.length > 0) yield read.records;
      next = read.next;
      await othersTurn();
      this.#refuseWhenClosed();
    }
  }

  async recordsAt(positions: readonly Position[]): Promise<readonly (LogRecord | undefined)[]> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    const found: (LogRecord | undefined)[] = [];
    const slice = new TimeSlice();
    for (const { topic: name, partition, offset } of positions) {
      if (slice.over()) await slice.next();
      this.#refuseWhenClosed();
      const topic = this.#storage.partition({ topic: name, partition });
      const end = this.#storage.end({ topic: name, partition });
      if (offset >= end) {
        throw new LogUnavailable(`${name}/${partition} ends at ${end}, before ${offset}: that is of another log`);
      }
      found.push(this.#storage.read(topic, partition, offset, offset + 1, 1).records[0]);
    }
    return found;
  }

  async ends(topics: readonly string[]): Promise<readonly Position[]> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    return topics.flatMap((name) =>
      partitionsOf(this.#storage.topic(name)).map((each) => ({ ...each, offset: this.#storage.end(each) })),
    );
  }

  async committed({ name, input }: Processor): Promise<readonly Position[]> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    return partitionsOf(this.#storage.topic(input)).flatMap((each) => {
      const offset = this.#storage.committed(name, input, each.partition);
      return offset === undefined ? [] : [{ ...each, offset }];
    });
  }

  async identity(): Promise<string> {
    return this.#storage.identity;
  }

  async missingTopics(names: readonly string[]): Promise<readonly string[]> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    return names.filter((name) => this.#storage.findTopic(name) === undefined);
  }

  createTopics(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    // One after another: two calls at once must not give the same id to different topics.
    const created = this.#creating.then(() => this.#createTopics(specs));
    this.#creating = created.catch(() => undefined);
    return created;
  }

  async #createTopics(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    this.#refuseWhenReadOnly();
    const first = 1 + this.#storage.topics().reduce((highest, { id }) => Math.max(highest, id), 0);
    const missing = specs.filter(({ name }) => this.#storage.findTopic(name) === undefined);
    const newTopics = missing.map(({ name, partitions, retention }, i): Topic => {
      return { id: first + i, name, partitions, retention, samples: [] };
    });
    const newSamples: NewSample[] = [];
    const slice = new TimeSlice();
    for (const { name, sample } of specs) {
      if (slice.over()) await slice.next();
      this.#refuseWhenClosed();
      const topic = this.#storage.findTopic(name) ?? newTopics.find((each) => each.name === name);
      if (topic === undefined || sample === undefined || topic.samples.length >= MOST_SAMPLES) continue;
      const text = sample();
      if (topic.samples.at(-1)?.toString() !== text) newSamples.push({ topic, sample: text });
    }
    if (newTopics.length + newSamples.length > 0) await this.#commits.submit({ records: [], newTopics, newSamples });
    return newTopics.map(({ name }) => name);
  }

  async checkTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#refuseWhenClosed();
    this.#storage.refresh();
    for (const spec of specs) checkTopic(spec, this.#storage.topic(spec.name));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#retention?.stop();
    await this.#loops.stop();
    await this.#commits.close('the log is closed');
    await this.#retention?.stopped();
    await this.#storage.close();
    this.#lock?.release();
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new LogUnavailable('the log is closed');
  }

  #refuseWhenReadOnly(): void {
    this.#refuseWhenClosed();
    if (this.#options.readOnly === true) {
      throw new LogUnavailable(`the log in ${this.#options.dir} was opened for reading only`);
    }
  }
}

function partitionsOf({ name, partitions }: Topic): readonly TopicPartition[] {
  return Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }));
}
