/** `counterfoil backup` and `counterfoil restore`: the embedded log, copied while a server runs on it, and put back. */
import { type Backup, restoreBackup, takeBackup } from '../log/embedded/backup.ts';
import type { Configuration } from '../server/configuration.ts';
import { CommandFailed } from './failure.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { commandConfiguration } from './with-log.ts';

const MB = 1e6;

/** `folder`: where the copy is to stand, a folder that is not there yet. */
export async function backupCommand(folder: string): Promise<void> {
  const dir = embeddedFolder(commandConfiguration());
  await interruptible(async (signal) => {
    const bar = createProgressBar();
    try {
      const backup = await takeBackup({
        ...{ dir, to: folder, signal },
        onRead: (done, total) => bar.update('reading it again', done, total),
      });
      bar.end();
      process.stdout.write(`${folder} is a whole backup of ${dir}: ${told(backup)}\n`);
      process.stdout.write(
        'the master key is not in it: keep a copy of that elsewhere, or every name in the backup is lost\n',
      );
    } finally {
      bar.end();
    }
  }, 'no backup was made');
}

/** `folder`: a backup. */
export async function restoreCommand(folder: string): Promise<void> {
  const configuration = commandConfiguration();
  const dir = embeddedFolder(configuration);
  await interruptible(async (signal) => {
    const backup = await restoreBackup({ from: folder, dir, signal });
    process.stdout.write(`${dir} holds the log of the backup: ${told(backup)}\n`);
    process.stdout.write('states and embedded views are made anew of it at the next start\n');
    process.stdout.write(
      'before that, put its master key back (master.key in the folder, or MASTER_KEY), and run `counterfoil erasures apply`, so that who was erased since stays so\n',
    );
    if (configuration.views.engine === 'mongo') {
      process.stdout.write('the views in MongoDB may be ahead of it: run `counterfoil rebuild` before you start\n');
    }
  }, 'nothing was restored');
}

/** @throws {CommandFailed} where the log is on Kafka */
function embeddedFolder({ log, dataDirectory }: Configuration): string {
  if (log.engine === 'embedded') return dataDirectory;
  throw new CommandFailed(
    'on Kafka the log itself is the backup: its copies are those of TOPIC_REPLICATION, and another cluster gets one with ' +
      '`counterfoil copy`. This command is for the embedded log: unset KAFKA_BROKERS',
  );
}

function told({ records, bytes, takenAt }: Backup): string {
  return `${records} records, ${(bytes / MB).toFixed(1)} MB, as of ${takenAt}`;
}
