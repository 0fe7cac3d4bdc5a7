/**
 * The lmdb environment of a process's stores: one file, a database for each store. Writes are whole transactions that are
 * not flushed: see `folder.ts` for what that means after a power cut.
 */
import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

export type Texts = Database<string, Buffer>;

/** Address space to begin with, so that the map is rarely moved. The file grows as it is filled. */
const INITIAL_MAP = 1024 ** 3;
/** By how much the file grows ahead of what is in it. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(256 * 1024);
/** lmdb copies a page before it changes it: at worst one page per write, and each page above it once. */
const ROOM_PER_WRITE = 4096;
const ROOM_PER_TRANSACTION = 64 * 4096;

export class Environment {
  readonly #root: RootDatabase;
  readonly #fd: number;
  readonly #path: string;
  #size: number;

  /** @param most how many databases may be opened. @throws when the file is no lmdb environment, or shorter than it says */
  constructor(dir: string, most: number) {
    this.#path = join(dir, 'data.mdb');
    this.#root = open({
      ...{ path: dir, noSubdir: false, maxDbs: most, mapSize: INITIAL_MAP },
      noSync: true,
      overlappingSync: false,
      // Writes are synchronous. lmdb's own grouping by event turn would make promises that nobody can reach.
      eventTurnBatching: false,
    });
    this.#fd = openSync(this.#path, 'r+');
    this.#size = fstatSync(this.#fd).size;
    // A page that is not there ends the process (SIGBUS) when it is read.
    if (this.#size < this.#used()) throw new Error(`${this.#path} has ${this.#size} bytes and needs ${this.#used()}`);
  }

  database(name: string): Texts {
    return this.#root.openDB<string, Buffer>({ name, encoding: 'string', keyEncoding: 'binary' });
  }

  /**
   * Writes all of it or nothing. null: remove.
   * @throws when the disk is full, or failed: the environment is not to be used any more
   */
  write(texts: Texts, entries: readonly (readonly [key: string, value: string | null])[]): void {
    this.#reserve(entries);
    this.#root.transactionSync(() => {
      for (const [key, value] of entries) {
        const bytes = Buffer.from(key);
        if (value === null) texts.removeSync(bytes);
        else texts.putSync(bytes, value);
      }
    });
  }

  clear(texts: Texts): void {
    this.#reserve([]);
    texts.clearSync();
  }

  close(): Promise<void> {
    closeSync(this.#fd);
    return this.#root.close();
  }

  /**
   * Fills the file with zeros ahead of what lmdb will write. So a full disk is met here, and not in lmdb, whose report of a
   * failed write runs over its buffer (seen in 3.5.6, `mdb_page_flush`).
   */
  #reserve(entries: readonly (readonly [string, string | null])[]): void {
    const room = entries.reduce(
      (sum, [, value]) => sum + ROOM_PER_WRITE + 4 * (value?.length ?? 0),
      ROOM_PER_TRANSACTION,
    );
    const needed = this.#used() + room;
    if (needed <= this.#size) return;
    this.#size = Math.max(this.#size, statSync(this.#path).size);
    for (const size = needed + RESERVE_BYTES; this.#size < size; ) {
      this.#size += writeSync(this.#fd, ZEROS, 0, Math.min(ZEROS.length, size - this.#size), this.#size);
    }
  }

  #used(): number {
    const stats = this.#root.getStats();
    const count = (name: string): number => {
      const value: unknown = Object.getOwnPropertyDescriptor(stats, name)?.value;
      return typeof value === 'number' ? value : 0;
    };
    return (count('lastPageNumber') + 1) * (count('pageSize') || 4096);
  }
}
