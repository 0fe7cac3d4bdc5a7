/**
 * What a partition of `<aggregate>.deadlines` holds: the time of the partition's clock, and for each entity that did not end
 * at once, since when on that clock it has been pending. These notes are appended beside the steps, not in them. When one is
 * lost, or a process writes one that has just lost the partition, a deadline moves by seconds.
 */
import { z } from 'zod';
import type { LogRecord, NewRecord, TopicPartition } from '../log/event-log.ts';
import { dataOf, UnreadableRecord } from '../records/cloud-event.ts';

/** The key of the clock's note. It is no entity's id: those have no slash. */
export const CLOCK = '/clock';

const note = z.object({ ms: z.int().nonnegative() });

interface Change {
  readonly record: NewRecord;
  /** To be called once it is on the log. */
  written(): void;
}

export class DeadlineNotes {
  readonly #topic: string;
  readonly #partition: number;
  readonly #since = new Map<string, number>();
  readonly #ended = new Set<string>();
  #clock = 0;

  constructor({ topic, partition }: TopicPartition) {
    this.#topic = topic;
    this.#partition = partition;
  }

  /** The latest known time of the clock: at least that of every note. */
  get clock(): number {
    return this.#clock;
  }

  /** A note that cannot be read is ignored: the entity's time begins anew. */
  restore(record: LogRecord): void {
    const { key } = record;
    if (key === null) return;
    this.#since.delete(key);
    if (record.value === null) return;
    try {
      const { ms } = dataOf(record, note);
      if (key !== CLOCK) this.#since.set(key, ms);
      this.#clock = Math.max(this.#clock, ms);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
    }
  }

  since(id: string): number | undefined {
    return this.#since.get(id);
  }

  /** Notes of other entities than these are to be removed. */
  keepOnly(pending: ReadonlyMap<string, unknown>): void {
    for (const id of this.#since.keys()) if (!pending.has(id)) this.#ended.add(id);
  }

  ended(id: string): void {
    if (this.#since.has(id)) this.#ended.add(id);
  }

  /** What has to be written so that these are noted and those that have ended are not. */
  changes(waiting: ReadonlyMap<string, number>): readonly Change[] {
    const settled = [...this.#ended].map((id) => ({
      record: this.of(id, null),
      written: () => {
        this.#ended.delete(id);
        this.#since.delete(id);
      },
    }));
    const noted = [...waiting]
      .filter(([id]) => !this.#since.has(id))
      .map(([id, ms]) => ({ record: this.of(id, ms), written: () => void this.#since.set(id, ms) }));
    return [...settled, ...noted];
  }

  of(key: string, ms: number | null): NewRecord {
    const value = ms === null ? null : JSON.stringify({ ms });
    return { topic: this.#topic, partition: this.#partition, key, value, headers: {} };
  }
}
