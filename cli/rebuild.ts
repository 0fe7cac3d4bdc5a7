/**
 * `counterfoil rebuild`: the views anew from the log, beside the live ones, then switched in one step. Embedded views belong to
 * the server that runs on them: that builds them anew when it next starts.
 */
import { everyProjector } from '../projectors/index.ts';
import { RecordsPassedOver, rebuildViews } from '../projectors/rebuild-views.ts';
import { nextViews, viewsFolder } from '../server/engines.ts';
import { openedForReading } from '../server/sealing.ts';
import { askForRebuild } from '../views/embedded/embedded-views.ts';
import { CommandFailed } from './failure.ts';
import { endWithServer, progressForServer } from './for-server.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { commandConfiguration, withLog } from './with-log.ts';

export interface RebuildCommandOptions {
  /** Switch although records cannot be read, and go without what they hold. */
  readonly acceptUnreadable?: boolean;
  /** A server started it, and is told how far it is. */
  readonly forServer?: true;
}

export async function rebuildCommand({
  acceptUnreadable = false,
  forServer,
}: RebuildCommandOptions = {}): Promise<void> {
  if (forServer) endWithServer();
  const configuration = commandConfiguration();
  const { views } = configuration;
  if (views.engine === 'embedded') {
    askForRebuild(viewsFolder(configuration));
    process.stdout.write(
      'the embedded views will be built anew from the log when the server next starts: restart it\n',
    );
    return;
  }
  await interruptible(async (signal) => {
    const bar = forServer ? progressForServer() : createProgressBar();
    try {
      const rebuilt = await withLog('read', async (log) =>
        rebuildViews({
          ...{
            log: await openedForReading(configuration, log),
            open: nextViews(views),
            projectors: everyProjector,
            signal,
            acceptUnreadable,
          },
          onUnreadable: ({ topic, partition, offset }, reason) =>
            process.stderr.write(`passed over ${topic}/${partition}@${offset}: ${reason}\n`),
          onRead: (done, total) => bar.update('views', done, total),
        }),
      );
      if (rebuilt.outcome === 'busy') {
        const until = rebuilt.expiresAt.toISOString();
        throw new CommandFailed(
          `a rebuild is under way already, by ${rebuilt.owner}: wait for it; if it has died, its claim ends at ${until}`,
        );
      }
      const { records, generation } = rebuilt;
      bar.end();
      process.stdout.write(`the views have been rebuilt from ${records} records: generation ${generation} is live\n`);
    } catch (error) {
      bar.end();
      if (error instanceof RecordsPassedOver) throw new CommandFailed(error.message);
      throw error;
    }
  });
}
