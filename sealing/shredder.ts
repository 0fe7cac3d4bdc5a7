/**
 * Takes the keys of those who were erased off the log: the mark of an erasure stays, and whatever key of the subject stands
 * there, before it or behind it, gets a tombstone. Several processes may do so at once, which writes some tombstones twice.
 */
import type { EventLog } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { noSubjectKey } from '../records/subject-key.ts';
import { BackOff } from '../waiting/back-off.ts';
import type { KeyRing } from './key-ring.ts';

const SOURCE = '/processors/subject-keys';
const MOST_AT_ONCE = 500;

export class Shredder {
  readonly #log: EventLog;
  readonly #partitions: number;
  readonly #onTrouble: (error: unknown) => void;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  /** @param onTrouble a tombstone could not be written; it is tried again */
  constructor(log: EventLog, partitions: number, onTrouble: (error: unknown) => void) {
    this.#log = log;
    this.#partitions = partitions;
    this.#onTrouble = onTrouble;
  }

  /** The ring has read on: shreds what is left on the log, if anything is. */
  look(ring: KeyRing): void {
    if (ring.left.size === 0 || this.#running !== undefined || this.#stopped.signal.aborted) return;
    this.#running = this.#shred(ring).finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #shred(ring: KeyRing): Promise<void> {
    const { signal } = this.#stopped;
    const backOff = new BackOff({ firstMs: 100, longestMs: 5000, ref: false });
    const written = new Set<string>();
    while (!signal.aborted) {
      // What is written is left until the ring has read it.
      const some = [...ring.left].filter(([name]) => !written.has(name)).slice(0, MOST_AT_ONCE);
      if (some.length === 0) return;
      const at = new Date().toISOString();
      const tombstone = ([name, { subject }]: (typeof some)[number]) =>
        noSubjectKey(name, partitionOf(subject, this.#partitions), SOURCE, at);
      try {
        await this.#log.append(some.map(tombstone));
        for (const [name] of some) written.add(name);
        backOff.reset();
      } catch (error) {
        this.#onTrouble(error);
        await backOff.wait(signal);
      }
    }
  }
}
