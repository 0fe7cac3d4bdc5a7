/**
 * Builds what `npm start` runs: the server into `dist/`, and of that a bundle, the schema and the list of the page's operations beside it, and the
 * page into `web/dist/`, with the documentation. With `--if-stale` only when a source is newer than the last build, so that starting again costs nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeServer } from './bundle.ts';

const ROOT = join(import.meta.dirname, '..');
const STAMP = join(ROOT, 'dist', '.built');
/** Folders that no build reads. */
const IGNORED = new Set(['node_modules', 'dist', 'data', 'test', 'bench', 'examples', 'scripts']);
const SOURCE = /\.(ts|tsx|css|html|graphql|svg|woff2|webmanifest|js|json|md)$/;

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When the newest source below `folder` was changed; folders count too, so that a removed file is noticed. */
function newest(folder: string): number {
  let latest = folder === ROOT ? 0 : modified(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || IGNORED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (SOURCE.test(entry.name)) latest = Math.max(latest, modified(path));
  }
  return latest;
}

async function timed(what: string, build: () => Promise<void> | void): Promise<void> {
  const started = Date.now();
  try {
    await build();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`building ${what} failed: mend what is told above, then run npm run build\n`);
    process.exit(process.argv.includes('--optional') ? 0 : 1);
  }
  process.stdout.write(`built ${what} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function run(what: string, command: string, ...args: string[]): Promise<void> {
  return timed(what, () => {
    const { status, stdout, stderr, error } = spawnSync(join(ROOT, 'node_modules', '.bin', command), args, {
      cwd: ROOT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  });
}

if (process.argv.includes('--if-stale') && modified(STAMP) > newest(ROOT)) process.exit(0);

rmSync(STAMP, { force: true });
// Made before the clock is read: a folder that appears in `web/` counts as a change of `web/`.
for (const folder of ['dist', join('web', 'dist')]) mkdirSync(join(ROOT, folder), { recursive: true });
// Sources added while this runs are newer than its beginning, and the next build takes them in. The next millisecond, since
// the file system's times are finer than the clock's.
const began = new Date(Date.now() + 1);
await run('the server', 'tsc', '-p', 'tsconfig.build.json');
await timed('the bundle of the server', () => completeServer(join(ROOT, 'dist')));
await run("the list of the page's operations", 'tsx', join('scripts', 'operations.ts'));
await run('the page', 'vite', 'build', 'web', '--logLevel', 'warn');
await run('the documentation', 'tsx', join('scripts', 'write-documentation.ts'));
writeFileSync(STAMP, '');
utimesSync(STAMP, began, began);
