/** `counterfoil rebuild`: the views anew from the log, beside the live ones, then switched in one step. */
import { hostname } from 'node:os';
import { viewSpecs } from '../projectors/documents.ts';
import { projectors, SHAPE } from '../projectors/index.ts';
import { RecordsPassedOver, rebuildViews } from '../projectors/rebuild-views.ts';
import { openNextGeneration } from '../views/mongo/generations.ts';
import { CommandFailed } from './failure.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress.ts';
import { commandConfiguration, withLog } from './with-log.ts';

export interface RebuildCommandOptions {
  /** Switch although records cannot be read, and go without what they hold. */
  readonly acceptUnreadable?: boolean;
}

export async function rebuildCommand({ acceptUnreadable = false }: RebuildCommandOptions = {}): Promise<void> {
  const { views } = commandConfiguration();
  if (views.engine === 'embedded') {
    process.stdout.write('nothing to do: embedded views are rebuilt from the log at each start; restart the server\n');
    return;
  }
  const { url, database } = views;
  await interruptible(async (signal) => {
    const owner = `${hostname()}, process ${process.pid}`;
    const next = await openNextGeneration({ url, database, views: viewSpecs, shape: SHAPE, owner });
    if (next.outcome === 'busy') {
      const until = next.expiresAt.toISOString();
      throw new CommandFailed(
        `a rebuild is under way already, by ${next.owner}: wait for it; if it has died, its claim ends at ${until}`,
      );
    }
    const bar = createProgressBar();
    try {
      const records = await withLog('read', async (log) => {
        const ends = await log.ends(projectors.map(({ topic }) => topic));
        const total = ends.reduce((sum, { offset }) => sum + offset, 0);
        let done = 0;
        return await rebuildViews({
          log,
          next,
          projectors,
          signal,
          acceptUnreadable,
          onUnreadable: ({ topic, partition, offset }, reason) =>
            process.stderr.write(`passed over ${topic}/${partition}@${offset}: ${reason}\n`),
          onRead: (offsets) => {
            done += offsets;
            bar.update('views', done, Math.max(done, total));
          },
        });
      });
      bar.end();
      process.stdout.write(
        `the views have been rebuilt from ${records} records: generation ${next.generation} is live\n`,
      );
    } catch (error) {
      bar.end();
      await next.abandon();
      if (error instanceof RecordsPassedOver) throw new CommandFailed(error.message);
      throw error;
    } finally {
      await next.close();
    }
  });
}
