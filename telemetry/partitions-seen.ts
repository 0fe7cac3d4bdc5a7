/** What a processor or follower is at in each partition, as seen at the log's port: for lag in seconds and restore progress. */
import type { Following, LogRecord, PartitionStatus, RestoreStart, Running, TopicPartition } from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';

/** One partition. */
export class PartitionSeen {
  /** When the oldest record that is being handled was written, ms since 1970; undefined while none is. */
  oldest: number | undefined;
  #total = 0;
  /** By restore topic: from where it is read, and up to where it has been. */
  readonly #read = new Map<string, { readonly from: number; next: number }>();
  #restoring: boolean | undefined;

  /** How much has been restored, from 0 to 1; undefined of a follower, which restores nothing. */
  get restored(): number | undefined {
    if (this.#restoring === undefined) return undefined;
    if (!this.#restoring) return 1;
    let done = 0;
    for (const { from, next } of this.#read.values()) done += next - from;
    return this.#total === 0 ? 0 : Math.min(1, done / this.#total);
  }

  /** It is restored anew. */
  opened(): void {
    this.#restoring = true;
    this.#total = 0;
    this.#read.clear();
    this.oldest = undefined;
  }

  begins({ ends }: RestoreStart, from: ReadonlyMap<string, number>): void {
    for (const [topic, end] of ends) {
      const start = from.get(topic) ?? 0;
      this.#total += Math.max(0, end - start);
      this.#read.set(topic, { from: start, next: start });
    }
  }

  restore({ topic, offset }: LogRecord): void {
    const read = this.#read.get(topic);
    if (read !== undefined) read.next = offset + 1;
  }

  restoredAll(): void {
    this.#restoring = false;
  }
}

export class PartitionsSeen {
  readonly #partitions = new Map<string, PartitionSeen>();

  of(partition: TopicPartition): PartitionSeen {
    const place = placeOf(partition);
    const seen = this.#partitions.get(place) ?? new PartitionSeen();
    this.#partitions.set(place, seen);
    return seen;
  }

  /** What the engine tells, with what has been seen. */
  statusOf(status: PartitionStatus): PartitionStatus {
    const seen = this.#partitions.get(placeOf(status));
    return seen === undefined ? status : { ...status, oldest: seen.oldest, restored: seen.restored };
  }
}

/** The same, telling more of its partitions. */
export function runningSeen(running: Running, seen: PartitionsSeen): Running {
  return {
    health: () => running.health(),
    partitions: () => running.partitions().map((status) => seen.statusOf(status)),
    caughtUp: () => running.caughtUp(),
    stop: () => running.stop(),
  };
}

export function followingSeen(following: Following, seen: PartitionsSeen): Following {
  return { ...runningSeen(following, seen), reached: (positions) => following.reached(positions) };
}
