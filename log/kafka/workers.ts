/**
 * The workers of a processor or a follower, one for each partition that it has here: what both do alike when partitions
 * come and go, when they tell how it goes, and when they stop.
 */
import type { Health, PartitionStatus, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import type { Connections } from './connections.ts';
import { GroupMembership, type GroupOptions } from './group-membership.ts';
import { PartitionReader } from './partition-reader.ts';
import { RunningWorkers, type Worker } from './running-workers.ts';

interface Held<W> {
  readonly worker: W;
  readonly term: string;
}

/** Starts the worker of a partition that has come here; `reader` reads all the partitions that are here. */
type StartWorker<W> = (place: TopicPartition, reader: PartitionReader) => W;

export class Workers<W extends Worker> {
  readonly running: RunningWorkers;
  readonly #connections: Connections;
  readonly #reader: PartitionReader;
  readonly #start: StartWorker<W>;
  readonly #held = new Map<string, Held<W>>();
  readonly #leaving = new Set<Promise<void>>();
  #membership: GroupMembership | undefined;
  #stopping: Promise<void> | undefined;

  /** @param what whose they are, for messages */
  constructor(connections: Connections, what: string, start: StartWorker<W>) {
    this.#connections = connections;
    this.#start = start;
    this.running = new RunningWorkers(what, () => this.all());
    this.#reader = new PartitionReader(connections, (detail) => this.running.trouble('reader', detail));
  }

  all(): readonly W[] {
    return [...this.#held.values()].map(({ worker }) => worker);
  }

  /**
   * Lets a consumer group say which partitions are here. The membership ends when the workers are stopped.
   * @param termOf the term of what a membership assigns, see `assign`
   */
  join(options: Omit<GroupOptions, 'onAssigned' | 'onTrouble'>, termOf: (memberId: string) => string): GroupMembership {
    this.#membership = new GroupMembership(this.#connections, {
      ...options,
      onAssigned: (partitions, memberId) => this.assign(partitions, termOf(memberId)),
      onTrouble: (detail) => this.running.trouble('membership', detail),
    });
    this.#membership.start();
    return this.#membership;
  }

  /**
   * From now on these partitions are here, and no others. A worker whose partition stays goes on, unless `term` is another
   * than the one it was started in: then it makes way for a new one.
   */
  assign(partitions: readonly TopicPartition[], term: string): void {
    if (this.#stopping !== undefined) return;
    const ours = new Map(partitions.map((place) => [placeOf(place), place]));
    for (const [key, held] of this.#held) {
      if (ours.has(key) && held.term === term) continue;
      this.#held.delete(key);
      const left = held.worker.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    for (const [key, place] of ours) {
      if (!this.#held.has(key)) this.#held.set(key, { worker: this.#start(place, this.#reader), term });
    }
    this.running.assigned();
  }

  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  health(): Health {
    return this.running.health();
  }

  partitions(): readonly PartitionStatus[] {
    return this.running.partitions();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // The steps under way first, while we are still the owner; then the others may have the partitions.
    await Promise.all(this.all().map((worker) => worker.stop()));
    await Promise.all(this.#leaving);
    await this.#membership?.stop();
    await this.#reader.close();
    this.#held.clear();
    this.running.stop();
  }
}
