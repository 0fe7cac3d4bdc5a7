/**
 * The lmdb environment of a process's stores: one file, a database for each store. Writes are whole transactions that are
 * not flushed: see `folder.ts` for what that means after a power cut.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
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

/** What stands at the beginning of an lmdb file, behind the header of its first page, in the byte order of the machine. */
const MAGIC = [Buffer.from('dec0efbe', 'hex'), Buffer.from('beefc0de', 'hex')];
const HEAD_BYTES = 64;

/** Holds how long the data file has been at least, in bytes: text. */
const LENGTH_FILE = 'length';

/** The names of all files of an environment, in its folder. */
export const FILES = ['data.mdb', 'lock.mdb', LENGTH_FILE];

/**
 * What is wrong with the file, as far as it can be told without lmdb: that ends the process when it opens a file of another
 * kind, or reads a page that is not there (SIGBUS). Undefined: nothing; it may be new.
 */
export function damageIn(dir: string): string | undefined {
  const path = join(dir, 'data.mdb');
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { size } = fstatSync(fd);
    // Not written to yet.
    if (size === 0) return undefined;
    readSync(fd, head);
    if (!MAGIC.some((magic) => head.includes(magic))) return 'it is no lmdb file';
    const length = existsSync(join(dir, LENGTH_FILE)) ? Number(readFileSync(join(dir, LENGTH_FILE), 'utf8')) : 0;
    return size >= length ? undefined : `it has ${size} bytes and had ${length}`;
  } finally {
    closeSync(fd);
  }
}

export class Environment {
  readonly #root: RootDatabase;
  readonly #fd: number;
  readonly #dir: string;
  readonly #path: string;
  #size: number;

  /** @param most how many databases may be opened */
  constructor(dir: string, most: number) {
    this.#dir = dir;
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
    writeFileSync(join(this.#dir, LENGTH_FILE), String(this.#size));
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
