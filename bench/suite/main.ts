/**
 * `npm run bench [-- NAME… --quick --rounds N --out DIR --purchases N … --folders DIR]`: the rows that are named, or all of them, one after
 * another. Results go to `bench/results/`, those of `--quick`, which say nothing of speed, to `bench/results/quick/`. Data folders of very many purchases take long to make: with `--folders` they are made
 * once, `DIR/1000000`, and used again by the next row or run.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rows } from '../rows/index.ts';
import { runRow } from './bench.ts';
import { Engines } from './engines.ts';
import { writeResult } from './result.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'bench', 'results');

const sizeNames = [...new Set(rows.flatMap(({ full }) => Object.keys(full)))];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    out: { type: 'string' },
    folders: { type: 'string' },
    ...Object.fromEntries(sizeNames.map((name) => [name, { type: 'string' as const }])),
  },
});

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function numberOf(name: string, text: unknown): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) fail(`--${name} must be a whole number above 0`);
  return value;
}

const chosen = positionals.length === 0 ? rows : rows.filter(({ name }) => positionals.includes(name));
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) fail(`there is no row ${unknown.join()}; there are ${rows.map(({ name }) => name).join(', ')}`);
const given = Object.entries(values).filter(([name, value]) => sizeNames.includes(name) && value !== undefined);
const sizes = Object.fromEntries(given.map(([name, value]) => [name, numberOf(name, value)]));
const quick = values.quick === true;
const rounds = values.rounds === undefined ? (quick ? 1 : 5) : numberOf('rounds', values.rounds);
const folders = typeof values.folders === 'string' ? values.folders : undefined;
const out = typeof values.out === 'string' ? values.out : quick ? join(RESULTS, 'quick') : RESULTS;

// The servers that are measured are the built ones.
const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--if-stale'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);

// Servers that were started end with this process, and only with its `exit` event.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const engines = new Engines(quick);
let failed = 0;
for (const row of chosen) {
  const result = await runRow(row, {
    ...{ quick, rounds, sizes, engines, folders },
    onProgress: (so) => writeResult(out, so),
  });
  await writeResult(out, result);
  if (result.failed !== undefined) failed += 1;
}
await engines.end((error) => process.stderr.write(`at the end: ${String(error)}\n`));
process.stdout.write(`\n${chosen.length - failed} rows measured, ${failed} not; results in ${out}\n`);
process.exit(failed === 0 ? 0 : 1);
