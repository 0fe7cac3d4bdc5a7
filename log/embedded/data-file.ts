/**
 * What is wrong with the log's data file, as far as it can be told before lmdb opens it, and what lmdb's errors say of it later.
 * lmdb itself ends the process without a word when it reads a page beyond the file's end (SIGBUS), or takes another kind of
 * file for its own (SIGSEGV).
 */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LogUnavailable } from '../event-log.ts';
import { messageOf } from '../message-of.ts';

const DATA = 'data.mdb';
/** What a folder has beside the log: it fits that log alone. */
export const DERIVED = ['state', 'views'];
/** The first two pages of the file: a transaction writes the one that the last did not. In the byte order of the machine. */
const HEADS = 2;
const HEAD_BYTES = 160;
/** Of `MDB_meta` behind the page's own header, see lmdb's mdb.c. */
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const MAGIC = 0xbeefc0de;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65536;

/** What lmdb says of pages that are not what they should be: MDB_PAGE_NOTFOUND, _CORRUPTED, _INVALID, _BAD_TXN, _PROBLEM. */
const DAMAGE = new Set([-30797, -30796, -30793, -30782, -30779]);

interface Head {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/** @throws {LogUnavailable} when lmdb could not read the file. One that is not there, or was never written to, is none. */
export function refuseDamaged(dir: string): void {
  const damage = damageIn(dir);
  if (damage !== undefined) throw damaged(dir, damage);
}

function damageIn(dir: string): string | undefined {
  const path = join(dir, DATA);
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');
  try {
    if (fstatSync(fd).size === 0) return undefined;
    const first = headAt(fd, 0);
    const second = first && headAt(fd, first.pageSize);
    if (first === undefined || second === undefined) return `its first ${HEADS} pages are not those of a log`;
    const newest = first.transaction >= second.transaction ? first : second;
    // Room is made for pages before they are written, so all of them are there. Asked last: a file may grow meanwhile.
    const needed = (newest.lastPage + 1) * newest.pageSize;
    const { size } = fstatSync(fd);
    return size < needed ? `it has ${size} bytes, and what is in it needs ${needed}` : undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * Whether the file has been emptied: nothing is in it, and beside it stands what was made of a log. To be asked before the
 * folder is locked, which makes the file where there is none.
 */
export function wasEmptied(dir: string): boolean {
  const path = join(dir, DATA);
  return existsSync(path) && statSync(path).size === 0 && DERIVED.some((name) => existsSync(join(dir, name)));
}

function headAt(fd: number, position: number): Head | undefined {
  const bytes = Buffer.alloc(HEAD_BYTES);
  if (readSync(fd, bytes, 0, HEAD_BYTES, position) < HEAD_BYTES) return undefined;
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  const pageSize = bytes.readUInt32LE(PAGE_SIZE_AT);
  if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: bytes.readBigUInt64LE(TRANSACTION_AT),
  };
}

/** What to throw for a data file that cannot be read. */
export function damaged(dir: string, what: string, cause?: unknown): LogUnavailable {
  return new LogUnavailable(
    `the log's file ${join(dir, DATA)} is damaged (${what}): move ${dir} away as it is, restore a backup with ` +
      '`counterfoil restore`, and check the disk',
    { cause },
  );
}

/** The error itself, or that the file is damaged, where lmdb says so. */
export function explained(error: unknown, dir: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' && DAMAGE.has(code) ? damaged(dir, messageOf(error), error) : error;
}

/** The result of `read`. @throws like it, as `explained` says */
export function explaining<T>(dir: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw explained(error, dir);
  }
}
