/** The processors and followers of one embedded log: starts their loops, tells how they go, and stops them. */
import { setMaxListeners } from 'node:events';
import type { Following, TopicPartition } from '../event-log.ts';
import type { GroupCommit } from './group-commit.ts';
import type { LoopContext } from './processing.ts';
import { RunningPartitions } from './running-partitions.ts';
import type { Storage } from './storage.ts';
import { Turns } from './turns.ts';

/** Logs what goes wrong and is tried again. */
export type Warn = LoopContext['warn'];

/** The longest delay of a timer. It never fires; it keeps a process alive that has nothing but loops. */
const NEVER_MS = 2 ** 31 - 1;

export class RunningLoops {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #warn: Warn;
  readonly #turns = new Turns();
  readonly #running = new Set<Following>();

  constructor(storage: Storage, commits: GroupCommit, warn: Warn) {
    this.#storage = storage;
    this.#commits = commits;
    this.#warn = warn;
  }

  /**
   * Starts loops that run until stopped, each on partitions of `assigned`.
   * @param turn Of all with the same turn only one runs at a time, in order of arrival; undefined: it runs at once.
   */
  run(
    turn: string | undefined,
    assigned: readonly TopicPartition[],
    start: (context: LoopContext) => readonly Promise<void>[],
  ): Following {
    const partitions = new RunningPartitions((partition) => this.#storage.end(partition));
    const controller = new AbortController();
    // Each partition adds a listener while it waits for records: Node's warning of a leak does not apply.
    setMaxListeners(0, controller.signal);
    let loops: readonly Promise<void>[] = [];
    const begin = (): void => {
      partitions.assign(assigned);
      loops = start({
        storage: this.#storage,
        commits: this.#commits,
        running: partitions,
        stop: controller.signal,
        warn: this.#warn,
      });
    };
    const leave = turn === undefined ? begin() : this.#turns.take(turn, begin);
    const keepAlive = setInterval(() => undefined, NEVER_MS);
    const stop = async (): Promise<void> => {
      controller.abort();
      await Promise.all(loops);
      partitions.stop();
      leave?.();
      clearInterval(keepAlive);
      this.#running.delete(running);
    };
    let stopped: Promise<void> | undefined;
    const running: Following = {
      health: () => partitions.health(),
      partitions: () => partitions.partitions(),
      caughtUp: () => partitions.caughtUp(),
      reached: (positions) => {
        const followed = new Set(assigned.map((each) => each.topic));
        return partitions.reached(positions.filter((each) => followed.has(each.topic)));
      },
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
    this.#running.add(running);
    return running;
  }

  /** Stops all of them. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((each) => each.stop()));
  }
}
