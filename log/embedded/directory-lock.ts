/**
 * One writer per data folder: a file with the id of the process that has it. A process that was killed leaves its file
 * behind; the next one finds nobody alive under that id and takes over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LogUnavailable } from '../event-log.ts';

interface Owner {
  readonly pid: number;
  /** Tells a process from a later one with the same id (always 1 in a container). Empty where the system does not say. */
  readonly born: string;
}

/** Folders that this process has: a file with our own id and a folder not in here was left by a predecessor. */
const held = new Set<string>();

/** @throws {LogUnavailable} when another process, or this one, has the folder open for writing. */
export function lockDirectory(dir: string): () => void {
  mkdirSync(dir, { recursive: true });
  const path = resolve(dir, 'owner.lock');
  if (held.has(path)) throw new LogUnavailable(`${dir} is already open in this process: close that log first`);
  const mine: Owner = { pid: process.pid, born: birthOf(process.pid) };
  const draft = join(dir, `owner.${process.pid}.draft`);
  writeFileSync(draft, JSON.stringify(mine));
  try {
    // A link appears with its content or not at all, and never replaces another file.
    while (!linked(draft, path)) {
      const owner = ownerIn(path);
      if (owner !== undefined && isAlive(owner)) {
        throw new LogUnavailable(
          `${dir} is in use by process ${owner.pid}: the embedded log has one process at a time. ` +
            'Stop that process, choose another DATA_DIR, or run on Kafka (KAFKA_BROKERS) for several processes',
        );
      }
      removeStale(path, owner);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the stale file away before deleting it: of two processes that find it at once, one alone succeeds. */
function removeStale(path: string, stale: Owner | undefined): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = ownerIn(aside);
  if (moved !== undefined && (moved.pid !== stale?.pid || moved.born !== stale.born)) linked(aside, path);
  rmSync(aside, { force: true });
}

function ownerIn(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('born' in owner)) return undefined;
    const { pid, born } = owner;
    return typeof pid === 'number' && typeof born === 'string' ? { pid, born } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, born }: Owner): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const now = birthOf(pid);
  return now === '' || born === '' || now === born;
}

/** When a process was started, in the kernel's own count: field 22 of its stat on Linux. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
