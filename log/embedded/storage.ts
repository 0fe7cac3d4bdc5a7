/**
 * What is on the disk and how it is found again: one lmdb environment, its databases and their keys. Knows nothing of
 * callers, queues or processors; writes come prepared, see `write-batch.ts`.
 *
 * | database   | key                               | value                          |
 * | ---------- | --------------------------------- | ------------------------------ |
 * | records    | topic id, partition, offset       | the record, or a chunk of them from there |
 * | newest     | topic id, partition, record's key | offset (compact topics only)   |
 * | tombstones | topic id, partition, offset       | when, and key in `newest`      |
 * | replaced   | when, key in `records`            | nothing                        |
 * | meta       | name of a thing                   | JSON: topics and their samples, ends, positions, the log's identity |
 */
import { randomUUID } from 'node:crypto';
import { existsSync, statfsSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { LogRecord, Position, TopicPartition } from '../event-log.ts';
import { LogUnavailable, TopicMisconfigured } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { decodeChunk, endOfChunk, type Samples } from './chunk-encoding.ts';
import { explaining, refuseDamaged } from './data-file.ts';
import { offsetIn, recordKey } from './keys.ts';
import { RecentRecords, sizeOf } from './recent-records.ts';
import { type Topic, topicFrom } from './topic.ts';

/** Records in order, and the position after them. */
export interface ReadRecords {
  readonly records: readonly LogRecord[];
  readonly next: number;
}

export type Bytes = Database<Buffer, Buffer>;
/** Numbers (ends, positions) and topics; what is read is checked where it is read. */
export type Meta = Database<unknown, (string | number)[]>;

/**
 * About the most bytes that one read returns, as they are in memory and not as they are compressed on the disk. What is read
 * together is decided together: a thousand purchases of 500 lines in one step would ask for half a million reservations.
 */
export const READ_BYTES = 1024 * 1024;
/** Room for the map to begin with, so that it is rarely moved. Address space, not disk: the file grows as it is filled. */
const INITIAL_MAP = 1024 ** 3;
/** By how much the file grows ahead of what is in it. */
const RESERVE_BYTES = 8 * 1024 * 1024;
const ZEROS = Buffer.alloc(1024 * 1024);

export class Storage {
  readonly root: RootDatabase;
  readonly records: Bytes;
  readonly newest: Bytes;
  readonly tombstones: Bytes;
  /** Undefined for a reader beside the owner, who replaces nothing. */
  readonly replaced: Bytes | undefined;
  readonly meta: Meta;
  /** Drawn when the log is made: copies of a folder share it. Empty for a reader beside an owner who never wrote one. */
  readonly identity: string;
  readonly dir: string;
  readonly #dataFile: string;
  readonly #readOnly: boolean;
  #file: FileHandle | undefined;
  #fileSize = 0;
  readonly #topics = new Map<string, Topic>();
  /** Ends as acknowledged to everybody. Kept by the one writer; a reader beside it asks the database. */
  readonly #ends = new Map<string, number>();
  readonly #committed = new Map<string, number>();
  readonly #recent = new RecentRecords();

  constructor(dir: string, readOnly: boolean) {
    this.dir = dir;
    this.#dataFile = join(dir, 'data.mdb');
    this.#readOnly = readOnly;
    if (readOnly && !existsSync(this.#dataFile)) throw new LogUnavailable(`there is no log in ${dir}: check DATA_DIR`);
    refuseDamaged(dir);
    this.root = open({
      path: dir,
      noSubdir: false,
      readOnly,
      maxDbs: 8,
      mapSize: INITIAL_MAP,
      // A commit then returns after lmdb's own two-step flush: what can be seen is on the disk, and a crash at any moment
      // leaves the log as the last whole batch did. Overlapping flushes measured no faster, since commits are grouped here.
      overlappingSync: false,
      // Writes come in batches of ours, and lmdb's own grouping by event turn makes a promise for each turn that nobody can
      // reach: when a commit failed, its rejection would end the process.
      eventTurnBatching: false,
    });
    this.records = this.#bytes('records');
    this.newest = this.#bytes('newest');
    this.tombstones = this.#bytes('tombstones');
    this.replaced = readOnly ? undefined : this.#bytes('replaced');
    this.meta = this.root.openDB<unknown, (string | number)[]>({ name: 'meta', encoding: 'json' });
    this.identity = this.#identified();
    this.#loadTopics();
  }

  #identified(): string {
    const known = this.meta.get(['log']);
    if (typeof known === 'string') return known;
    if (this.#readOnly) return '';
    const drawn = randomUUID();
    this.meta.putSync(['log'], drawn);
    return drawn;
  }

  #bytes(name: string): Bytes {
    const db: Bytes | undefined = this.root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
    if (db === undefined) throw new LogUnavailable(`the log in ${this.#dataFile} was never opened for writing`);
    return db;
  }

  #loadTopics(): void {
    for (const { key, value } of this.meta.getRange({ start: ['topic'], end: ['topic', '\uffff'] })) {
      const topic = topicFrom(key[1], value, (id) => this.#samples(id));
      this.#topics.set(topic.name, topic);
      for (let partition = 0; partition < topic.partitions; partition++) {
        const offset = numberIn(this.meta.get(['end', topic.id, partition]));
        this.moveEnd({ topic: topic.name, partition, offset });
      }
    }
    for (const { key, value } of this.meta.getRange({ start: ['committed'], end: ['committed', '\uffff'] })) {
      this.#committed.set(key.slice(1).join('/'), numberIn(value));
    }
  }

  #samples(topicId: number): Samples {
    const stored = this.meta.getRange({ start: ['sample', topicId], end: ['sample', topicId + 1] });
    return [...stored].map(({ value }) => Buffer.from(String(value)));
  }

  /** Lets a read-only opening see what the writer has committed since. */
  refresh(): void {
    if (!this.#readOnly) return;
    this.root.resetReadTxn();
    this.#loadTopics();
  }

  topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  findTopic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  /** @throws {TopicMisconfigured} when there is no such topic. */
  topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined)
      throw new TopicMisconfigured(`topic ${name} is missing: create it with \`counterfoil topics\``);
    return topic;
  }

  /** @throws {TopicMisconfigured} when there is no such topic or partition. */
  partition({ topic: name, partition }: TopicPartition): Topic {
    const topic = this.topic(name);
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      throw new TopicMisconfigured(`topic ${name} has the partitions 0 to ${topic.partitions - 1}, not ${partition}`);
    }
    return topic;
  }

  /** Called once they are on the disk, as their newest. */
  addSample(topic: Topic, sample: Buffer): void {
    const { name } = topic;
    this.#topics.set(name, { ...topic, samples: [...topic.samples, sample] });
  }

  addTopic(topic: Topic): void {
    this.#topics.set(topic.name, topic);
    for (let partition = 0; partition < topic.partitions; partition++) {
      this.moveEnd({ topic: topic.name, partition, offset: 0 });
    }
  }

  end({ topic, partition }: TopicPartition): number {
    const end = this.#ends.get(placeOf({ topic, partition }));
    if (end === undefined) throw new TopicMisconfigured(`topic ${topic} has no partition ${partition}`);
    return end;
  }

  /** Called once the records before `offset` are on the disk. */
  moveEnd(end: Position): void {
    this.#ends.set(placeOf(end), end.offset);
  }

  /** Not read from lmdb, which shows a batch before the ends tell of it: what is committed here can be read. */
  committed(name: string, input: string, partition: number): number | undefined {
    return this.#committed.get(`${name}/${input}/${partition}`);
  }

  /** Called once the processor's step is on the disk, with all that it wrote. */
  moveCommitted(name: string, { topic, partition, offset }: Position): void {
    this.#committed.set(`${name}/${topic}/${partition}`, offset);
  }

  /** Called once the record is on the disk: it is then read from memory, for a while. */
  remember(record: LogRecord): void {
    this.#recent.add(record);
  }

  /** Called once the record under this key is no longer on the disk. */
  forget(key: Buffer): void {
    const topicId = key.readUInt16BE(0);
    const topic = this.topics().find(({ id }) => id === topicId);
    if (topic !== undefined)
      this.#recent.forget({ topic: topic.name, partition: key.readUInt16BE(2), offset: offsetIn(key) });
  }

  /** At most `limit` records of a partition from `from` on, none at or after `end`; fewer when they are large, but one at least. */
  read(topic: Topic, partition: number, from: number, end: number, limit: number): ReadRecords {
    const recent = this.#recent.read({ topic: topic.name, partition }, from, end, limit, READ_BYTES);
    if (recent !== undefined) return { records: recent, next: from + recent.length };
    return explaining(this.dir, () => this.#readFile(topic, partition, from, end, limit));
  }

  #readFile(topic: Topic, partition: number, from: number, end: number, limit: number): ReadRecords {
    const records: LogRecord[] = [];
    let bytes = 0;
    // Not the caller's: it may hold the topic since before its newest sample.
    const { samples } = this.topic(topic.name);
    const start = recordKey(topic.id, partition, this.#chunkWith(topic.id, partition, from));
    for (const { key, value } of this.records.getRange({ start, end: recordKey(topic.id, partition, end) })) {
      for (const record of decodeChunk(topic.name, partition, offsetIn(key), value, samples)) {
        if (record.offset < from || record.offset >= end) continue;
        records.push(record);
        bytes += sizeOf(record);
        if (records.length === limit || bytes >= READ_BYTES) return { records, next: record.offset + 1 };
      }
    }
    return { records, next: end };
  }

  /** Where the chunk begins that holds a record; the offset itself, when none does. */
  #chunkWith(topicId: number, partition: number, offset: number): number {
    const start = recordKey(topicId, partition, offset);
    const end = recordKey(topicId, partition, 0);
    for (const { key, value } of this.records.getRange({ start, end, reverse: true, limit: 1, inclusiveEnd: true })) {
      if (endOfChunk(offsetIn(key), value) > offset) return offsetIn(key);
    }
    return offset;
  }

  /**
   * Makes sure that lmdb finds room on the disk for `more` bytes, by filling the file with zeros ahead of it. A full disk
   * is met here and not in lmdb, whose report of a failed write runs over its buffer (seen in 3.5.6, `mdb_page_flush`).
   * Must not run while a batch is written: what lmdb writes beyond the file's end would be wiped out.
   * @throws when the system refuses, or the log would grow beyond `limit` bytes.
   */
  async reserve(more: number, limit: number): Promise<void> {
    const stats = statsOf(this.root.getStats());
    const needed = (stats.lastPage + 1) * stats.pageSize + more;
    // The file never shrinks; what retention has freed in it is used again. So at the limit the pages in use count.
    if (needed > limit && this.#bytesInUse() + more > limit) {
      throw new Error(`the log has reached its limit of ${limit} bytes (mapSize): raise it, or shorten the retention`);
    }
    this.#file ??= await openFile(this.#dataFile, 'r+');
    if (this.#fileSize === 0) this.#fileSize = (await this.#file.stat()).size;
    if (needed <= this.#fileSize) return;
    const size = Math.max(needed, Math.min(needed + RESERVE_BYTES, limit));
    while (this.#fileSize < size) {
      const length = Math.min(ZEROS.length, size - this.#fileSize);
      const { bytesWritten } = await this.#file.write(ZEROS, 0, length, this.#fileSize);
      this.#fileSize += bytesWritten;
    }
  }

  #bytesInUse(): number {
    const { root, records, newest, tombstones, replaced, meta } = this;
    const databases = [root, records, newest, tombstones, meta, ...(replaced === undefined ? [] : [replaced])];
    return databases
      .map((db) => statsOf(db.getStats()))
      .reduce((sum, { treePages, pageSize }) => sum + treePages * pageSize, 0);
  }

  bytesFree(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return bavail * bsize;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    await this.root.close();
  }
}

export function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function statsOf(stats: object): { treePages: number; lastPage: number; pageSize: number } {
  const count = (name: string): number => numberIn(Object.getOwnPropertyDescriptor(stats, name)?.value);
  return {
    treePages: count('treeBranchPageCount') + count('treeLeafPageCount') + count('overflowPages'),
    lastPage: count('lastPageNumber'),
    pageSize: count('pageSize') || 4096,
  };
}
