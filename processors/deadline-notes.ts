/**
 * The notes on a partition of `<aggregate>.deadlines`. One note holds the newest time of the partition's clock. Each other note
 * is about an entity that stays pending, and holds since when it has been pending, on that clock.
 *
 * Notes are not part of the processor's atomic steps: they are appended by themselves. So a note can be lost, or be written by
 * a process that no longer owns the partition. Either moves a deadline by seconds, and does no other harm.
 */
import { z } from 'zod';
import type { LogRecord, NewRecord, TopicPartition } from '../log/event-log.ts';
import { dataOf, UnreadableRecord } from '../records/cloud-event.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import { storeKey } from '../store/store-key.ts';

/** The key of the clock's note. It is no entity's id: those have no slash. */
export const CLOCK = '/clock';

/** In the store: by entity, since when it has been pending; the clock's time. */
const SINCE = 'since';
const TIME = 'deadline-clock';
const AT_ONCE = 1000;

const note = z.object({ ms: z.int().nonnegative() });
const noted = note.extend({ id: z.string() });

interface Change {
  readonly record: NewRecord;
  /** To be called once it is on the log. */
  written(): void;
}

export class DeadlineNotes {
  readonly #topic: string;
  readonly #partition: number;
  readonly #store: PartitionStore;
  readonly #ended = new Set<string>();

  constructor({ topic, partition }: TopicPartition, store: PartitionStore) {
    this.#topic = topic;
    this.#partition = partition;
    this.#store = store;
  }

  /** The latest known time of the clock: at least that of every note. */
  get clock(): number {
    return Number(this.#store.get(TIME, '') ?? 0);
  }

  /** A note that cannot be read is ignored: the entity's time begins anew. */
  restore(record: LogRecord): void {
    const { key } = record;
    if (key === null) return;
    this.#note(key, undefined);
    if (record.value === null) return;
    try {
      const { ms } = dataOf(record, note);
      if (key !== CLOCK) this.#note(key, ms);
      if (ms > this.clock) this.#store.putAside(TIME, '', String(ms));
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
    }
  }

  since(id: string): number | undefined {
    const kept = this.#store.get(SINCE, storeKey(id));
    return kept === undefined ? undefined : noted.parse(JSON.parse(kept)).ms;
  }

  /** Notes of other entities than these are to be removed. */
  keepOnly(pending: ReadonlyMap<string, unknown>): void {
    for (let from = ''; ; ) {
      const some = this.#store.range(SINCE, { from, most: AT_ONCE });
      for (const [, kept] of some) {
        const { id } = noted.parse(JSON.parse(kept));
        if (!pending.has(id)) this.#ended.add(id);
      }
      const last = some.at(-1);
      if (last === undefined || some.length < AT_ONCE) return;
      from = `${last[0]}\0`;
    }
  }

  ended(id: string): void {
    if (this.since(id) !== undefined) this.#ended.add(id);
  }

  #note(id: string, ms: number | undefined): void {
    const kept = ms === undefined ? undefined : JSON.stringify({ id, ms });
    this.#store.putAside(SINCE, storeKey(id), kept);
  }

  /** What has to be written so that these are noted and those that have ended are not. */
  changes(waiting: ReadonlyMap<string, number>): readonly Change[] {
    const settled = [...this.#ended].map((id) => ({
      record: this.of(id, null),
      written: () => {
        this.#ended.delete(id);
        this.#note(id, undefined);
      },
    }));
    const noted = [...waiting]
      .filter(([id]) => this.since(id) === undefined)
      .map(([id, ms]) => ({ record: this.of(id, ms), written: () => this.#note(id, ms) }));
    return [...settled, ...noted];
  }

  of(key: string, ms: number | null): NewRecord {
    const value = ms === null ? null : JSON.stringify({ ms });
    return { topic: this.#topic, partition: this.#partition, key, value, headers: {} };
  }
}
