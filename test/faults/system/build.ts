/** Builds the server once for all the processes of a run, so that each starts quickly and all run the same code. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUNDLED_SERVER, completeServer } from '../../../scripts/bundle.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/** The compiler's exit status; whether all types are right is another check's to tell. */
const BUILT_WITH_WRONG_TYPES = 2;

/** What a build's process runs; of an earlier version, its modules. */
export function mainOf(build: string): string {
  const main = join(build, BUNDLED_SERVER);
  return existsSync(main) ? main : join(build, 'server', 'main.js');
}

/** @returns the folder of the build, see `mainOf`. @throws with the compiler's output */
export async function buildServer(): Promise<string> {
  const build = join(REPOSITORY, '.cache', 'faults-build');
  const compiler = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  const to = ['--outDir', build, '--tsBuildInfoFile', join(build, '.tsbuildinfo')];
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json', ...to], { cwd: REPOSITORY });
  } catch (error) {
    const { code, stdout } = error as { readonly code?: unknown; readonly stdout?: unknown };
    if (code !== BUILT_WITH_WRONG_TYPES) throw new Error(`the server does not build:\n${stdout ?? String(error)}`);
  }
  await completeServer(build);
  return build;
}
