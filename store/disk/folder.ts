/**
 * The folder that a process has for its stores. Several processes on one host may be given the same place: each takes the
 * first numbered folder that no living process has. A lock of the operating system says so, and ends with its process.
 *
 * lmdb writes here without flushing (`noSync`), so a machine that loses its power may leave a damaged file behind. A mark
 * beside the data tells: it names the boot of the machine in which the file was written, and whether it was closed and
 * flushed. After a killed process the system's page cache still has all that was written; after another boot it has not.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { FILES } from './environment.ts';

export interface StoreFolder {
  readonly dir: string;
  /** Notes that nothing went wrong for a while. */
  healthy(): void;
  /** Flushes the data, which nobody must have open any more, notes that, and gives the folder back. */
  closed(): void;
  /** What is in the folder is not to be used by the next process that has it. */
  spoil(): void;
}

/** The part of fs-native-extensions that is used. It comes without types. */
interface FileLocks {
  /** Locks a range of bytes for this opening of the file alone; false when another opening has it. */
  tryLock(fd: number, offset: number, length: number): boolean;
}

const mark = z.object({
  boot: z.string(),
  flushed: z.boolean(),
  /** How many processes in a row have opened the folder and ended soon, in whichever way. */
  starts: z.int(),
});
type Mark = z.infer<typeof mark>;

const MARK = 'mark.json';
const MOST_FOLDERS = 1000;
/** A damaged file can end the process that reads it (SIGBUS): after so many such starts it is not tried again. */
const MOST_STARTS = 5;
const ASK_EVERY_MS = 20;
/** Windows lets nobody read or write what is locked: so it is one byte that the file will never hold. */
const LOCKED_BYTE = 2 ** 30;

/**
 * @param patienceMs how long the first folder is waited for: more than 0 where no other process can have it for long
 * @throws when there is none, or no file can be locked here
 */
export async function claimFolder(base: string, patienceMs: number): Promise<StoreFolder> {
  const locks = createRequire(import.meta.url)('fs-native-extensions') as FileLocks;
  const deadline = Date.now() + patienceMs;
  for (let number = 1; number <= MOST_FOLDERS; number++) {
    const dir = join(base, String(number));
    mkdirSync(dir, { recursive: true });
    const fd = openSync(join(dir, 'owner.lock'), 'a+');
    const tried = () =>
      locks.tryLock(fd, process.platform === 'darwin' ? 0 : LOCKED_BYTE, process.platform === 'darwin' ? 0 : 1);
    let had = tried();
    while (!had && Date.now() < deadline) {
      await pause(ASK_EVERY_MS);
      had = tried();
    }
    if (had) return opened(dir, fd);
    closeSync(fd);
  }
  throw new Error(`all ${MOST_FOLDERS} folders in ${base} are in use`);
}

function opened(dir: string, fd: number): StoreFolder {
  const was = readMark(dir);
  const boot = bootId();
  const intact = was !== undefined && was.starts < MOST_STARTS && (was.flushed || (boot !== '' && was.boot === boot));
  if (!intact) for (const file of FILES) rmSync(join(dir, file), { force: true });
  const starts = intact ? was.starts + 1 : 1;
  writeMark(dir, { boot, flushed: false, starts });
  let spoiled = false;
  return {
    dir,
    healthy() {
      if (!spoiled) writeMark(dir, { boot, flushed: false, starts: 0 });
    },
    spoil() {
      spoiled = true;
      writeMark(dir, { boot: '', flushed: false, starts: 0 });
    },
    closed() {
      try {
        if (spoiled) return;
        for (const file of FILES) if (existsSync(join(dir, file))) flush(join(dir, file), 'r+');
        writeMark(dir, { boot, flushed: true, starts: 0 });
      } finally {
        // Closing the file ends its lock.
        closeSync(fd);
      }
    },
  };
}

function readMark(dir: string): Mark | undefined {
  try {
    return mark.parse(JSON.parse(readFileSync(join(dir, MARK), 'utf8')));
  } catch {
    return undefined;
  }
}

/** On the disk before anything else is written: or a mark from before would vouch for it. */
function writeMark(dir: string, written: Mark): void {
  const path = join(dir, MARK);
  writeFileSync(path, JSON.stringify(written), { flush: true });
  if (process.platform !== 'win32') flush(dir, 'r');
}

function flush(path: string, flags: string): void {
  const fd = openSync(path, flags);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Another one after each boot of the machine; empty where none can be told: only what was flushed is trusted then. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
