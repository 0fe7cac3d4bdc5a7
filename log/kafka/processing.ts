/** Runs a processor on the partitions that its group gives to this process. */

import { pause } from '../../waiting/pause.ts';
import type { Health, PartitionStatus, Position, ProcessOptions, Running } from '../event-log.ts';
import { placeOf } from '../place.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import type { HandOver } from './hand-over.ts';
import type { KafkaLogOptions } from './options.ts';
import { ProcessWorker } from './process-worker.ts';
import { Workers } from './workers.ts';

export const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BATCH = 1000;
const VISIBLE_POLL_MS = 5;
/**
 * The term of every assignment: partitions that stay here go on, also when the membership was lost meanwhile. As long as
 * nobody else has taken a partition over, its memory holds good; if someone has, the next step is fenced, and the partition
 * is opened anew.
 */
const ANY_MEMBERSHIP = 'any';

export class Processing implements Running {
  readonly #options: ProcessOptions;
  readonly #queries: ClusterQueries;
  readonly #workers: Workers<ProcessWorker>;

  /** @param handOver the one of all processors of this process */
  constructor(
    connections: Connections,
    queries: ClusterQueries,
    handOver: HandOver,
    log: KafkaLogOptions,
    options: ProcessOptions,
  ) {
    const { name: group, input, maxBatch = DEFAULT_MAX_BATCH } = options;
    this.#options = options;
    this.#queries = queries;
    const around = {
      ...{ connections, queries, handOver, log, maxBatch },
      confirmed: () => membership.confirmed(),
      handled: (position: Position) => membership.commit(position),
      changed: () => this.#workers.running.changes.changed(),
    };
    this.#workers = new Workers(
      connections,
      `processor ${group}`,
      ({ partition }, reader) => new ProcessWorker({ ...around, reader }, options, partition),
    );
    const { sessionTimeoutMs = DEFAULT_SESSION_TIMEOUT_MS } = log;
    const membership = this.#workers.join({ group, topics: [input], sessionTimeoutMs }, () => ANY_MEMBERSHIP);
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
}

/** The last of the positions in each partition. */
function latest(positions: readonly Position[]): Position[] {
  const last = new Map<string, Position>();
  for (const position of positions) {
    const place = placeOf(position);
    if (position.offset >= (last.get(place)?.offset ?? 0)) last.set(place, position);
  }
  return [...last.values()];
}
