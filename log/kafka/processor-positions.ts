/**
 * How far processors have come, as it stands on the log: each step writes the position of its input into a compacted topic,
 * in its own transaction, so neither can be there without the other, however long nobody asks (a consumer group forgets its
 * offsets after a week without members). The newest record of a partition tells; it is looked for from the end backwards.
 */

import { within } from '../../waiting/within.ts';
import { LogUnavailable, type NewRecord, type Position, type Processor, type TopicPartition } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { Changes } from './changes.ts';
import type { ClusterQueries } from './cluster-queries.ts';
import type { Connections } from './connections.ts';
import { PartitionReader } from './partition-reader.ts';
import type { PartitionStream } from './partition-stream.ts';

/** Offsets looked at first; each step takes two, one for its record and one for the end of its transaction. */
const FIRST_WINDOW = 64;
const WINDOW_GROWTH = 16;
const READ_BATCH = 1000;

/** The record of a step that has handled the input up to `offset`. */
export function positionRecord({ name, positions }: Processor, partition: number, offset: number): NewRecord {
  return { topic: positions, partition, key: name, value: JSON.stringify({ offset }), headers: {} };
}

/** What stands under the processor's key in the place of its position, and could not be read. */
const UNREADABLE = 'unreadable';

/** @returns undefined for a record under another key */
function offsetIn(
  record: { key: string | null; value: Buffer | null },
  name: string,
): number | typeof UNREADABLE | undefined {
  if (record.key !== name) return undefined;
  if (record.value === null) return UNREADABLE;
  try {
    const value: unknown = JSON.parse(record.value.toString('utf8'));
    const offset = typeof value === 'object' && value !== null && 'offset' in value ? value.offset : undefined;
    return typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 ? offset : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

/**
 * The newest position before `end`; undefined when there is none at all; `unreadable` when none can be read, though something
 * stands under the processor's key. Throws when the reader is closed.
 */
async function lastPosition(
  reader: PartitionReader,
  { name, positions: topic }: Processor,
  { partition, offset: end }: { readonly partition: number; readonly offset: number },
): Promise<number | typeof UNREADABLE | undefined> {
  let unreadable = false;
  for (let window = FIRST_WINDOW; end > 0; window *= WINDOW_GROWTH) {
    const from = Math.max(0, end - window);
    const stream = reader.open({ topic, partition }, from);
    let found: number | undefined;
    for (let next = from; next < end; ) {
      const taken = await stream.take(READ_BATCH);
      if (taken === undefined) throw new Error('the reader was closed');
      for (const record of taken.records) {
        if (record.offset >= end) continue;
        const offset = offsetIn(record, name);
        if (offset === UNREADABLE) unreadable = true;
        else found = offset ?? found;
      }
      next = taken.next;
    }
    stream.close();
    if (found !== undefined) return found;
    if (from === 0) break;
  }
  return unreadable ? UNREADABLE : undefined;
}

/**
 * Where a processor goes on in a partition. One whose position is lost must not begin anew: it would decide everything again.
 * @throws {LogUnavailable} when a record stands in the place of its position that cannot be read, and the group knows none
 */
export async function positionOf(
  reader: PartitionReader,
  queries: ClusterQueries,
  processor: Processor,
  place: { readonly partition: number; readonly offset: number },
): Promise<number> {
  const found = await lastPosition(reader, processor, place);
  if (typeof found === 'number') return found;
  const [inGroup] = await positionInGroup(queries, processor, [place.partition]);
  if (inGroup === undefined && found === UNREADABLE) {
    const { name, positions, input } = processor;
    throw new LogUnavailable(
      `the position of ${name} in partition ${place.partition} of ${input} was overwritten with what cannot be read: write {"offset":<the next record to be decided>} under the key ${name} to partition ${place.partition} of ${positions}`,
    );
  }
  return inGroup?.offset ?? 0;
}

/** Where a processor goes on whose position is not on the log: what the release before kept in its consumer group, or 0. */
async function positionInGroup(
  queries: ClusterQueries,
  { name, input: topic }: Processor,
  partitions: readonly number[],
): Promise<readonly Position[]> {
  return queries.committed(
    name,
    partitions.map((partition) => ({ topic, partition })),
  );
}

interface Followed {
  readonly stream: PartitionStream;
  /** Everything before it has been read. */
  next: number;
  offset: number | undefined;
}

/** Answers how far processors have come, again and again: it goes on reading where the last answer ended. */
export class ProcessorPositions {
  readonly #connections: Connections;
  readonly #queries: ClusterQueries;
  readonly #timeoutMs: number;
  readonly #followed = new Map<string, Promise<readonly Followed[]>>();
  readonly #changes = new Changes();
  #reader: PartitionReader | undefined;

  constructor(connections: Connections, queries: ClusterQueries, timeoutMs: number) {
    this.#connections = connections;
    this.#queries = queries;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Up to where the processor has committed, of every partition that has a position; what is committed by now counts.
   * @throws {LogUnavailable} when the positions cannot be read in time
   */
  async of(processor: Processor): Promise<readonly Position[]> {
    const places = await this.#queries.partitionsOf([processor.positions]);
    const ends = await this.#queries.highWatermarks(places);
    const what = `reading the positions of ${processor.name}`;
    const followed = await within(this.#timeoutMs, what, this.#upTo(processor, ends)).catch((error: unknown) => {
      throw new LogUnavailable(messageOf(error), { cause: error });
    });
    const there = followed.flatMap(({ offset }, partition) =>
      offset === undefined ? [] : [{ topic: processor.input, partition, offset }],
    );
    if (there.length === followed.length) return there;
    const missing = followed.flatMap(({ offset }, partition) => (offset === undefined ? [partition] : []));
    return [...there, ...(await positionInGroup(this.#queries, processor, missing))];
  }

  async close(): Promise<void> {
    this.#changes.end(new Error('the log was closed'));
    await this.#reader?.close();
  }

  async #upTo(processor: Processor, ends: readonly Position[]): Promise<readonly Followed[]> {
    const followed = await this.#follow(processor, ends);
    for (const [at, { next, stream }] of followed.entries()) {
      const end = ends[at]?.offset ?? 0;
      if (next < end) stream.readUpTo(end);
    }
    await this.#changes.until(() => followed.every((each, at) => each.next >= (ends[at]?.offset ?? 0)));
    return followed;
  }

  #follow(processor: Processor, ends: readonly Position[]): Promise<readonly Followed[]> {
    const key = `${processor.name} ${processor.positions}`;
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    this.#reader ??= new PartitionReader(this.#connections);
    const reader = this.#reader;
    const begun = Promise.all(ends.map((end) => this.#begin(reader, processor, end)));
    begun.catch(() => this.#followed.delete(key));
    this.#followed.set(key, begun);
    return begun;
  }

  async #begin(reader: PartitionReader, processor: Processor, end: Position): Promise<Followed> {
    const found = await lastPosition(reader, processor, end);
    const offset = found === UNREADABLE ? undefined : found;
    const place: TopicPartition = { topic: processor.positions, partition: end.partition };
    const stream = reader.open(place, end.offset);
    // On demand: every step of every processor writes a position, and it is asked for once a second.
    stream.readUpTo(end.offset);
    const followed: Followed = { stream, next: end.offset, offset };
    // A position beyond the end: the topic was made anew, and the next answer begins anew too.
    this.#goOn(processor.name, followed).catch(() => this.#followed.clear());
    return followed;
  }

  async #goOn(name: string, followed: Followed): Promise<void> {
    for (;;) {
      const taken = await followed.stream.take(READ_BATCH);
      if (taken === undefined) return;
      for (const record of taken.records) {
        const offset = offsetIn(record, name);
        // What cannot be read leaves what was known before.
        if (typeof offset === 'number') followed.offset = offset;
      }
      followed.next = taken.next;
      this.#changes.changed();
    }
  }
}
