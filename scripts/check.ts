/**
 * `npm test`: everything that must hold before a change goes in, the cheap checks first. All checks run, and each that
 * fails says what to do; the tests run only once the checks hold. `npm test -- FILTER` passes the rest to vitest.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generatedTexts } from './generated-texts.ts';

const ROOT = join(import.meta.dirname, '..');

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** What to do when it fails. */
  readonly mend: string;
  /** Files that the command writes: it fails when they were not what they are afterwards. */
  readonly writes?: readonly string[];
}

const checks: readonly Check[] = [
  {
    name: 'format',
    command: ['biome', 'check', '--linter-enabled=false', '--max-diagnostics=20', '.'],
    mend: 'run npm run format',
  },
  { name: 'lint', command: ['biome', 'lint', '--error-on-warnings', '.'], mend: 'mend what npm run lint tells' },
  { name: 'types', command: ['tsc', '-p', '.'], mend: 'mend what npm run types tells' },
  { name: 'types of the page', command: ['tsc', '-p', 'web'], mend: 'mend what npm run types tells' },
  {
    name: 'import directions',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', '.'],
    mend: 'import only what .dependency-cruiser.cjs lists for the folder',
  },
  { name: 'nothing unused', command: ['knip', '--no-progress'], mend: 'delete what is told above, or use it' },
  {
    name: 'generated types',
    command: ['graphql-codegen', '--config', 'codegen.ts'],
    writes: ['schema/types.generated.ts'],
    mend: 'it was out of date and has been written anew: commit it (npm run generate)',
  },
  {
    name: 'generated operations of the page',
    command: ['graphql-codegen', '--config', 'web/codegen.ts'],
    writes: ['web/src/gql'],
    mend: 'they were out of date and have been written anew: commit them (npm run generate)',
  },
  {
    name: 'generated texts',
    command: ['tsx', 'scripts/write-texts.ts'],
    writes: generatedTexts.map(({ path }) => path),
    mend: 'they were out of date and have been written anew: read them, then commit them (npm run generate)',
  },
  { name: 'build', command: ['tsx', 'scripts/build.ts'], mend: 'mend what npm run build tells' },
];

/** The text of a file, or of all files of a folder. */
function contentOf(path: string): string {
  const full = join(ROOT, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found === undefined) return '';
  if (found.isFile()) return readFileSync(full, 'utf8');
  return readdirSync(full)
    .map((name) => `${name}\n${contentOf(join(path, name))}`)
    .join('\n');
}

function run(command: Check['command'], stdio: 'pipe' | 'inherit') {
  const [program, ...args] = command;
  return spawnSync(join(ROOT, 'node_modules', '.bin', program), args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', stdio, stdio],
    maxBuffer: 64 * 2 ** 20,
  });
}

function holds({ name, command, writes = [], mend }: Check): boolean {
  process.stdout.write(`${name} …`);
  const started = Date.now();
  const before = writes.map(contentOf);
  const { status, stdout, stderr, error } = run(command, 'pipe');
  const upToDate = writes.every((path, at) => contentOf(path) === before[at]);
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (status === 0 && upToDate) {
    process.stdout.write(` ok (${took})\n`);
    return true;
  }
  const said = status === 0 ? '' : `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`;
  process.stdout.write(` FAILED (${took})\n${said.trimEnd()}\n→ ${name}: ${mend}\n\n`);
  return false;
}

const failed = checks.filter((check) => !holds(check));
if (failed.length > 0) {
  process.stdout.write('The tests were not run, because these checks failed:\n');
  for (const { name, mend } of failed) process.stdout.write(`  ${name}: ${mend}\n`);
  process.stdout.write(`${checks.length - failed.length} passed, ${failed.length} failed\n`);
  process.exit(1);
}
process.exit(run(['vitest', 'run', ...process.argv.slice(2)], 'inherit').status ?? 1);
