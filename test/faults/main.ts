/** `npm run test:faults -- --engines kafka-mongo --seconds 600 --seed 1`: one run, its figures, exit status 1 on any violation. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { countViolations } from './checker/index.ts';
import { printed } from './report.ts';
import { ENGINES, type Engines, run } from './run.ts';
import { MISTAKES, type Mistake } from './system/mistakes.ts';

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it must be a whole number');
  return Number(text);
}

/** Operations a second; clients wait for answers, which comes first. */
const NO_LIMIT = 100_000;

const { engines, seconds, seed, kills, clients, rate, only, mistake, healthy, other, json, keep } = new Command(
  'test:faults',
)
  .description('breaks a running system in every way it is to survive, and checks what it promised')
  .addOption(new Option('--engines <which>').choices(ENGINES).default('kafka-mongo'))
  .option('--seconds <n>', 'how long under load and faults', wholeNumber, 600)
  .option('--seed <n>', 'repeats the choices of an earlier run', wholeNumber, Date.now() % 1_000_000)
  .option('--kills <n>', 'goes on until so many processes were killed', wholeNumber, 0)
  .option('--clients <n>', 'clients at the same time', wholeNumber, 48)
  .option('--rate <n>', 'operations a second that they begin together (default: 150; healthy: no limit)', wholeNumber)
  .option('--only <pattern>', 'only faults whose kind it matches')
  .addOption(
    new Option('--mistake <which>', 'runs a server without it, to be found out').choices(Object.keys(MISTAKES)),
  )
  .option('--healthy', 'without any fault, as fast as it goes')
  .option('--other <dir>', 'a build of another version, which some processes run at times')
  .option('--json <file>', 'writes the figures, and what was violated')
  .option('--keep', "keeps the processes' outputs")
  .parse()
  .opts<{
    engines: Engines;
    seconds: number;
    seed: number;
    kills: number;
    clients: number;
    rate?: number;
    only?: string;
    mistake?: Mistake;
    healthy?: true;
    other?: string;
    json?: string;
    keep?: true;
  }>();

const print = (line: string) => void process.stdout.write(`${line}\n`);
// Children end with this process: `exit` handlers do that, and a signal alone would not run them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const result = await run({
    engines,
    seconds,
    seed,
    kills,
    clients,
    ...((rate ?? healthy) ? { rate: rate ?? NO_LIMIT } : {}),
    ...(only ? { only: new RegExp(only) } : {}),
    ...(mistake ? { mistake } : {}),
    ...(healthy ? { healthy } : {}),
    ...(other ? { other: resolve(other) } : {}),
    print,
  });
  print(printed(result.figures, result.violations));
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ ...result.figures, found: result.violations }, null, 2)}\n`);
  }
  const failed = countViolations(result.violations) + result.figures.crashes.length > 0;
  if (failed || keep) print(`the processes' outputs are in ${result.logs}`);
  else await result.clear();
  process.exit(failed ? 1 : 0);
} catch (error) {
  print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
