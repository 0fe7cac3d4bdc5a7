/** Disks of their own for data folders, which can be full: a file system in memory, whose size is taken away and given back. */
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE = '16g';
const MB = 2 ** 20;

/** Why disks cannot be mounted here; undefined: they can. */
export function noDisksBecause(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has them';
  return process.getuid?.() === 0 ? undefined : 'only root may mount them';
}

/** Puts a disk at an empty folder of an engine, which is unmounted with the engine's end. Where that cannot be, nothing is done. */
export async function mountDisk(folder: string): Promise<void> {
  if (noDisksBecause() !== undefined) return;
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]);
}

/** Leaves so many MB free. */
export async function fillDisk(folder: string, leftMb: number): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(folder);
  const bytes = (blocks - bfree) * bsize + leftMb * MB;
  await run('mount', ['-o', `remount,size=${bytes}`, folder]);
}

export async function freeDisk(folder: string): Promise<void> {
  await run('mount', ['-o', `remount,size=${SIZE}`, folder]);
}
