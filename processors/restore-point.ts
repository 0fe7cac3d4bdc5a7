/**
 * Up to where a store reflects the log, and whether it still fits the log when a process opens. For each topic of a
 * processor's own, the store's point holds the last record that was taken in: its offset, and a print of it. Reading begins
 * with that record, so a log that holds another one there is found out. On any doubt the store is wiped, and all is read from
 * the beginning.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LogRecord, NewRecord, RestoreStart, WrittenTopics } from '../log/event-log.ts';
import type { PartitionStore } from '../store/partition-store.ts';

const anchor = z.object({ offset: z.int().nonnegative(), key: z.string().nullable(), print: z.string() });
type Anchor = z.infer<typeof anchor>;
const point = z.object({
  log: z.string(),
  shape: z.string(),
  position: z.int().nonnegative(),
  at: z.number(),
  /** Of topics where nobody else writes: the last record that is taken in. */
  topics: z.record(z.string(), anchor),
  /** Of topics where others write too: up to where nothing is missing that is this processor's own. */
  shared: z.record(z.string(), z.int().nonnegative()),
});
type Point = z.infer<typeof point>;

/**
 * Tombstones leave a compacted topic after a day (Kafka's `delete.retention.ms`): a store that is further behind may not
 * learn what is gone. Half of that, because clocks differ.
 */
const MOST_BEHIND_MS = 12 * 60 * 60 * 1000;
/** How many offsets may stand behind the last record that hold none: the mark of its transaction. */
const MARKS = 1;
const READ_AT_ONCE = 2000;

export interface RestorePointOptions {
  readonly store: PartitionStore;
  readonly partition: number;
  /** Which version of the program's data the store holds: another one does not fit. */
  readonly shape: string;
  /** Restore topics where nobody else writes, the newest record of each key being kept. */
  readonly compacted: readonly string[];
  /** Restore topics where others write too, and old records are dropped. */
  readonly shared: readonly string[];
  readonly now: () => number;
}

/** A record as it was read or written, for the print. */
type Seen = Pick<LogRecord | NewRecord, 'key' | 'value' | 'headers'>;

export class RestorePoint {
  readonly #options: RestorePointOptions;
  #log = '';
  #position = 0;
  /** The point that the store came with, as long as it is thought to fit. */
  #came: Point | undefined;
  #began = false;
  /** How many records have been read. */
  #read = 0;
  /** By topic: the last record taken in. Its print is made when it is asked for. */
  readonly #last = new Map<string, { readonly offset: number; readonly record: Seen | Anchor }>();
  /** Topics where others' records stand behind the last that is known: these must be read when a process opens again. */
  readonly #missed = new Set<string>();
  /** By shared topic: up to where it has been read, or need not be read any more. */
  readonly #next = new Map<string, number>();
  readonly #found = new Set<string>();
  #strange: string | undefined;

  constructor(options: RestorePointOptions) {
    this.#options = options;
  }

  /** Whether the store is being brought up to date, and not filled anew. */
  get continues(): boolean {
    return this.#came !== undefined;
  }

  /** From which offset each topic is to be read. */
  begin(start: RestoreStart): ReadonlyMap<string, number> {
    this.#began = true;
    this.#log = start.log;
    const came = this.#parsed();
    const why = came === undefined ? 'it has no point' : this.#unfit(came, start);
    if (came === undefined || why !== undefined) {
      this.#options.store.wipe(why ?? '');
      return new Map();
    }
    this.#came = came;
    this.#position = came.position;
    for (const [topic, next] of Object.entries(came.shared)) this.#next.set(topic, next);
    for (const [topic, anchor] of Object.entries(came.topics)) {
      this.#last.set(topic, { offset: anchor.offset, record: anchor });
    }
    return new Map([...this.#next, ...[...this.#last].map(([topic, { offset }]): [string, number] => [topic, offset])]);
  }

  /** Whether the record is in the store already. To be asked of every record before it is taken in. */
  holds(record: LogRecord): boolean {
    this.#beginAnew();
    const was = this.#came?.topics[record.topic];
    if (was === undefined) return false;
    if (record.offset > was.offset) {
      // Compaction: a record goes when a newer one has its key.
      if (record.key === was.key) this.#found.add(record.topic);
      return false;
    }
    if (record.offset === was.offset && print(record) === was.print) {
      this.#found.add(record.topic);
      return true;
    }
    this.#strange = `another record stands at offset ${record.offset} of ${record.topic}`;
    return false;
  }

  /** Nobody has asked from where to read: everything is read, as on a log that is not known. */
  #beginAnew(): void {
    if (!this.#began) this.begin({ log: '', position: 0, ends: new Map() });
  }

  /**
   * The record has been taken in. Now and then the store writes, so that what is read does not fill the memory.
   * @param sound whether the store alone, with this point, tells all that there is to know so far
   */
  took(record: LogRecord, sound: boolean): void {
    const { topic, offset } = record;
    const { compacted, shared } = this.#options;
    if (compacted.includes(topic)) this.#last.set(topic, { offset, record });
    if (shared.includes(topic)) this.#next.set(topic, offset + 1);
    if (++this.#read % READ_AT_ONCE > 0) return;
    // A store that is filled anew gets its point when all has been read: before that, states may be without their parts.
    if (this.continues && sound) this.save();
    else this.#options.store.spill();
  }

  /** Why what was read does not go on from the store, if so: call it when all has been read. */
  doubt(): string | undefined {
    this.#beginAnew();
    const came = this.#came;
    if (came === undefined || this.#strange !== undefined) return this.#strange;
    const lost = Object.keys(came.topics).find((topic) => !this.#found.has(topic));
    return lost === undefined ? undefined : `the last record that it knows of ${lost} is not there any more`;
  }

  /** Empties the store; all its topics are to be read from their beginnings. */
  again(reason: string): readonly string[] {
    this.#options.store.wipe(reason);
    this.#came = undefined;
    this.#strange = undefined;
    this.#last.clear();
    this.#next.clear();
    this.#missed.clear();
    return [...this.#options.compacted, ...this.#options.shared];
  }

  /** All has been read up to the ends. @param position that of the input */
  restored(position: number): void {
    this.#position = position;
    this.#missed.clear();
  }

  /** A step is committed, and what it wrote has been put into the store. */
  wrote(
    records: readonly NewRecord[],
    written: WrittenTopics | undefined,
    ends: ReadonlyMap<string, number> | undefined,
    position = this.#position,
  ): void {
    this.#position = position;
    const { compacted, shared, partition } = this.#options;
    for (const topic of compacted) {
      const there = written?.get(topic);
      if (there === undefined) continue;
      if (!there.joined) this.#missed.add(topic);
      if (this.#missed.has(topic)) continue;
      const record = records.findLast((each) => each.topic === topic && each.partition === partition);
      if (record !== undefined) this.#last.set(topic, { offset: there.last, record });
    }
    for (const topic of shared) {
      const last = written?.get(topic)?.last ?? -1;
      this.#next.set(topic, Math.max(this.#next.get(topic) ?? 0, last + 1, ends?.get(topic) ?? 0));
    }
  }

  /** Lets the store write all that was put into it, with this point. */
  save(): void {
    this.#options.store.save(() => this.#text());
  }

  #text(): string {
    const topics = [...this.#last].map(([topic, { offset, record }]): [string, Anchor] => [
      topic,
      'print' in record ? record : { offset, key: record.key, print: print(record) },
    ]);
    const { shape, now } = this.#options;
    const made: Point = {
      ...{ log: this.#log, shape, position: this.#position, at: now() },
      topics: Object.fromEntries(topics),
      shared: Object.fromEntries(this.#next),
    };
    return JSON.stringify(made);
  }

  #parsed(): Point | undefined {
    const { saved } = this.#options.store;
    if (saved === undefined) return undefined;
    try {
      return point.parse(JSON.parse(saved));
    } catch {
      return undefined;
    }
  }

  #unfit(came: Point, { log, position, ends }: RestoreStart): string | undefined {
    const { shape, now } = this.#options;
    if (came.log !== log) return 'it belongs to another log';
    if (came.shape !== shape) return 'another version of the program wrote it';
    if (came.position > position) return 'it is ahead of the position on the log';
    for (const [topic, { offset }] of Object.entries(came.topics)) {
      const end = ends.get(topic) ?? 0;
      if (offset >= end) return `it is ahead of ${topic}`;
      // A clock that has been set back counts as long ago.
      const long = Math.abs(now() - came.at) > MOST_BEHIND_MS;
      if (long && end > offset + 1 + MARKS) return `it is too far behind ${topic}`;
    }
    const ahead = Object.entries(came.shared).find(([topic, next]) => next > (ends.get(topic) ?? 0));
    if (ahead !== undefined) return `it is ahead of ${ahead[0]}`;
    return undefined;
  }
}

function print({ key, value, headers }: Seen): string {
  const hash = createHash('sha256').update(`${key}\n${headers['ce_id']}\n${headers['ce_time']}\n`);
  return hash.update(value ?? 'nothing').digest('base64url');
}
