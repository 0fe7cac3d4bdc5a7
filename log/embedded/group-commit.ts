/**
 * Group commit: the one queue in front of the disk. What arrives while a flush is under way goes into the next batch, all of
 * it together. So appends and processing steps share flushes, and no write waits for a timer. What processors make of a batch
 * goes into the same batch, as far as they can go ahead of it: see `going-ahead.ts`.
 */
import type { Position, TopicPartition } from '../event-log.ts';
import { LogUnavailable } from '../event-log.ts';
import { placeOf } from '../place.ts';
import { type Ahead, goAhead } from './going-ahead.ts';
import type { Storage } from './storage.ts';
import { type PreparedWrite, prepare, type Write, WriteBatch } from './write-batch.ts';
import { NothingWritten, StorageFailed } from './write-faults.ts';

/**
 * Called at points where a test wants the process to die, or an operation to fail (by throwing): before anything of a
 * batch is written, and after it is on the disk but before anybody knows.
 */
export type Failpoint = (point: 'before-produce' | 'after-commit') => void | Promise<void>;

export interface GroupCommitOptions {
  readonly mapSize: number | undefined;
  readonly failpoint: Failpoint | undefined;
  /** Whether the file that has been written to is still the log's. Default: it is. */
  dataIsThere?(): boolean;
}

interface Waiting {
  readonly write: PreparedWrite;
  resolve(positions: readonly Position[]): void;
  reject(error: unknown): void;
}

/** Bounds a batch, so that those who wait for it do not wait long, and lmdb holds few dirty pages. */
const BATCH_BYTES = 4 * 1024 * 1024;

export class GroupCommit {
  readonly #storage: Storage;
  readonly #options: GroupCommitOptions;
  readonly #listeners = new Map<string, Set<() => void>>();
  /** By the place of their input: who may go ahead. */
  readonly #ahead = new Map<string, Ahead>();
  /** The last batch was written: after one that was not, nobody goes ahead of the next. */
  #writing = true;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #closed: string | undefined;

  constructor(storage: Storage, options: GroupCommitOptions) {
    this.#storage = storage;
    this.#options = options;
  }

  /**
   * Resolves with the records' positions once they are on the disk.
   * @throws {NothingWritten} when it was certainly not written.
   * @throws {LogUnavailable} when that is unknown, or the log is closed.
   * @throws {TopicMisconfigured} on a topic or partition that there is not.
   */
  async submit(write: Write): Promise<readonly Position[]> {
    if (this.#closed !== undefined) throw new LogUnavailable(this.#closed);
    const prepared = prepare(this.#storage, write);
    return new Promise((resolve, reject) => {
      this.#queue.push({ write: prepared, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#queue.length > 0) {
      // One turn of the event loop: callers that were just resolved, and write again at once, join this batch.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#flushOnce();
    }
    this.#flushing = undefined;
  }

  async #flushOnce(): Promise<void> {
    const batch = new WriteBatch(this.#storage);
    const taken: { readonly waiting: Waiting; positions: readonly Position[] }[] = [];
    let next = 0;
    while (next < this.#queue.length && batch.bytes < BATCH_BYTES) {
      const waiting = this.#queue[next++];
      if (waiting === undefined) continue;
      const one = { waiting, positions: [] as readonly Position[] };
      taken.push(one);
      try {
        one.positions = batch.add(waiting.write);
      } catch {
        // The batch knows of it: nothing of it can be committed, and all who wait are told why.
        break;
      }
    }
    this.#queue = this.#queue.slice(next);
    const ahead = this.#writing ? goAhead(batch, this.#ahead, BATCH_BYTES) : [];
    let grown: readonly Position[] = [];
    try {
      await this.#beforeProduce();
      grown = await batch.commit(this.#options.mapSize);
      await this.#options.failpoint?.('after-commit');
      this.#refuseWhenDeleted();
      this.#writing = true;
      for (const { waiting, positions } of taken) waiting.resolve(positions);
      for (const each of ahead) each.committed();
    } catch (error) {
      this.#writing = false;
      for (const { waiting } of taken) waiting.reject(error);
      for (const each of ahead) each.failed(error);
      if (error instanceof StorageFailed) this.#fail(error);
    }
    for (const partition of grown) this.#wake(partition);
  }

  /** A deleted data file: whoever opens the folder next would find nothing of this batch, so it must not be acknowledged. */
  #refuseWhenDeleted(): void {
    if (this.#options.dataIsThere?.() ?? true) return;
    const message =
      'the data of the log have been deleted while it was open: put them back, and start this process anew';
    throw new StorageFailed(message);
  }

  async #beforeProduce(): Promise<void> {
    try {
      await this.#options.failpoint?.('before-produce');
    } catch (error) {
      throw new NothingWritten(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  /** No write after an unknown outcome: it could be given the offsets of a batch that was applied after all. */
  #fail(error: StorageFailed): void {
    this.#closed = error.message;
    for (const waiting of this.#queue.splice(0)) waiting.reject(error);
  }

  #wake(place: TopicPartition): void {
    for (const listener of this.#listeners.get(placeOf(place)) ?? []) listener();
  }

  /** Calls back after each batch that wrote to the partition, until the returned function is called. */
  onGrowth(place: TopicPartition, listener: () => void): () => void {
    const name = placeOf(place);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(name);
    };
  }

  /**
   * Lets somebody handle the records of a partition before they are on the disk, until the returned function is called. It must
   * have handled all that is on the disk.
   */
  goAhead(place: TopicPartition, ahead: Ahead): () => void {
    const name = placeOf(place);
    this.#ahead.set(name, ahead);
    return () => {
      if (this.#ahead.get(name) === ahead) this.#ahead.delete(name);
    };
  }

  /** Takes no more writes, and resolves when those taken are on the disk. */
  async close(message: string): Promise<void> {
    this.#closed = message;
    await this.#flushing;
  }
}
