/**
 * Turns writes into one lmdb transaction: gives out offsets, keeps only the newest record of each key in compact topics,
 * and stores ends and positions beside the records. Nobody sees any of it before `commit` has resolved.
 */
import type { LogRecord, NewRecord, Position, TopicPartition } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { partitionOf } from '../partition-of.ts';
import { placeOf } from '../place.ts';
import { encodeChunk } from './chunk-encoding.ts';
import { newestKey, offsetBytes, REPLACED_AT_BYTES, recordKey, replacedKey } from './keys.ts';
import { type EncodedRecord, encodeRecord } from './record-encoding.ts';
import type { Bytes, Storage } from './storage.ts';
import type { Topic } from './topic.ts';
import { durable, NothingWritten, refused } from './write-faults.ts';

/** A record that retention drops. */
export interface Removal {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  /**
   * For a tombstone: the record's key in `newest`. If a newer record of the same key has been written meanwhile, the tombstone
   * has been replaced by it, and only the note in `tombstones` is removed here.
   */
  readonly newestKey?: Buffer;
}

/** What becomes visible together or not at all. */
export interface Write {
  readonly records: readonly NewRecord[];
  /** Position of a processor in its input, under its name. */
  readonly position?: Position & { readonly processor: string };
  readonly removals?: readonly Removal[];
  /** Keys in `replaced` whose records are to be dropped. */
  readonly replaced?: readonly Buffer[];
  readonly newTopics?: readonly Topic[];
  /** To be the newest of topics that are there, or are new with this write. */
  readonly newSamples?: readonly NewSample[];
}

export interface NewSample {
  readonly topic: Topic;
  readonly sample: string;
}

interface PreparedRecord extends EncodedRecord {
  readonly topic: Topic;
  readonly partition: number;
}

/** A write whose records have been found fit to be written, as bytes. */
export interface PreparedWrite extends Omit<Write, 'records'> {
  readonly records: readonly PreparedRecord[];
}

/** Records of a partition that follow one another, to be stored under the key of the first. */
interface Chunk {
  readonly topic: Topic;
  readonly key: Buffer;
  readonly records: Buffer[];
  bytes: number;
}

interface Operation {
  readonly db: Bytes;
  readonly key: Buffer;
  /** undefined: remove. */
  readonly value: Buffer | undefined;
}

/** A chunk is read whole, also for the sake of its last record alone. */
const [CHUNK_RECORDS, CHUNK_BYTES] = [64, 32 * 1024];
/** lmdb copies a page before it changes it (copy on write): at worst one page per operation, and each page above it once. */
const ROOM_PER_OPERATION = 4096;
const ROOM_PER_BATCH = 64 * 4096;
const NOTHING = Buffer.alloc(0);

/** @throws {TopicMisconfigured} on a topic or partition that there is not; what is wrong in one write hurts no other. */
export function prepare(storage: Storage, { records, ...rest }: Write): PreparedWrite {
  const now = Date.now();
  const prepared = records.map((record): PreparedRecord => {
    const { partitions } = storage.topic(record.topic);
    const partition = record.partition ?? partitionOf(record.key, partitions);
    const topic = storage.partition({ topic: record.topic, partition });
    return { topic, partition, ...encodeRecord(record, now) };
  });
  return { ...rest, records: prepared };
}

export class WriteBatch {
  readonly #storage: Storage;
  readonly #now = Date.now();
  readonly #operations: Operation[] = [];
  readonly #ends = new Map<string, Position>();
  readonly #newest = new Map<string, number>();
  readonly #positions: (Position & { readonly processor: string })[] = [];
  /** By place, in order of offset. */
  readonly #records = new Map<string, LogRecord[]>();
  readonly #chunks = new Map<string, Chunk[]>();
  readonly #dropped: Buffer[] = [];
  readonly #newTopics: Topic[] = [];
  readonly #newSamples: NewSample[] = [];
  /** Why a write stands here in part. Half of a step must never be on the disk, so nothing of the batch is written then. */
  #spoiled: { readonly error: unknown } | undefined;
  #bytes = 0;
  /** Most bytes by which lmdb's file may grow. */
  #room = ROOM_PER_BATCH;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What this batch will add to each partition, by place, in order of offset: as it will be read once it is on the disk. */
  get staged(): ReadonlyMap<string, readonly LogRecord[]> {
    return this.#records;
  }

  /** Where a partition will end once this batch, as it is now, is on the disk. */
  end(place: TopicPartition): number {
    return this.#ends.get(placeOf(place))?.offset ?? this.#storage.end(place);
  }

  /** Returns the positions that the records will have. @throws when lmdb cannot be read; the batch cannot be committed then */
  add(write: PreparedWrite): readonly Position[] {
    try {
      return this.#add(write);
    } catch (error) {
      this.#spoiled ??= { error };
      throw error;
    }
  }

  #add(write: PreparedWrite): readonly Position[] {
    const positions = write.records.map((record) => this.#addRecord(record));
    if (write.position !== undefined) this.#positions.push(write.position);
    for (const removal of write.removals ?? []) this.#remove(removal);
    for (const key of write.replaced ?? []) this.#dropReplaced(key);
    this.#newTopics.push(...(write.newTopics ?? []));
    this.#newSamples.push(...(write.newSamples ?? []));
    return positions;
  }

  #addRecord({ topic, partition, record, bytes }: PreparedRecord): Position {
    const name = placeOf({ topic: topic.name, partition });
    const offset = this.#ends.get(name)?.offset ?? this.#storage.end({ topic: topic.name, partition });
    this.#chunk(name, topic, recordKey(topic.id, partition, offset), bytes);
    if (topic.retention === 'compact')
      this.#replace(topic, partition, offset, newestKey(topic, partition, record.key), record.value === null);
    this.#ends.set(name, { topic: topic.name, partition, offset: offset + 1 });
    const position = { topic: topic.name, partition, offset };
    const { key, value, headers, timestamp } = record;
    const staged = this.#records.get(name) ?? [];
    if (staged.length === 0) this.#records.set(name, staged);
    staged.push({ topic: topic.name, partition, offset, key, value, headers, timestamp });
    return position;
  }

  /** Adds a record to the newest chunk of its partition, or begins another one. */
  #chunk(name: string, topic: Topic, key: Buffer, bytes: Buffer): void {
    const chunks = this.#chunks.get(name) ?? [];
    this.#chunks.set(name, chunks);
    const last = chunks.at(-1);
    this.#bytes += bytes.length;
    this.#room += 2 * bytes.length;
    // Records of compact topics are dropped one by one.
    const joins = topic.retention !== 'compact' && last !== undefined && last.bytes < CHUNK_BYTES;
    if (joins && last.records.length < CHUNK_RECORDS) {
      last.records.push(bytes);
      last.bytes += bytes.length;
      return;
    }
    chunks.push({ topic, key, records: [bytes], bytes: bytes.length });
    this.#bytes += key.length;
    this.#room += ROOM_PER_OPERATION;
  }

  #replace(topic: Topic, partition: number, offset: number, key: Buffer, tombstone: boolean): void {
    const older = this.#newestOffset(key);
    if (older !== undefined) this.#keepForAWhile(recordKey(topic.id, partition, older));
    this.#put(this.#storage.newest, key, offsetBytes(offset));
    this.#newest.set(key.toString('latin1'), offset);
    if (!tombstone) return;
    // It stays for a while, so that readers who are behind learn of it: see `retention.ts`.
    const marker = Buffer.concat([offsetBytes(this.#now), key]);
    this.#put(this.#storage.tombstones, recordKey(topic.id, partition, offset), marker);
  }

  /**
   * Compaction lag: a replaced record stays for a while. A reader that is behind would otherwise skip it, and claim an offset
   * without showing what stood before it, until it reads the newer record. See `retention.ts`.
   */
  #keepForAWhile(record: Buffer): void {
    const { replaced } = this.#storage;
    if (replaced === undefined) this.#dropRecord(record);
    else this.#put(replaced, replacedKey(this.#now, record), NOTHING);
  }

  #dropReplaced(key: Buffer): void {
    const { replaced } = this.#storage;
    if (replaced === undefined) return;
    this.#dropRecord(key.subarray(REPLACED_AT_BYTES));
    this.#delete(replaced, key);
  }

  #dropRecord(key: Buffer): void {
    this.#delete(this.#storage.records, key);
    this.#dropped.push(key);
  }

  #newestOffset(key: Buffer): number | undefined {
    const name = key.toString('latin1');
    if (this.#newest.has(name)) return this.#newest.get(name);
    const stored = this.#storage.newest.get(key);
    return stored === undefined ? undefined : stored.readUIntBE(0, 6);
  }

  #remove({ topic, partition, offset, newestKey }: Removal): void {
    const key = recordKey(topic.id, partition, offset);
    if (newestKey === undefined) {
      this.#dropRecord(key);
      return;
    }
    this.#delete(this.#storage.tombstones, key);
    if (this.#newestOffset(newestKey) !== offset) return;
    this.#dropRecord(key);
    this.#delete(this.#storage.newest, newestKey);
  }

  #put(db: Bytes, key: Buffer, value: Buffer): void {
    this.#operations.push({ db, key, value });
    this.#bytes += key.length + value.length;
    this.#room += 2 * value.length + ROOM_PER_OPERATION;
  }

  #delete(db: Bytes, key: Buffer): void {
    this.#operations.push({ db, key, value: undefined });
    this.#room += ROOM_PER_OPERATION;
  }

  /**
   * Resolves once all of it is on the disk and can be seen; returns the partitions that have grown.
   * @throws {NothingWritten} when the disk, or `mapSize`, is full, or a write could not be added whole: nothing of it was written.
   * @throws {StorageFailed} when the outcome is unknown.
   */
  async commit(mapSize: number | undefined): Promise<readonly Position[]> {
    const storage = this.#storage;
    if (this.#spoiled !== undefined) {
      const { error } = this.#spoiled;
      throw new NothingWritten(`a write could not be prepared (${messageOf(error)})`, { cause: error });
    }
    await storage.reserve(this.#room, mapSize ?? Number.MAX_SAFE_INTEGER).catch((error: unknown) => {
      throw refused(error, storage);
    });
    const chunks = [...this.#chunks.values()].flat().map(({ topic, key, records }) => {
      return { key, value: encodeChunk(records, topic.samples) };
    });
    await durable(
      storage,
      storage.root.batch(() => {
        for (const { key, value } of chunks) void storage.records.put(key, value);
        for (const { db, key, value } of this.#operations) {
          if (value === undefined) void db.remove(key);
          else void db.put(key, value);
        }
        for (const { id, name, partitions, retention } of this.#newTopics) {
          void storage.meta.put(['topic', name], { id, partitions, retention });
        }
        for (const { topic, sample } of this.#newSamples) {
          void storage.meta.put(['sample', topic.id, topic.samples.length], sample);
        }
        for (const { topic, partition, offset } of this.#ends.values()) {
          void storage.meta.put(['end', storage.topic(topic).id, partition], offset);
        }
        for (const { processor, topic, partition, offset } of this.#positions) {
          void storage.meta.put(['committed', processor, topic, partition], offset);
        }
      }),
    );
    for (const topic of this.#newTopics) storage.addTopic(topic);
    for (const { topic, sample } of this.#newSamples) storage.addSample(topic, Buffer.from(sample));
    for (const records of this.#records.values()) for (const record of records) storage.remember(record);
    for (const key of this.#dropped) storage.forget(key);
    for (const end of this.#ends.values()) storage.moveEnd(end);
    for (const { processor, ...position } of this.#positions) storage.moveCommitted(processor, position);
    return [...this.#ends.values()];
  }
}
