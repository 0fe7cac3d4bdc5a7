/**
 * What the loops of processors and followers share: waiting for records without polling, pausing after trouble, and being
 * woken from either when they are stopped.
 */
import { BackOff } from '../../waiting/back-off.ts';
import type { TopicPartition } from '../event-log.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Storage } from './storage.ts';

export class PartitionLoop {
  readonly partition: TopicPartition;
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #stop: AbortSignal;
  readonly #backOff = new BackOff({ firstMs: 50, longestMs: 5000 });

  constructor(partition: TopicPartition, storage: Storage, commits: GroupCommit, stop: AbortSignal) {
    this.partition = partition;
    this.#storage = storage;
    this.#commits = commits;
    this.#stop = stop;
  }

  get stopped(): boolean {
    return this.#stop.aborted;
  }

  /** Resolves with the partition's end once it is beyond `position`, or as it is when stopped. */
  endBeyond(position: number): Promise<number> | number {
    const end = this.#storage.end(this.partition);
    if (end > position || this.stopped) return end;
    return new Promise((resolve) => {
      const wake = (): void => {
        leave();
        this.#stop.removeEventListener('abort', wake);
        resolve(this.#storage.end(this.partition));
      };
      const leave = this.#commits.onGrowth(this.partition, wake);
      this.#stop.addEventListener('abort', wake);
    });
  }

  /** Waits after a failure, twice as long each time until `succeeded`; ends early when stopped. */
  async pause(): Promise<void> {
    await this.#backOff.wait(this.#stop);
  }

  succeeded(): void {
    this.#backOff.reset();
  }
}
