/** Follows one partition: asks where to begin, then hands over one batch after another, each until it is handled. */

import { BackOff } from '../../waiting/back-off.ts';
import type { FollowBatch, FollowOptions, PartitionStatus, Position, TopicPartition } from '../event-log.ts';
import { reasonOf } from './access-faults.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Logger } from './options.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { Worker } from './running-workers.ts';
import { WorkerState } from './worker-state.ts';

const MAX_BATCH = 1000;

interface Surroundings {
  readonly logger: Logger;
  readonly queries: ClusterQueries;
  readonly reader: PartitionReader;
  /** Called when everything before the position has been handled. */
  handled(position: Position): void;
}

export class FollowWorker implements Worker {
  readonly #around: Surroundings;
  readonly #options: FollowOptions;
  readonly #state: WorkerState;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #backoff = new BackOff({ firstMs: 50, longestMs: 2000 });

  /** @param start where to begin the first time, when that was found out before. */
  constructor(around: Surroundings, options: FollowOptions, place: TopicPartition, start: number | undefined) {
    this.#around = around;
    this.#options = options;
    this.#state = new WorkerState(place);
    this.#running = this.#run(start);
  }

  get trouble(): string | undefined {
    return this.#state.trouble;
  }

  status(): PartitionStatus {
    return this.#state.status();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#state.close();
    await this.#running;
  }

  async #run(start: number | undefined): Promise<void> {
    const { signal } = this.#stopped;
    let known = start;
    while (!signal.aborted) {
      try {
        const from = known ?? (await this.#from());
        known = undefined;
        if (!signal.aborted) await this.#followFrom(from);
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  async #from(): Promise<number> {
    const { from } = this.#options;
    if (from === 'beginning') return 0;
    if (from !== 'now') return from(this.#state.place);
    // The last stable offset, not the high watermark: a transaction that is open between them may yet be committed.
    const [stable] = await this.#around.queries.lastStableOffsets([this.#state.place]);
    return stable?.offset ?? 0;
  }

  /** Until stopped, or told to restart. */
  async #followFrom(from: number): Promise<void> {
    const { place } = this.#state;
    const stream = this.#state.open(this.#around.reader.open(place, from, { lazy: this.#options.lazy }));
    this.#moveTo(from);
    try {
      for (;;) {
        const taken = await stream.take(MAX_BATCH);
        if (taken === undefined) return;
        if ((await this.#handled({ ...place, ...taken })) !== undefined) return;
        this.#moveTo(taken.next);
      }
    } finally {
      this.#state.close();
    }
  }

  /** Hands the batch over until it is taken without a throw. */
  async #handled(batch: FollowBatch): Promise<'restart' | 'stopped' | undefined> {
    while (!this.#stopped.signal.aborted) {
      try {
        const answer = await this.#options.onBatch(batch);
        return answer === 'restart' ? 'restart' : undefined;
      } catch (error) {
        await this.#failed(error);
      }
    }
    return 'stopped';
  }

  #moveTo(offset: number): void {
    this.#state.position = offset;
    this.#state.state = 'running';
    this.#state.trouble = undefined;
    this.#backoff.reset();
    this.#around.handled({ ...this.#state.place, offset });
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const { topic, partition } = this.#state.place;
    this.#state.trouble = `partition ${partition} of ${topic}: ${reasonOf(error)}; trying again`;
    const details = { follower: this.#options.name, topic, partition, error: reasonOf(error) };
    this.#around.logger.warn(details, 'a batch could not be handled; trying again');
    await this.#backoff.wait(this.#stopped.signal);
  }
}
