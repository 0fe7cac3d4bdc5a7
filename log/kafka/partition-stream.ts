/** What was fetched of one partition and not yet taken: between the reader, which fills it, and the partition's one user. */
import type { LogRecord, TopicPartition } from '../event-log.ts';

/** A partition is not fetched while more than so much of it waits for its user. */
const FULL_BYTES = 2_097_152;
/** Most bytes of a partition in one answer; a batch that is larger comes all the same. */
const FETCH_BYTES = 1_048_576;

/** How a partition is read. */
export interface Reading {
  /** Whether the records' headers stay bytes; as in `FollowOptions`. */
  readonly lazy?: boolean | undefined;
  /**
   * For a user who wants what stands at a position, and not all that follows: one answer is enough, with at most so many bytes.
   * Left out: it is read on and on, ahead of its user.
   */
  readonly onceBytes?: number;
}

export interface Taken {
  readonly from: number;
  readonly next: number;
  readonly records: readonly LogRecord[];
}

export interface Chunk {
  readonly records: readonly LogRecord[];
  readonly next: number;
  readonly bytes: number;
}

export class PartitionStream implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** Whether its records' headers stay bytes; as in `FollowOptions`. */
  readonly lazy: boolean;
  /** Where the next fetch begins. */
  fetchOffset: number;
  /** Most bytes of the next fetch. */
  readonly fetchBytes: number;
  /** Whether nothing more is fetched after the first answer. */
  readonly #once: boolean;
  /** Last stable offset, as of the last fetch; undefined before the first. */
  end: number | undefined;
  readonly #onChange: () => void;
  readonly #chunks: Chunk[] = [];
  readonly #begin: number;
  #position: number;
  #bytes = 0;
  #until = Number.POSITIVE_INFINITY;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  closed = false;
  /** Called when the next fetch would begin elsewhere than before. */
  onMove: () => void = () => undefined;

  constructor({ topic, partition }: TopicPartition, offset: number, onChange: () => void, how: Reading = {}) {
    this.topic = topic;
    this.fetchBytes = how.onceBytes ?? FETCH_BYTES;
    this.#once = how.onceBytes !== undefined;
    this.partition = partition;
    this.lazy = how.lazy ?? false;
    this.fetchOffset = offset;
    this.#begin = offset;
    this.#position = offset;
    this.#onChange = onChange;
  }

  /** Whether more is to be fetched now. */
  get wanting(): boolean {
    if (this.#once && this.fetchOffset !== this.#begin) return false;
    return this.#bytes < FULL_BYTES && this.#failure === undefined && this.fetchOffset < this.#until;
  }

  /** It is fetched up to this position, or the highest that was asked for, and no further. Without this call: to its end. */
  readUpTo(end: number): void {
    this.#until = this.#until === Number.POSITIVE_INFINITY ? end : Math.max(this.#until, end);
    this.#onChange();
  }

  /** Whether so many records can be taken at once. */
  holds(most: number): boolean {
    return this.#chunks.reduce((sum, { records }) => sum + records.length, 0) >= most;
  }

  push(chunk: Chunk): void {
    this.fetchOffset = chunk.next;
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes;
    this.#wake?.();
    this.onMove();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Resolves when there is something to be taken, or nothing will come any more. Not to be waited for by two at once. */
  async some(): Promise<void> {
    while (!this.closed && this.#chunks.length === 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  /**
   * The next records, at most so many, as soon as there is one or the position moved on; undefined once closed.
   * @throws when the partition cannot be read from this position on.
   */
  async take(most: number): Promise<Taken | undefined> {
    await this.some();
    if (this.closed) return undefined;
    if (this.#chunks.length === 0 && this.#failure !== undefined) throw this.#failure;
    const from = this.#position;
    const records: LogRecord[] = [];
    const wasWanting = this.wanting;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const room = most - records.length;
      if (chunk.records.length <= room) {
        for (const record of chunk.records) records.push(record);
        this.#position = chunk.next;
        this.#bytes -= chunk.bytes;
        this.#chunks.shift();
        continue;
      }
      if (room > 0) {
        const head = chunk.records.slice(0, room);
        for (const record of head) records.push(record);
        this.#position = (head.at(-1)?.offset ?? this.#position) + 1;
        this.#chunks[0] = { ...chunk, records: chunk.records.slice(room) };
      }
      break;
    }
    if (!wasWanting && this.wanting) this.#onChange();
    return { from, next: this.#position, records };
  }

  close(): void {
    this.closed = true;
    this.#chunks.length = 0;
    this.#wake?.();
    this.#onChange();
  }
}
