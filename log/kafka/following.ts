/** Follows topics: all of their partitions, or those that the group of that name gives to this process. */
import type { Following, FollowOptions, Health, PartitionStatus, Position } from '../event-log.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { FollowWorker } from './follow-worker.ts';
import type { GroupMembership } from './group-membership.ts';
import { Workers } from './workers.ts';

/** Of partitions that no group gives: they come once, and stay. */
const NO_MEMBERSHIP = '';

export class KafkaFollowing implements Following {
  readonly #options: FollowOptions;
  readonly #queries: ClusterQueries;
  readonly #workers: Workers<FollowWorker>;
  #membership: GroupMembership | undefined;

  /** @param now where to begin the first time, of those of which that is known */
  private constructor(
    connections: Connections,
    queries: ClusterQueries,
    options: FollowOptions,
    now: readonly Position[],
  ) {
    this.#queries = queries;
    this.#options = options;
    const handled = (position: Position) => {
      this.#membership?.commit(position);
      this.#workers.running.changes.changed();
    };
    this.#workers = new Workers(connections, `follower ${options.name}`, (place, reader) => {
      const start = now.find((each) => each.topic === place.topic && each.partition === place.partition)?.offset;
      return new FollowWorker({ logger: connections.logger, queries, reader, handled }, options, place, start);
    });
  }

  /** Resolves when it is certain that what is written from now on will be seen. */
  static async start(
    connections: Connections,
    queries: ClusterQueries,
    sessionTimeoutMs: number,
    options: FollowOptions,
  ): Promise<KafkaFollowing> {
    const { name: group, topics, from, shared } = options;
    const partitions = await queries.partitionsOf(topics);
    if (shared) {
      const following = new KafkaFollowing(connections, queries, options, []);
      // With another member id, someone else may have had a partition in between.
      following.#membership = following.#workers.join({ group, topics, sessionTimeoutMs }, (memberId) => memberId);
      return following;
    }
    const now = from === 'now' ? await queries.lastStableOffsets(partitions) : [];
    const following = new KafkaFollowing(connections, queries, options, now);
    following.#workers.assign(partitions, NO_MEMBERSHIP);
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
}
