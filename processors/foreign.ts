/**
 * Records that are not ours on the topics a processor restores from. Only the newest of its key counts, as on a compacted
 * topic: what a later one covers needs no mending. What remains is set aside in steps of bounded size.
 */
import type { LogRecord } from '../log/event-log.ts';

/** A record that is not what belongs on its topic, and what is wrong with it. */
export interface FoundForeign {
  readonly record: LogRecord;
  readonly reason: string;
}

/** Most of what is set aside and written again with one step, in records and in bytes. */
const MOST_AT_ONCE = 200;
const MOST_BYTES_AT_ONCE = 2_000_000;

export class ForeignRecords<F extends FoundForeign> {
  readonly #byKey = new Map<string, F>();

  get any(): boolean {
    return this.#byKey.size > 0;
  }

  found(foreign: F): void {
    this.#byKey.set(keyOf(foreign.record), foreign);
  }

  /** A later record of the same key is right. */
  covered(record: LogRecord): void {
    if (this.#byKey.size > 0) this.#byKey.delete(keyOf(record));
  }

  /** All that has been found and was not covered; they are forgotten here. */
  take(): readonly F[] {
    const all = [...this.#byKey.values()];
    this.#byKey.clear();
    return all;
  }
}

/** The first of them, as many as one step may set aside: at least one, if there are any. */
export function oneStepOf<T>(all: readonly T[], recordOf: (each: T) => LogRecord | undefined): readonly T[] {
  let bytes = 0;
  let count = 0;
  for (const each of all) {
    bytes += recordOf(each)?.value?.length ?? 0;
    if (count > 0 && (count === MOST_AT_ONCE || bytes > MOST_BYTES_AT_ONCE)) break;
    count++;
  }
  return all.slice(0, count);
}

/** Newest by key on compacted topics; a record without a key stands for itself. */
function keyOf({ topic, key, offset }: LogRecord): string {
  return key === null ? `${topic}#${offset}` : `${topic}/${key}`;
}
