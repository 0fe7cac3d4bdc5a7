/**
 * One writer per data folder: a lock of the operating system on the data file itself. The kernel ties the lock to the open
 * file, so it ends with its process however that dies, and it holds between containers that share the folder: process ids
 * mean nothing there, each container counts its own.
 *
 * Why the data file: people delete lock files that stand in their way, and a second owner would then be let in. Nobody
 * can delete this one and keep the data. lmdb has no lock of its own on `data.mdb`, only on `lock.mdb`. The file `owner.lock`
 * tells people who has the folder; it is locked too, because earlier versions lock nothing else.
 *
 * The binding is fs-native-extensions (OFD locks on Linux, flock on macOS, LockFileEx on Windows). It has no binary for musl
 * (Alpine), 32-bit systems or the BSDs: the folder is refused there, since two writers would destroy the log.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LogUnavailable } from '../event-log.ts';
import { messageOf } from '../message-of.ts';

export interface LockOptions {
  /** How long to wait for an owner that is about to end, in ms. Default 5,000. */
  readonly patienceMs?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** A folder that this process has. */
export interface DirectoryLock {
  /** Whether the data file still stands in the folder: once it is deleted, all that is written to it is lost. */
  dataIsThere(): boolean;
  /** Gives the folder back. */
  release(): void;
}

/** The part of the binding that is used. It comes without types. */
interface FileLocks {
  /** Locks a range of bytes for this opening of the file alone; false when another opening has it. */
  tryLock(fd: number, offset: number, length: number): boolean;
}

const DATA_FILE = 'data.mdb';
const OWNER_FILE = 'owner.lock';
const PATIENCE_MS = 5000;
const ASK_EVERY_MS = 50;
/**
 * The bytes that are locked of each file. On Windows nobody else can read or write what is locked: so it is one byte far
 * beyond what the file will ever hold. That of the owner file is the one that earlier versions lock.
 */
const LOCKED_BYTE: Readonly<Record<string, number>> = { [DATA_FILE]: 2 ** 52, [OWNER_FILE]: 2 ** 30 };

/** Folders that this process has: waiting for oneself would never end. */
const held = new Set<string>();

/** @throws {LogUnavailable} when another process, or this one, has the folder open for writing, or nothing can be locked here */
export async function lockDirectory(dir: string, options: LockOptions = {}): Promise<DirectoryLock> {
  const locks = fileLocks(dir);
  mkdirSync(dir, { recursive: true });
  const folder = realpathSync(dir);
  if (held.has(folder)) throw new LogUnavailable(`${dir} is already open in this process: close that log first`);
  held.add(folder);
  const files: number[] = [];
  const release = (): void => {
    // Closing a file ends its lock. No file is removed: one process could lock the old and one the new file.
    if (held.delete(folder)) for (const fd of files) closeSync(fd);
  };
  try {
    const deadline = Date.now() + (options.patienceMs ?? PATIENCE_MS);
    const lock = async (name: string): Promise<number> => {
      const fd = openSync(join(folder, name), 'a+');
      files.push(fd);
      // A process that is being killed, or is closing its log, has the lock until its very end.
      while (!tryLock(fd, name, dir, locks)) {
        options.signal?.throwIfAborted();
        if (Date.now() >= deadline) throw inUse(join(folder, OWNER_FILE), dir);
        await pause(ASK_EVERY_MS, undefined, options.signal ? { signal: options.signal } : {});
      }
      return fd;
    };
    const data = await lock(DATA_FILE);
    const owner = await lock(OWNER_FILE);
    ftruncateSync(owner, 0);
    writeSync(owner, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }));
    // The number of names that the file has; some network file systems do not count them, and always say the same.
    const links = fstatSync(data).nlink;
    return { dataIsThere: () => links === 0 || fstatSync(data).nlink > 0, release };
  } catch (error) {
    release();
    throw error;
  }
}

function tryLock(fd: number, name: string, dir: string, locks: FileLocks): boolean {
  try {
    // The binding locks whole files on macOS, which keeps nobody there from reading and writing.
    if (process.platform === 'darwin') return locks.tryLock(fd, 0, 0);
    return locks.tryLock(fd, LOCKED_BYTE[name] ?? 0, 1);
  } catch (error) {
    throw new LogUnavailable(
      `${dir} is on a file system that has no locks (${messageOf(error)}): choose a DATA_DIR on another one`,
      { cause: error },
    );
  }
}

function inUse(path: string, dir: string): LogUnavailable {
  const owner = ownerIn(path);
  return new LogUnavailable(
    `${dir} is in use by ${owner ? `process ${owner.pid} on ${owner.host}` : 'another process'}: ` +
      'the embedded log has one process at a time. ' +
      'Stop that process, choose another DATA_DIR, or run on Kafka (KAFKA_BROKERS) for several processes. ' +
      'Deleting a lock file does not help: the data itself is locked',
  );
}

/**
 * Why a reader of the folder could not open it; undefined where nothing is known. lmdb tells its readers apart by process
 * id, so it takes the owner of another container for this process when both have the same id there, which is often 1.
 */
export function whyUnreadable(dir: string): string | undefined {
  const owner = ownerIn(join(dir, OWNER_FILE));
  if (owner?.pid !== process.pid) return undefined;
  return (
    `its owner on ${owner.host} has the same process id ${owner.pid} as this process, in another container: ` +
    'run this in the container of the owner, or as another process than the first of its container (docker run --init)'
  );
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Undefined while it has been locked and not written yet, or where the text is another program's. */
function ownerIn(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('host' in owner)) return undefined;
    const { pid, host } = owner;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

/** Loaded when a folder is opened: a process on Kafka needs none of it. */
function fileLocks(dir: string): FileLocks {
  try {
    return createRequire(import.meta.url)('fs-native-extensions') as FileLocks;
  } catch (error) {
    throw new LogUnavailable(
      `${dir} cannot be locked on this system (${process.platform}, ${process.arch}; no binary of fs-native-extensions): ` +
        'run on Linux with glibc, macOS or Windows, 64 bits, or on Kafka (KAFKA_BROKERS)',
      { cause: error },
    );
  }
}
