/**
 * Processing ahead of durability: the processors of this process decide on what a batch holds before it is on the disk, and what
 * they write joins the same batch, to be decided on in turn. So a command and all that follows from it take one flush in place of
 * one for each hop.
 *
 * Why that is safe: a batch is one lmdb transaction, so no effect is on the disk without its cause. Nothing of a batch leaves the
 * process before it is on the disk: neither an acknowledgement nor anything to a follower. When it cannot be written, the
 * processes that went ahead are thrown away and restored from what is on the disk.
 */
import type { LogRecord } from '../event-log.ts';
import type { WriteBatch } from './write-batch.ts';

/** Somebody who handles the records of one partition ahead. Of one batch, either `committed` or `failed` follows on `take`. */
export interface Ahead {
  /** The offset of the record that it is to be given next. */
  readonly next: number;
  /** Adds to the batch what follows from these records. Never throws: it takes no more when it has failed. */
  take(records: readonly LogRecord[], batch: WriteBatch): void;
  /** The batch is on the disk. Never throws. */
  committed(): void;
  /** Nothing of the batch may be on the disk. */
  failed(error: unknown): void;
}

/** It blocks the event loop. What is left then is handled when it is on the disk. */
const MOST_MS = 20;

/**
 * Lets all who are there go ahead until there is nothing more to handle, or the batch is large enough.
 * @returns who did
 */
export function goAhead(batch: WriteBatch, there: ReadonlyMap<string, Ahead>, mostBytes: number): readonly Ahead[] {
  const went = new Set<Ahead>();
  const until = performance.now() + MOST_MS;
  for (let more = there.size > 0; more; ) {
    more = false;
    for (const [place, records] of batch.staged) {
      const ahead = there.get(place);
      const unhandled = ahead === undefined ? [] : from(records, ahead.next);
      if (ahead === undefined || unhandled.length === 0) continue;
      if (batch.bytes >= mostBytes || performance.now() >= until) return [...went];
      went.add(ahead);
      const { next } = ahead;
      ahead.take(unhandled, batch);
      more ||= ahead.next > next;
    }
  }
  return [...went];
}

/** Those from an offset on, of records without gaps. None when they begin behind it: what is before them must come first. */
function from(records: readonly LogRecord[], next: number): readonly LogRecord[] {
  const first = records[0]?.offset ?? next;
  return next < first ? [] : records.slice(next - first);
}
