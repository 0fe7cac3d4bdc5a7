/** Follows topics: all of their partitions, or those that the group of that name gives to this process. */
import type { Following, FollowOptions, Health, PartitionStatus, Position, TopicPartition } from '../event-log.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { FollowWorker } from './follow-worker.ts';
import { GroupMembership } from './group-membership.ts';
import { PartitionReader } from './partition-reader.ts';
import { Progress } from './progress.ts';

export class KafkaFollowing implements Following {
  readonly #options: FollowOptions;
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #workers = new Map<string, { readonly worker: FollowWorker; readonly memberId: string }>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #progress: Progress;
  readonly #reader: PartitionReader;
  #membership: GroupMembership | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(connections: Connections, queries: ClusterQueries, options: FollowOptions) {
    this.#connections = connections;
    this.#queries = queries;
    this.#options = options;
    this.#progress = new Progress(`follower ${options.name}`, () => this.#currentWorkers());
    this.#reader = new PartitionReader(connections, (detail) => this.#progress.trouble('reader', detail));
  }

  /** Resolves when it is certain that what is written from now on will be seen. */
  static async start(
    connections: Connections,
    queries: ClusterQueries,
    sessionTimeoutMs: number,
    options: FollowOptions,
  ): Promise<KafkaFollowing> {
    const following = new KafkaFollowing(connections, queries, options);
    const partitions = await queries.partitionsOf(options.topics);
    const now = options.from === 'now' ? await queries.lastStableOffsets(partitions) : [];
    if (options.shared) following.#join(sessionTimeoutMs);
    else following.#assign(partitions, '', now);
    return following;
  }

  health(): Health {
    return this.#progress.health();
  }

  partitions(): readonly PartitionStatus[] {
    return this.#progress.partitions();
  }

  reached(positions: readonly Position[]): Promise<void> {
    return this.#progress.reached(positions);
  }

  async caughtUp(): Promise<void> {
    const partitions = await this.#queries.partitionsOf(this.#options.topics);
    await this.reached(await this.#queries.highWatermarks(partitions));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#currentWorkers().map((worker) => worker.stop()));
    await Promise.all(this.#leaving);
    await this.#membership?.stop();
    await this.#reader.close();
    this.#workers.clear();
    this.#progress.stop();
  }

  #currentWorkers(): FollowWorker[] {
    return [...this.#workers.values()].map(({ worker }) => worker);
  }

  #join(sessionTimeoutMs: number): void {
    this.#membership = new GroupMembership(this.#connections, {
      group: this.#options.name,
      topics: this.#options.topics,
      sessionTimeoutMs,
      onAssigned: (partitions, memberId) => this.#assign(partitions, memberId, []),
      onTrouble: (detail) => this.#progress.trouble('membership', detail),
    });
    this.#membership.start();
  }

  #assign(partitions: readonly TopicPartition[], memberId: string, now: readonly Position[]): void {
    if (this.#stopping !== undefined) return;
    const ours = new Map(partitions.map((each) => [`${each.topic}/${each.partition}`, each]));
    for (const [place, held] of this.#workers) {
      // With another member id, someone else may have had the partition in between.
      if (ours.has(place) && held.memberId === memberId) continue;
      this.#workers.delete(place);
      const left = held.worker.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    for (const [key, place] of ours) {
      if (this.#workers.has(key)) continue;
      const start = now.find((each) => each.topic === place.topic && each.partition === place.partition)?.offset;
      const worker = new FollowWorker(
        {
          logger: this.#connections.logger,
          queries: this.#queries,
          reader: this.#reader,
          handled: (position) => {
            this.#membership?.commit(position);
            this.#progress.changes.changed();
          },
        },
        this.#options,
        place,
        start,
      );
      this.#workers.set(key, { worker, memberId });
    }
    this.#progress.assigned();
  }
}
