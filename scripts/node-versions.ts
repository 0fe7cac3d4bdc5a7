/**
 * `npm run test:node-versions [-- 22 24]`: the unit tests, and the contract tests of the embedded engines, on several lines
 * of Node.js. Each comes from the npm package `node` of that line, so nothing has to be installed; the packages of
 * `node_modules` stay as they are, so native ones are tried as they would be after a change of Node.js alone.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** Those that `engines` allows: Node.js 20 and the two lines of long-term support after it. */
const LINES = ['20', '22', '24'];

/** Packages with a binary of their own, by what is run to show that it loads. */
const NATIVE = ['lmdb', 'fs-native-extensions', 'libsql', 'lz4-napi'];

interface Suite {
  readonly name: string;
  readonly args: readonly string[];
}

const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const suites: readonly Suite[] = [
  ...NATIVE.map((name) => ({ name: `${name} loads`, args: ['-e', `require('${name}')`] })),
  { name: 'unit', args: [...vitest, '--project', 'unit'] },
  { name: 'contract, embedded', args: [...vitest, '--project', 'contract', 'embedded.contract'] },
];

/** Runs a program on a line of Node.js: npx puts it first on the PATH, so that what the tests start runs on it too. */
function onLine(line: string, args: readonly string[], stdio: 'pipe' | 'inherit') {
  return spawnSync('npx', ['--yes', '--package', `node@${line}`, '--', 'node', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    // No Kafka and no MongoDB: those suites do not depend on the line of Node.js as the native packages do.
    env: { ...process.env, TEST_ENGINES: 'none' },
    stdio: ['ignore', stdio, 'inherit'],
  });
}

/** What was run on the line, a row for each suite. */
function tryLine(line: string): readonly string[] {
  const version = onLine(line, ['--version'], 'pipe');
  const name = version.stdout?.trim() ?? '';
  if (version.status !== 0 || !name.startsWith(`v${line}.`)) {
    return [
      `Node.js ${line}: FAILED, it could not be brought here (${name || version.error?.message || 'no version'})`,
    ];
  }
  return suites.map((suite) => {
    process.stdout.write(`\nNode.js ${name}: ${suite.name}\n`);
    return `Node.js ${name}: ${suite.name}: ${onLine(line, suite.args, 'inherit').status === 0 ? 'ok' : 'FAILED'}`;
  });
}

const asked = process.argv.slice(2);
const rows = (asked.length > 0 ? asked : LINES).flatMap(tryLine);
process.stdout.write(`\n${rows.join('\n')}\n`);
process.exit(rows.some((row) => row.includes('FAILED')) ? 1 : 0);
