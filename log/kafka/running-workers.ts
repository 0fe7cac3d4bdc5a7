/** Of the workers of a processor or a follower together: their health, and who waits until they have come far enough. */
import type { Health, PartitionStatus, Position } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { Changes } from './changes.ts';

/** One partition being worked on. */
export interface Worker {
  status(): PartitionStatus;
  /** What is wrong at present. */
  readonly trouble: string | undefined;
  /** Resolves when it has ended what it was at, or given it up. */
  stop(): Promise<void>;
}

export class RunningWorkers {
  readonly changes = new Changes();
  readonly #troubles = new Map<string, string>();
  readonly #workers: () => Iterable<Worker>;
  readonly #what: string;
  #assigned = false;
  #stopped = false;

  constructor(what: string, workers: () => Iterable<Worker>) {
    this.#what = what;
    this.#workers = workers;
  }

  /** From the first time on that it is known which partitions there are. */
  assigned(): void {
    this.#assigned = true;
    this.changes.changed();
  }

  /** Trouble of a part that serves all partitions. */
  trouble(part: string, detail: string | undefined): void {
    if (detail === undefined) this.#troubles.delete(part);
    else this.#troubles.set(part, detail);
  }

  stop(): void {
    this.#stopped = true;
    this.changes.end(new Error(`${this.#what} was stopped`));
  }

  health(): Health {
    if (this.#stopped) return { state: 'stopped' };
    let starting = !this.#assigned;
    for (const worker of this.#workers()) {
      if (worker.trouble !== undefined) return { state: 'trouble', detail: worker.trouble };
      if (worker.status().state !== 'running') starting = true;
    }
    for (const detail of this.#troubles.values()) return { state: 'trouble', detail };
    return { state: starting ? 'starting' : 'running' };
  }

  partitions(): readonly PartitionStatus[] {
    return [...this.#workers()]
      .map((worker) => worker.status())
      .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  }

  /** Resolves when each partition that is worked on here has handled what lies before the position named for it. */
  async reached(positions: readonly Position[]): Promise<void> {
    const targets = new Map(positions.map((each) => [placeOf(each), each.offset]));
    await this.changes.until(() => this.#assigned && this.partitions().every((each) => isBeyond(each, targets)));
  }
}

function isBeyond(
  { topic, partition, state, position }: PartitionStatus,
  targets: ReadonlyMap<string, number>,
): boolean {
  const target = targets.get(placeOf({ topic, partition }));
  return target === undefined || (state !== 'restoring' && position >= target);
}
