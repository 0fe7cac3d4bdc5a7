/**
 * The newest records of each partition, as they are read: most readers are right behind the writer, and would read from the disk
 * what has just been written there. Bounded in bytes over all partitions; what is not here is read from the disk.
 */
import type { LogRecord, Position, TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';

/** Of all partitions together; each has the same share of it. */
const MOST_BYTES = 4 * 1024 * 1024;
/** What a record takes beside its key, headers and value, in bytes. */
const RECORD_BYTES = 300;
const HEADER_BYTES = 60;

interface Kept {
  /** In order of offset, without gaps. */
  readonly records: LogRecord[];
  readonly sizes: number[];
  bytes: number;
}

export class RecentRecords {
  readonly #mostBytes: number;
  readonly #partitions = new Map<string, Kept>();

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Called once it is on the disk, in order of offset within each partition. */
  add(record: LogRecord): void {
    const kept = this.#of(record);
    const last = kept.records.at(-1);
    if (last !== undefined && last.offset !== record.offset - 1) empty(kept);
    const bytes = sizeOf(record);
    kept.records.push(record);
    kept.sizes.push(bytes);
    kept.bytes += bytes;
    if (kept.bytes > this.#mostBytes / this.#partitions.size) dropOlderHalf(kept);
  }

  /**
   * At most `limit` records in order from `from` on, none at or after `end`; fewer when they come to `mostBytes`, but one at
   * least. undefined: they have to be read from the disk.
   */
  read(
    place: TopicPartition,
    from: number,
    end: number,
    limit: number,
    mostBytes = Number.POSITIVE_INFINITY,
  ): readonly LogRecord[] | undefined {
    const kept = this.#partitions.get(placeOf(place));
    const first = kept?.records[0]?.offset;
    if (kept === undefined || first === undefined || from < first) return undefined;
    const over = Math.min(from + limit, end, first + kept.records.length) - first;
    let to = from - first;
    for (let bytes = 0; to < over && bytes < mostBytes; to++) bytes += kept.sizes[to] ?? 0;
    return kept.records.slice(from - first, to);
  }

  /** The record is dropped from the disk. */
  forget(dropped: Position): void {
    const kept = this.#partitions.get(placeOf(dropped));
    // Those that remain must have no gaps; what is dropped is old, so this is rare.
    if (kept?.records[0] !== undefined && kept.records[0].offset <= dropped.offset) empty(kept);
  }

  #of(place: TopicPartition): Kept {
    const name = placeOf(place);
    const known = this.#partitions.get(name);
    if (known !== undefined) return known;
    const kept: Kept = { records: [], sizes: [], bytes: 0 };
    this.#partitions.set(name, kept);
    return kept;
  }
}

function empty(kept: Kept): void {
  kept.records.length = 0;
  kept.sizes.length = 0;
  kept.bytes = 0;
}

/** Half at once: taking one away from the front moves all the others. */
function dropOlderHalf(kept: Kept): void {
  const dropped = Math.ceil(kept.records.length / 2);
  kept.records.splice(0, dropped);
  for (const bytes of kept.sizes.splice(0, dropped)) kept.bytes -= bytes;
}

/** About what the record takes in memory, in bytes. */
export function sizeOf({ key, value, headers }: LogRecord): number {
  let bytes = RECORD_BYTES + 2 * (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) bytes += HEADER_BYTES + (headers[name]?.length ?? 0);
  return bytes;
}
