/** Runs a processor on the partitions that its group gives to this process. */
import type { Health, PartitionStatus, Position, ProcessOptions, Running, TopicPartition } from '../event-log.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { GroupMembership } from './group-membership.ts';
import type { KafkaLogOptions } from './options.ts';
import { PartitionReader } from './partition-reader.ts';
import { ProcessWorker } from './process-worker.ts';
import { Progress } from './progress.ts';

export const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BATCH = 1000;
const VISIBLE_POLL_MS = 5;

export class Processing implements Running {
  readonly #options: ProcessOptions;
  readonly #log: KafkaLogOptions;
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #workers = new Map<number, ProcessWorker>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #progress: Progress;
  readonly #reader: PartitionReader;
  readonly #membership: GroupMembership;
  #stopping: Promise<void> | undefined;

  constructor(connections: Connections, queries: ClusterQueries, log: KafkaLogOptions, options: ProcessOptions) {
    this.#connections = connections;
    this.#queries = queries;
    this.#log = log;
    this.#options = options;
    this.#progress = new Progress(`processor ${options.name}`, () => this.#currentWorkers());
    this.#reader = new PartitionReader(connections, (detail) => this.#progress.trouble('reader', detail));
    this.#membership = new GroupMembership(connections, {
      group: options.name,
      topics: [options.input],
      sessionTimeoutMs: log.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
      onAssigned: (partitions) => this.#assign(partitions),
      onTrouble: (detail) => this.#progress.trouble('membership', detail),
    });
    this.#membership.start();
  }

  health(): Health {
    return this.#progress.health();
  }

  partitions(): readonly PartitionStatus[] {
    return this.#progress.partitions();
  }

  async caughtUp(): Promise<void> {
    const input = await this.#queries.partitionsOf([this.#options.input]);
    await this.#progress.reached(await this.#queries.highWatermarks(input));
    // What was committed is visible to readers a little later; who waits for us wants to see it.
    const written = latest(this.#currentWorkers().flatMap((worker) => worker.written()));
    for (let hidden = written; hidden.length > 0 && this.#stopping === undefined; ) {
      const stable = await this.#queries.lastStableOffsets(hidden);
      hidden = hidden.filter(({ offset }, i) => (stable[i]?.offset ?? 0) <= offset);
      if (hidden.length > 0) await new Promise((resolve) => setTimeout(resolve, VISIBLE_POLL_MS));
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // The steps under way first, while we are still the owner; then the others may have the partitions.
    await Promise.all(this.#currentWorkers().map((worker) => worker.stop()));
    await Promise.all(this.#leaving);
    await this.#membership.stop();
    await this.#reader.close();
    this.#workers.clear();
    this.#progress.stop();
  }

  #currentWorkers(): ProcessWorker[] {
    return [...this.#workers.values()];
  }

  /**
   * What stays ours goes on, also when the membership was lost meanwhile: as long as nobody else has taken the partition
   * over, its memory holds good, and if someone has, the next step is fenced, and the partition is opened anew.
   */
  #assign(partitions: readonly TopicPartition[]): void {
    if (this.#stopping !== undefined) return;
    const ours = new Set(partitions.map(({ partition }) => partition));
    for (const [partition, worker] of this.#workers) {
      if (ours.has(partition)) continue;
      this.#workers.delete(partition);
      const left = worker.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    for (const partition of ours) {
      if (this.#workers.has(partition)) continue;
      const worker = new ProcessWorker(
        {
          connections: this.#connections,
          queries: this.#queries,
          reader: this.#reader,
          log: this.#log,
          maxBatch: this.#options.maxBatch ?? DEFAULT_MAX_BATCH,
          confirmed: () => this.#membership.confirmed(),
          handled: (position) => this.#membership.commit(position),
          changed: () => this.#progress.changes.changed(),
        },
        this.#options,
        partition,
      );
      this.#workers.set(partition, worker);
    }
    this.#progress.assigned();
  }
}

/** The last of the positions in each partition. */
function latest(positions: readonly Position[]): Position[] {
  const last = new Map<string, Position>();
  for (const position of positions) {
    const place = `${position.topic}/${position.partition}`;
    if (position.offset >= (last.get(place)?.offset ?? 0)) last.set(place, position);
  }
  return [...last.values()];
}
