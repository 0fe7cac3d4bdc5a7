/** The event log on Kafka. */
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
import { Appender } from './appender.ts';
import { ClusterQueries } from './cluster-queries.ts';
import { Connections } from './connections.ts';
import { KafkaFollowing } from './following.ts';
import { HandOver } from './hand-over.ts';
import type { KafkaLogOptions } from './options.ts';
import { PartitionReader } from './partition-reader.ts';
import { DEFAULT_SESSION_TIMEOUT_MS, Processing } from './processing.ts';
import { ProcessorPositions } from './processor-positions.ts';
import { RecordLookup } from './record-lookup.ts';
import { Topics } from './topics.ts';

export type { Failpoint, KafkaLogOptions } from './options.ts';

const DEFAULT_APPEND_TIMEOUT_MS = 10_000;
const READ_BATCH = 1000;

/** Connects with the first use; while no broker can be reached, what is called waits, and then throws `LogUnavailable`. */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  return new KafkaLog(options);
}

class KafkaLog implements EventLog {
  readonly #options: KafkaLogOptions;
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #appender: Appender;
  readonly #topics: Topics;
  readonly #positions: ProcessorPositions;
  readonly #handOver = new HandOver();
  readonly #lookup: RecordLookup;
  readonly #running = new Set<Running>();
  readonly #readers = new Set<PartitionReader>();

  constructor(options: KafkaLogOptions) {
    const timeoutMs = options.appendTimeoutMs ?? DEFAULT_APPEND_TIMEOUT_MS;
    this.#options = options;
    this.#connections = new Connections(options);
    this.#queries = new ClusterQueries(this.#connections, timeoutMs);
    this.#positions = new ProcessorPositions(this.#connections, this.#queries, timeoutMs);
    this.#appender = new Appender(this.#connections, { partitions: options.partitions, timeoutMs });
    this.#lookup = new RecordLookup(this.#connections, timeoutMs);
    this.#topics = new Topics(this.#connections, options, timeoutMs);
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    // A topic that does not exist would fail the others' records in the same request.
    const unknown = records.filter(({ topic }) => !this.#queries.knows(topic)).map(({ topic }) => topic);
    if (unknown.length > 0) await this.#queries.partitionsOf([...new Set(unknown)]);
    return this.#appender.append(records);
  }

  async process(options: ProcessOptions): Promise<Running> {
    await this.#queries.partitionsOf([options.input, options.positions, ...options.restore]);
    return this.#keep(new Processing(this.#connections, this.#queries, this.#handOver, this.#options, options));
  }

  async follow(options: FollowOptions): Promise<Following> {
    const sessionTimeoutMs = this.#options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    return this.#keep(await KafkaFollowing.start(this.#connections, this.#queries, sessionTimeoutMs, options));
  }

  async *read(place: TopicPartition, from = 0): AsyncIterable<readonly LogRecord[]> {
    await this.#queries.partitionsOf([place.topic]);
    // Not only up to the committed end: what was just committed is still being marked so, and is waited for.
    const [end] = await this.#queries.highWatermarks([place]);
    if (end === undefined || end.offset <= from) return;
    const reader = new PartitionReader(this.#connections);
    this.#readers.add(reader);
    try {
      const stream = reader.open(place, from);
      for (let next = from; next < end.offset; ) {
        const taken = await stream.take(READ_BATCH);
        if (taken === undefined) throw new Error('the log was closed');
        next = taken.next;
        const records = next <= end.offset ? taken.records : taken.records.filter(({ offset }) => offset < end.offset);
        if (records.length > 0) yield records;
      }
    } finally {
      this.#readers.delete(reader);
      await reader.close();
    }
  }

  async recordsAt(positions: readonly Position[]): Promise<readonly (LogRecord | undefined)[]> {
    await this.#queries.partitionsOf([...new Set(positions.map(({ topic }) => topic))]);
    return await this.#lookup.recordsAt(positions);
  }

  ends(topics: readonly string[]): Promise<readonly Position[]> {
    return this.#queries.ends(topics);
  }

  committed(processor: Processor): Promise<readonly Position[]> {
    return this.#positions.of(processor);
  }

  identity(): Promise<string> {
    return this.#queries.clusterId();
  }

  missingTopics(names: readonly string[]): Promise<readonly string[]> {
    return this.#topics.missing(names);
  }

  createTopics(specs: readonly TopicSpec[]): Promise<readonly string[]> {
    return this.#topics.create(specs);
  }

  checkTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#topics.check(specs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop()));
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await Promise.all([this.#lookup.close(), this.#appender.close(), this.#positions.close()]);
    this.#queries.close();
  }

  #keep<T extends Running>(running: T): T {
    this.#running.add(running);
    return running;
  }
}
