/**
 * Reads single records by their positions, over one reader that all look-ups share. A fetch names one offset of a partition
 * and answers with what stands from there on, so records near each other come with one fetch, and those of different
 * partitions with the same one. Look-ups of one partition that overlap are put together: none waits for a connection.
 */
import { within } from '../../waiting/within.ts';
import { type LogRecord, LogUnavailable, type Position, type TopicPartition } from '../event-log.ts';
import { placeOf } from '../place.ts';
import type { Connections } from './connections.ts';
import { PartitionReader } from './partition-reader.ts';

/** Some 50 records of ours: most of an entity's events stand together, and what is not asked for is decoded in vain. */
const FETCH_BYTES = 32_768;
const TAKEN = 10_000;
/** The reader, and its connections, end when nothing has been looked up for so long. */
const IDLE_MS = 30_000;

interface Wanted {
  readonly offset: number;
  resolve(record: LogRecord | undefined): void;
  reject(error: unknown): void;
}

export class RecordLookup {
  readonly #connections: Connections;
  readonly #timeoutMs: number;
  /** What is waited for, by partition: a partition that is here is being read. */
  readonly #wanted = new Map<string, Wanted[]>();
  #reader: PartitionReader | undefined;
  #trouble: string | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param timeoutMs how long one look-up may take */
  constructor(connections: Connections, timeoutMs: number) {
    this.#connections = connections;
    this.#timeoutMs = timeoutMs;
  }

  /** As `EventLog.recordsAt`; the topics must exist. */
  async recordsAt(positions: readonly Position[]): Promise<readonly (LogRecord | undefined)[]> {
    if (this.#closed) throw new LogUnavailable('the log is closed');
    const found = Promise.all(positions.map((position) => this.#want(position)));
    const late = () =>
      new LogUnavailable(this.#trouble ?? `records were not read within ${this.#timeoutMs} ms: ask again`);
    return await within(this.#timeoutMs, late, found);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  #want(position: Position): Promise<LogRecord | undefined> {
    return new Promise((resolve, reject) => {
      const wanted = { offset: position.offset, resolve, reject };
      const others = this.#wanted.get(placeOf(position));
      if (others !== undefined) {
        others.push(wanted);
        return;
      }
      this.#wanted.set(placeOf(position), [wanted]);
      void this.#run(position);
    });
  }

  /** Until nothing is wanted of the partition any more. */
  async #run({ topic, partition }: TopicPartition): Promise<void> {
    clearTimeout(this.#idle);
    const place = placeOf({ topic, partition });
    // All that is asked for in this turn goes together.
    await Promise.resolve();
    try {
      for (let next = firstOf(this.#wanted.get(place)); next !== undefined; next = firstOf(this.#wanted.get(place))) {
        await this.#readFrom({ topic, partition }, next, place);
      }
    } catch (error) {
      const unread = error instanceof LogUnavailable ? error : new LogUnavailable(String(error), { cause: error });
      for (const { reject } of this.#wanted.get(place) ?? []) reject(unread);
    } finally {
      this.#wanted.delete(place);
      if (this.#wanted.size === 0 && !this.#closed) this.#endWhenIdle();
    }
  }

  /** One fetch, and what it settles. */
  async #readFrom(partition: TopicPartition, from: number, place: string): Promise<void> {
    if (this.#closed) throw new LogUnavailable('the log is closed');
    this.#reader ??= new PartitionReader(this.#connections, (detail) => {
      this.#trouble = detail;
    });
    const stream = this.#reader.open(partition, from, { onceBytes: FETCH_BYTES });
    try {
      const taken = await stream.take(TAKEN);
      if (taken === undefined) throw new LogUnavailable('the log is closed');
      const records = new Map(taken.records.map((record) => [record.offset, record]));
      const wanted = this.#wanted.get(place) ?? [];
      const settled = ({ offset }: Wanted) => offset >= from && offset < taken.next;
      // Before anybody is told: who is told may ask for more.
      this.#wanted.set(
        place,
        wanted.filter((one) => !settled(one)),
      );
      for (const one of wanted) if (settled(one)) one.resolve(records.get(one.offset));
    } finally {
      stream.close();
    }
  }

  #endWhenIdle(): void {
    this.#idle = setTimeout(() => {
      const reader = this.#reader;
      this.#reader = undefined;
      void reader?.close();
    }, IDLE_MS);
    this.#idle.unref();
  }
}

function firstOf(wanted: readonly Wanted[] | undefined): number | undefined {
  return wanted === undefined || wanted.length === 0 ? undefined : Math.min(...wanted.map(({ offset }) => offset));
}
