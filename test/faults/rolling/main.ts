/** `npm run test:rolling -- --minutes 30`: the rolling run, its figures, exit status 1 when anything was not as it must be. */
import { Command, InvalidArgumentError } from 'commander';
import { tableOf } from '../../../bench/soak/judged.ts';
import { countViolations } from '../checker/index.ts';
import { printed } from '../report.ts';
import { Endings, type RollingResult, rollingRun } from './run.ts';

function above0(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number < 1e6)) throw new InvalidArgumentError('it must be a number above 0');
  return number;
}

const options = new Command('test:rolling')
  .description(
    'two gateways, three processors and two projectors on three brokers and three mongods: started in any order before those, ' +
      'then restarted one after another under load; every request is answered or may be sent again, nothing is lost, memory is flat',
  )
  .option('--minutes <n>', 'how long under load', above0, 30)
  .option('--rate <n>', 'operations a second that clients begin together; keep it well below capacity', above0, 20)
  .option('--clients <n>', 'clients at the same time', above0, 16)
  .option('--seed <n>', 'repeats the choices of an earlier run', above0, (Date.now() % 1_000_000) + 1)
  .parse()
  .opts<{ minutes: number; rate: number; clients: number; seed: number }>();

const print = (line: string) => void process.stdout.write(`${line}\n`);
const endings = new Endings();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not wait; servers end with this process all the same.
    if (interrupted) process.exit(130);
    interrupted = true;
    print('ending what was started; once more: at once');
    void endings.run().finally(() => process.exit(130));
  });
}

function counts(of: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(of)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
}

/** Of what is judged; the rest is told when it is not flat. */
const TOLD = /^(memory of its own|heap in use|partition_lag_records (projector|processor purchases|transactions)$)/;

function told({ figures, violations, answers, restarts, memory, toldElsewhere, wrong }: RollingResult): string {
  const slowest = (of: 'endedAfter' | 'readyAfter') => Math.max(0, ...restarts.map((each) => each[of]));
  return [
    printed(figures, violations),
    `${restarts.length} restarts: ended within ${slowest('endedAfter')} ms of SIGTERM, ready within ${slowest('readyAfter')} ms`,
    'told to ask again:',
    ...counts(answers.retriable),
    "the workload's own doing:",
    ...counts(answers.itsOwn),
    `${toldElsewhere} subscribers were told the end at another gateway than the mutation's`,
    '',
    tableOf(memory.filter(({ series, verdict }) => verdict?.flat === false || TOLD.test(series.what))),
    '',
    wrong.length === 0
      ? 'nothing else is wrong; lag is zero'
      : `wrong:\n${wrong.map((each) => `  ${each}`).join('\n')}`,
  ].join('\n');
}

try {
  const result = await rollingRun({ ...options, print }, endings);
  print(told(result));
  const failed = countViolations(result.violations) + result.wrong.length > 0;
  // The outputs stay when something was wrong: servers end with this process.
  if (!failed) await endings.run();
  process.exit(failed ? 1 : 0);
} catch (error) {
  // What is asked of engines that are being ended fails, which is no news.
  if (!interrupted) {
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  }
}
