/** `counterfoil copy`: a whole system that is at rest, to another prefix, cluster or engine, with another number of partitions. */

import { CopyRefused } from '../migration/copy-refused.ts';
import { type CopyResult, copySystem } from '../migration/copy-system.ts';
import type { Configuration } from '../server/configuration.ts';
import { masterKeyFileInUse } from '../server/master-key.ts';
import { CommandFailed } from './failure.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { printDifference } from './verify/output.ts';
import { commandConfiguration, openFor, withLog } from './with-log.ts';

export interface CopyCommandOptions {
  readonly partitions: number;
  readonly toBrokers?: string;
  readonly toPrefix?: string;
  readonly toDir?: string;
}

/** The engine's own variables: they say where the system stands that is copied. */
const OF_KAFKA = /^(KAFKA_|TOPIC_)/;

export async function copyCommand(options: CopyCommandOptions): Promise<void> {
  const target = targetOf(options);
  await interruptible(async (signal) => {
    const bar = createProgressBar();
    try {
      // As a writer: the embedded log then shows that no server runs on it. On Kafka the copy finds out what was written meanwhile.
      const result = await withLog('write', async (from) => {
        const to = await openFor(target, 'write');
        try {
          return await copySystem({
            ...{ from, to, partitions: options.partitions, signal },
            onProgress: (label, done, all) => bar.update(label, done, all),
            onDifference: (difference) => process.stdout.write(printDifference(difference)),
          });
        } finally {
          await to.close();
        }
      });
      bar.end();
      tell(result, target);
      process.stdout.write(masterKeyLeftOut(commandConfiguration(), target));
    } catch (error) {
      bar.end();
      if (error instanceof CopyRefused) throw new CommandFailed(error.message, { cause: error });
      throw error;
    }
  }, 'the copy is not whole: begin anew with another prefix or folder');
}

/** @throws {CommandFailed} for options that do not name one target */
function targetOf({ partitions, toBrokers, toPrefix, toDir }: CopyCommandOptions): Configuration {
  if ((toDir === undefined) === (toPrefix === undefined)) {
    throw new CommandFailed('name the target: either --to-prefix, on Kafka, or --to-dir, a folder of the embedded log');
  }
  if (toDir !== undefined && toBrokers !== undefined) throw new CommandFailed('--to-brokers goes with --to-prefix');
  const count = { PARTITIONS: String(partitions) };
  if (toDir !== undefined) {
    const others = Object.fromEntries(
      Object.keys(process.env)
        .filter((name) => OF_KAFKA.test(name))
        .map((name) => [name, undefined]),
    );
    return commandConfiguration({ ...others, ...count, DATA_DIR: toDir });
  }
  const target = commandConfiguration({
    ...{ ...count, TOPIC_PREFIX: toPrefix },
    ...(toBrokers === undefined ? {} : { KAFKA_BROKERS: toBrokers }),
  });
  if (target.log.engine !== 'kafka')
    throw new CommandFailed('--to-prefix is for Kafka: name its brokers with --to-brokers');
  return target;
}

type Place = Pick<Configuration, 'dataDirectory' | 'masterKeys' | 'log'>;

/** What is to be said of a master key that stands in the folder of the log that was copied, and not in the copy; else nothing. */
export function masterKeyLeftOut(source: Place, target: Pick<Place, 'dataDirectory' | 'log'>): string {
  const file = masterKeyFileInUse(source);
  if (file === undefined) return '';
  const there =
    target.log.engine === 'embedded'
      ? `put ${file} into ${target.dataDirectory}`
      : `let MASTER_KEY_FILE name a copy of ${file} for every process`;
  return `the master key is not in the copy: ${there} before you start, or every name in the copy is lost\n`;
}

function tell({ records, passedOver, audited, differences }: CopyResult, target: Configuration): void {
  for (const place of passedOver) process.stdout.write(`not copied, since nobody can say where it belongs: ${place}\n`);
  const all = Object.values(records).reduce((sum, count) => sum + count, 0);
  const of = Object.values(audited.aggregates).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${all} records copied and read again; ${of} aggregates folded of ${audited.events} events, ${differences} differences\n`,
  );
  const where =
    target.log.engine === 'kafka'
      ? `KAFKA_BROKERS=${target.log.brokers.join()} TOPIC_PREFIX=${target.topicPrefix}`
      : `DATA_DIR=${target.dataDirectory}`;
  process.stdout.write(
    `start the system on it with ${where} PARTITIONS=${target.partitions}, and with views of its own\n`,
  );
  if (differences > 0) process.exitCode = 1;
}
