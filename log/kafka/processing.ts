/** Runs a processor on the partitions that its group gives to this process. */

import { pause } from '../../waiting/pause.ts';
import type { Health, PartitionStatus, Position, ProcessOptions, Running, TopicPartition } from '../event-log.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import type { GroupMembership } from './group-membership.ts';
import type { KafkaLogOptions } from './options.ts';
import { ProcessWorker } from './process-worker.ts';
import { Workers } from './workers.ts';

export const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BATCH = 1000;
const VISIBLE_POLL_MS = 5;
/** The term of every assignment: partitions that stay here go on, also after a new membership. */
const ANY_MEMBERSHIP = 'any';

export class Processing implements Running {
  readonly #options: ProcessOptions;
  readonly #log: KafkaLogOptions;
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #workers: Workers<ProcessWorker>;
  readonly #membership: GroupMembership;

  constructor(connections: Connections, queries: ClusterQueries, log: KafkaLogOptions, options: ProcessOptions) {
    this.#connections = connections;
    this.#queries = queries;
    this.#log = log;
    this.#options = options;
    this.#workers = new Workers(connections, `processor ${options.name}`);
    this.#membership = this.#workers.join({
      group: options.name,
      topics: [options.input],
      sessionTimeoutMs: log.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
      onAssigned: (partitions) => this.#assign(partitions),
    });
  }

  health(): Health {
    return this.#workers.health();
  }

  partitions(): readonly PartitionStatus[] {
    return this.#workers.partitions();
  }

  async caughtUp(): Promise<void> {
    const input = await this.#queries.partitionsOf([this.#options.input]);
    await this.#workers.running.reached(await this.#queries.highWatermarks(input));
    // What was committed is visible to readers a little later; who waits for us wants to see it.
    const written = latest(this.#workers.all().flatMap((worker) => worker.written()));
    for (let hidden = written; hidden.length > 0 && !this.#workers.stopping; ) {
      const stable = await this.#queries.lastStableOffsets(hidden);
      hidden = hidden.filter(({ offset }, i) => (stable[i]?.offset ?? 0) <= offset);
      if (hidden.length > 0) await pause(VISIBLE_POLL_MS);
    }
  }

  stop(): Promise<void> {
    return this.#workers.stop();
  }

  /**
   * What stays ours goes on, also when the membership was lost meanwhile: as long as nobody else has taken the partition
   * over, its memory holds good, and if someone has, the next step is fenced, and the partition is opened anew.
   */
  #assign(partitions: readonly TopicPartition[]): void {
    const surroundings = {
      connections: this.#connections,
      queries: this.#queries,
      reader: this.#workers.reader,
      log: this.#log,
      maxBatch: this.#options.maxBatch ?? DEFAULT_MAX_BATCH,
      confirmed: () => this.#membership.confirmed(),
      handled: (position: Position) => this.#membership.commit(position),
      changed: () => this.#workers.running.changes.changed(),
    };
    this.#workers.assign(
      partitions,
      ANY_MEMBERSHIP,
      ({ partition }) => new ProcessWorker(surroundings, this.#options, partition),
    );
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
