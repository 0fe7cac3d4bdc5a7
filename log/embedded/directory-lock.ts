/**
 * One writer per data folder: a lock of the operating system on a file in it. The kernel ties the lock to the open file, so it
 * ends with its process however that dies, and it holds between containers that share the folder: process ids mean
 * nothing there, each container counts its own. What stands in the file only tells people who has it.
 *
 * The binding is fs-native-extensions (OFD locks on Linux and macOS, LockFileEx on Windows). It has no binary for musl
 * (Alpine), 32-bit systems or the BSDs: the folder is refused there, since two writers would destroy the log.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, realpathSync, writeSync } from 'node:fs';
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

/** The part of the binding that is used. It comes without types. */
interface FileLocks {
  /** Locks a range of bytes for this opening of the file alone; false when another opening has it. */
  tryLock(fd: number, offset: number, length: number): boolean;
}

const PATIENCE_MS = 5000;
const ASK_EVERY_MS = 50;
/** A byte far behind the text in the file: Windows lets nobody read what is locked. */
const LOCKED_BYTE = 2 ** 30;

/** Folders that this process has: waiting for oneself would never end. */
const held = new Set<string>();

/**
 * Resolves with the function that gives the folder back.
 * @throws {LogUnavailable} when another process, or this one, has the folder open for writing, or nothing can be locked here
 */
export async function lockDirectory(dir: string, options: LockOptions = {}): Promise<() => void> {
  const locks = fileLocks(dir);
  mkdirSync(dir, { recursive: true });
  const folder = realpathSync(dir);
  if (held.has(folder)) throw new LogUnavailable(`${dir} is already open in this process: close that log first`);
  held.add(folder);
  try {
    const fd = await lockFile(join(folder, 'owner.lock'), dir, locks, options);
    return () => {
      // Closing it ends the lock. The file stays: were it removed, one process could lock the old and one the new file.
      if (held.delete(folder)) closeSync(fd);
    };
  } catch (error) {
    held.delete(folder);
    throw error;
  }
}

async function lockFile(path: string, dir: string, locks: FileLocks, options: LockOptions): Promise<number> {
  const fd = openSync(path, 'a+');
  try {
    const deadline = Date.now() + (options.patienceMs ?? PATIENCE_MS);
    // A process that is being killed, or is closing its log, has the lock until its very end.
    while (!tryLock(fd, dir, locks)) {
      options.signal?.throwIfAborted();
      if (Date.now() >= deadline) throw inUse(path, dir);
      await pause(ASK_EVERY_MS, undefined, options.signal ? { signal: options.signal } : {});
    }
    ftruncateSync(fd, 0);
    writeSync(fd, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function tryLock(fd: number, dir: string, locks: FileLocks): boolean {
  try {
    return locks.tryLock(fd, LOCKED_BYTE, 1);
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
      'Stop that process, choose another DATA_DIR, or run on Kafka (KAFKA_BROKERS) for several processes',
  );
}

/**
 * Why a reader of the folder could not open it; undefined where nothing is known. lmdb tells its readers apart by process
 * id, so it takes the owner of another container for this process when both have the same id there, which is often 1.
 */
export function whyUnreadable(dir: string): string | undefined {
  const owner = ownerIn(join(dir, 'owner.lock'));
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
