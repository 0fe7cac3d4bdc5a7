/** The checkout that the command line runs from, and the tools in it. A package of what was built has no sources. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed } from '../failure.ts';

/** What only a checkout with its development packages has. */
const MARKS = ['domain/index.ts', 'cli/new/templates', 'biome.json', 'node_modules/.bin/biome'];

/** The folder of the checkout. @throws {CommandFailed} when this is none */
export function checkoutFolder(): string {
  // From `cli/new/`, or from `dist/cli/new/`.
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  const missing = MARKS.find((mark) => !existsSync(join(folder, mark)));
  if (missing === undefined) return folder;
  throw new CommandFailed(
    `new writes source files, so it needs a checkout with its packages (git clone, npm ci); ${folder} has no ${missing}`,
  );
}

/** Runs a tool in the checkout. @throws {CommandFailed} with what it said, and what is to be done then */
export function runTool(folder: string, command: readonly [string, ...string[]], then: string): void {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : `${error.message}\n`}`);
  throw new CommandFailed(`${command.join(' ')} failed: ${then}`);
}
