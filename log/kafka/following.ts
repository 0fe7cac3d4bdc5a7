/** Follows topics: all of their partitions, or those that the group of that name gives to this process. */
import type { Following, FollowOptions, Health, PartitionStatus, Position, TopicPartition } from '../event-log.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { FollowWorker } from './follow-worker.ts';
import type { GroupMembership } from './group-membership.ts';
import { Workers } from './workers.ts';

export class KafkaFollowing implements Following {
  readonly #options: FollowOptions;
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #workers: Workers<FollowWorker>;
  #membership: GroupMembership | undefined;

  private constructor(connections: Connections, queries: ClusterQueries, options: FollowOptions) {
    this.#connections = connections;
    this.#queries = queries;
    this.#options = options;
    this.#workers = new Workers(connections, `follower ${options.name}`);
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
    return this.#workers.health();
  }

  partitions(): readonly PartitionStatus[] {
    return this.#workers.partitions();
  }

  reached(positions: readonly Position[]): Promise<void> {
    return this.#workers.running.reached(positions);
  }

  async caughtUp(): Promise<void> {
    const partitions = await this.#queries.partitionsOf(this.#options.topics);
    await this.reached(await this.#queries.highWatermarks(partitions));
  }

  stop(): Promise<void> {
    return this.#workers.stop();
  }

  #join(sessionTimeoutMs: number): void {
    this.#membership = this.#workers.join({
      group: this.#options.name,
      topics: this.#options.topics,
      sessionTimeoutMs,
      // With another member id, someone else may have had a partition in between.
      onAssigned: (partitions, memberId) => this.#assign(partitions, memberId, []),
    });
  }

  /** @param now where to begin the first time, of those of which that is known */
  #assign(partitions: readonly TopicPartition[], memberId: string, now: readonly Position[]): void {
    const surroundings = {
      logger: this.#connections.logger,
      queries: this.#queries,
      reader: this.#workers.reader,
      handled: (position: Position) => {
        this.#membership?.commit(position);
        this.#workers.running.changes.changed();
      },
    };
    this.#workers.assign(partitions, memberId, (place) => {
      const start = now.find((each) => each.topic === place.topic && each.partition === place.partition)?.offset;
      return new FollowWorker(surroundings, this.#options, place, start);
    });
  }
}
