/**
 * A server of an "older version", as a rolling upgrade meets it: one that cannot read `reserveStock`. What it meets of that goes to
 * the dead letters, and the purchase waits; the version of today reads it, once it is put back.
 */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleServer } from '../../scripts/bundle.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const KNOWS = 'if (!Object.hasOwn(commands, type))';

export const OLDER = '0.0.1';

/** @returns a folder with `dist/` in it, for the caller to remove. @throws when the code to be changed is not what it was */
export async function olderBuild(): Promise<string> {
  const build = join(ROOT, 'dist');
  if (!existsSync(join(build, 'server', 'main.js'))) throw new Error('nothing is built: run npm run build');
  // Within the checkout, so that packages are found.
  const folder = await mkdtemp(join(ROOT, '.cache', 'older-'));
  await cp(build, join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', version: OLDER }));
  const file = join(folder, 'dist', 'records', 'command-record.js');
  const text = await readFile(file, 'utf8');
  if (!text.includes(KNOWS)) throw new Error(`${file} does not hold: ${KNOWS}`);
  await writeFile(file, text.replace(KNOWS, "if (type === 'reserveStock' || !Object.hasOwn(commands, type))"));
  await bundleServer(join(folder, 'dist'));
  return folder;
}
