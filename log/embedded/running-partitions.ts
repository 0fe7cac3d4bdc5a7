/**
 * How far a processor or follower has come, partition by partition, how it goes, and who waits for it: the part of
 * `Running` that both have.
 */
import type { Health, PartitionStatus, Position, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';

interface Waiter {
  readonly targets: Map<string, number>;
  resolve(): void;
}

interface RunningPartition extends TopicPartition {
  state: PartitionStatus['state'];
  position: number;
  trouble: string | undefined;
}

export class RunningPartitions {
  readonly #partitions = new Map<string, RunningPartition>();
  readonly #waiters = new Set<Waiter>();
  readonly #end: (partition: TopicPartition) => number;
  #stopped = false;

  constructor(end: (partition: TopicPartition) => number) {
    this.#end = end;
  }

  assign(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const assigned = { topic, partition, state: 'restoring' as const, position: 0, trouble: undefined };
      this.#partitions.set(placeOf(assigned), assigned);
    }
  }

  restoring(partition: TopicPartition): void {
    const found = this.#partitions.get(placeOf(partition));
    if (found !== undefined && found.trouble === undefined) found.state = 'restoring';
  }

  /** Everything before `offset` has been handled; trouble, if there was any, is over. */
  moved({ topic, partition, offset }: Position): void {
    const found = this.#partitions.get(placeOf({ topic, partition }));
    if (found === undefined) return;
    Object.assign(found, { state: 'running', position: offset, trouble: undefined });
    for (const waiter of this.#waiters) this.#check(waiter, found);
  }

  trouble(partition: TopicPartition, detail: string): void {
    const found = this.#partitions.get(placeOf(partition));
    if (found !== undefined) Object.assign(found, { state: 'trouble', trouble: detail });
  }

  stop(): void {
    this.#stopped = true;
    this.#partitions.clear();
  }

  health(): Health {
    if (this.#stopped) return { state: 'stopped' };
    const partitions = [...this.#partitions.values()];
    const trouble = partitions.find((each) => each.trouble !== undefined);
    if (trouble?.trouble !== undefined) return { state: 'trouble', detail: `${placeOf(trouble)}: ${trouble.trouble}` };
    return { state: partitions.some((each) => each.state === 'restoring') ? 'starting' : 'running' };
  }

  partitions(): readonly PartitionStatus[] {
    return [...this.#partitions.values()].map(({ topic, partition, state, position }) => {
      const lag = Math.max(0, this.#end({ topic, partition }) - position);
      return { topic, partition, state, position, lag };
    });
  }

  /** Resolves when everything assigned has been handled up to where the log ends now; stays open when stopped before. */
  caughtUp(): Promise<void> {
    return this.reached([...this.#partitions.values()].map((each) => ({ ...each, offset: this.#end(each) })));
  }

  reached(positions: readonly Position[]): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = { targets: new Map(positions.map((each) => [placeOf(each), each.offset])), resolve };
      this.#waiters.add(waiter);
      for (const partition of this.#partitions.values()) this.#check(waiter, partition);
      this.#resolveIfDone(waiter);
    });
  }

  #check(waiter: Waiter, partition: RunningPartition): void {
    const target = waiter.targets.get(placeOf(partition));
    if (target === undefined || partition.state === 'restoring' || partition.position < target) return;
    waiter.targets.delete(placeOf(partition));
    this.#resolveIfDone(waiter);
  }

  #resolveIfDone(waiter: Waiter): void {
    if (waiter.targets.size > 0) return;
    this.#waiters.delete(waiter);
    waiter.resolve();
  }
}
