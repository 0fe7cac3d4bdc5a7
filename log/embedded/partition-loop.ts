/**
 * What the loops of processors and followers share: waiting for records without polling, pausing after trouble, and being
 * woken from either when they are stopped.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TopicPartition } from '../event-log.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Storage } from './storage.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

export class PartitionLoop {
  readonly partition: TopicPartition;
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #stop: AbortSignal;
  #failures = 0;

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
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS);
    await delay(ms, undefined, { signal: this.#stop }).catch(() => undefined);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
