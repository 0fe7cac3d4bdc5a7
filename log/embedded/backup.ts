/**
 * A copy of the embedded log as it stands at one moment, taken beside the process that has the folder: lmdb shows every reader
 * one whole commit. The copy holds what is in use and nothing of what retention has freed. States and views are not
 * part of it: they are made anew of the log.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { othersTurn } from '../../waiting/time-slice.ts';
import { LogUnavailable } from '../event-log.ts';
import { DERIVED } from './data-file.ts';
import { lockDirectory } from './directory-lock.ts';
import { Storage } from './storage.ts';

const DATA = 'data.mdb';
const MANIFEST = 'backup.json';
const READ_AT_ONCE = 1000;

const manifest = z.object({
  format: z.literal(1),
  /** ISO 8601, UTC. */
  takenAt: z.string(),
  /** The log's identity. */
  log: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  records: z.int().nonnegative(),
});

/** What a backup is, as it says itself in `backup.json`. */
export type Backup = z.infer<typeof manifest>;

export interface BackupOptions {
  /** The folder of the log, `DATA_DIR`; a server may run on it. */
  readonly dir: string;
  /** A folder that does not exist yet: it appears when the copy is whole and has been read to its end. */
  readonly to: string;
  readonly signal?: AbortSignal;
  /** So many of so many records of the copy have been read. */
  onRead?(done: number, total: number): void;
}

/** @throws {LogUnavailable} when there is no log to read, the target is there already, or the copy cannot be written or read */
export async function takeBackup({ dir, to: target, signal, onRead }: BackupOptions): Promise<Backup> {
  const to = resolve(target);
  if (existsSync(to)) throw new LogUnavailable(`${to} is there already: name a folder that is not`);
  const unfinished = `${to}.unfinished-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const takenAt = new Date().toISOString();
    const storage = new Storage(dir, true);
    try {
      await storage.root.backup(unfinished, true);
    } finally {
      await storage.close();
    }
    signal?.throwIfAborted();
    const { log, records } = await readWhole(unfinished, signal, onRead);
    await syncFile(join(unfinished, DATA));
    const { bytes, sha256 } = await printOf(join(unfinished, DATA), signal);
    const backup: Backup = { format: 1, takenAt, log, bytes, sha256, records };
    await writeFile(join(unfinished, MANIFEST), `${JSON.stringify(backup, undefined, 2)}\n`, { flush: true });
    // lmdb's own, of the reading.
    await rm(join(unfinished, 'lock.mdb'), { force: true });
    await rename(unfinished, to);
    return backup;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

export interface RestoreOptions {
  /** The folder of a backup. */
  readonly from: string;
  /** Where the log is to stand, `DATA_DIR`: a folder without a log, states and views. */
  readonly dir: string;
  readonly signal?: AbortSignal;
}

/** @throws {LogUnavailable} when it is no whole backup, or the folder holds data already */
export async function restoreBackup({ from, dir, signal }: RestoreOptions): Promise<Backup> {
  const backup = await checkBackup(from, signal);
  await mkdir(dir, { recursive: true });
  const there = (await readdir(dir)).filter((name) => name === DATA || DERIVED.includes(name));
  const size = there.includes(DATA) ? (await stat(join(dir, DATA))).size : 0;
  if (size > 0 || there.some((name) => name !== DATA)) {
    throw new LogUnavailable(
      `${dir} holds ${there.join(', ')} already, and nothing is ever overwritten: move the folder away, or choose another DATA_DIR`,
    );
  }
  // Nobody may begin a log here meanwhile. The lock is on the file that is replaced, so it is let go just before.
  const lock = await lockDirectory(dir, signal === undefined ? {} : { signal });
  const unfinished = join(dir, `${DATA}.unfinished-${process.pid}`);
  try {
    await copyFile(join(from, DATA), unfinished);
    await syncFile(unfinished);
    const { sha256 } = await printOf(unfinished, signal);
    if (sha256 !== backup.sha256) throw new LogUnavailable(`${dir} did not take the copy as it is: check its disk`);
    await rename(unfinished, join(dir, DATA));
    await syncFile(dir);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    lock.release();
  }
  return backup;
}

/**
 * What the backup is, once its bytes are those that were written.
 * @throws {LogUnavailable} when they are not, or it is no backup
 */
async function checkBackup(from: string, signal?: AbortSignal): Promise<Backup> {
  const text = await readFile(join(from, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new LogUnavailable(`${from} is no backup: it has no ${MANIFEST}, which is written last`);
  const read = manifest.safeParse(parsed(text));
  if (!read.success)
    throw new LogUnavailable(`${join(from, MANIFEST)} cannot be read: another version wrote it, or a fault`);
  const path = join(from, DATA);
  if (!existsSync(path)) throw new LogUnavailable(`${from} has no ${DATA}: the backup is not whole`);
  const { sha256 } = await printOf(path, signal);
  if (sha256 !== read.data.sha256) {
    throw new LogUnavailable(
      `${path} is not what was written (SHA-256 ${sha256}, not ${read.data.sha256}): use another backup`,
    );
  }
  return read.data;
}

/** Every record is decoded: what cannot be read must not be found out when it is needed. */
async function readWhole(dir: string, signal: AbortSignal | undefined, onRead: BackupOptions['onRead']) {
  const copy = new Storage(dir, true);
  try {
    const partitions = copy
      .topics()
      .flatMap((topic) => Array.from({ length: topic.partitions }, (_, partition) => ({ topic, partition })));
    const endOf = ({ topic, partition }: (typeof partitions)[number]) => copy.end({ topic: topic.name, partition });
    const total = partitions.reduce((sum, each) => sum + endOf(each), 0);
    let [records, done] = [0, 0];
    for (const each of partitions) {
      const end = endOf(each);
      for (let next = 0; next < end; ) {
        signal?.throwIfAborted();
        const read = copy.read(each.topic, each.partition, next, end, READ_AT_ONCE);
        records += read.records.length;
        done += read.next - next;
        next = read.next;
        onRead?.(done, total);
        await othersTurn();
      }
    }
    return { log: copy.identity, records };
  } finally {
    await copy.close();
  }
}

async function printOf(path: string, signal: AbortSignal | undefined) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/** A file, or a folder's list of files, onto the disk. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
