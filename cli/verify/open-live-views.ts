/** The views that are verified: in MongoDB as they stand there, embedded ones through the server that has them. */
import { type LiveViews, viewsInStore } from '../../audit/live-views.ts';
import { OperationFailed, Unreachable } from '../../import/executor.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { Configuration } from '../../server/configuration.ts';
import { openViews } from '../../server/engines.ts';
import { CommandFailed } from '../failure.ts';
import { serverExecutor } from '../for-server.ts';
import { createRemoteExecutor } from '../remote-executor.ts';
import { remoteOptions, type ServerOptions } from '../server-options.ts';
import { silent } from '../with-log.ts';
import { viewsOverGraphql } from './views-over-graphql.ts';

export interface OpenedLiveViews {
  /** Runs `use` on the views. @throws {CommandFailed} in one line, when the server cannot be reached or refuses */
  use<T>(use: (live: LiveViews) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens them, and reads a little: whether they can be read at all is to be known before a long log is folded.
 * @throws {CommandFailed} in one line, when the server cannot be reached or refuses
 */
export async function openLiveViews(
  options: ServerOptions & { readonly forServer?: true },
  log: EventLog,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<OpenedLiveViews> {
  if (configuration.views.engine !== 'embedded') {
    const { views: store } = await openViews(configuration, silent);
    return { use: (use) => use(viewsInStore(store, log)), close: () => store.close() };
  }
  const remote = options.forServer ? undefined : createRemoteExecutor(remoteOptions(options, signal));
  const executor = remote ?? serverExecutor();
  const opened: OpenedLiveViews = {
    use: (use) => use(viewsOverGraphql(executor)).catch(tellPlainly),
    close: async () => await remote?.close(),
  };
  try {
    await opened.use(readALittle);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The first documents of one view. */
async function readALittle(live: LiveViews): Promise<void> {
  for (const view of live.views.slice(0, 1)) for await (const _ of live.pages(view)) return;
}

function tellPlainly(error: unknown): never {
  if (error instanceof Unreachable) {
    throw new CommandFailed(
      `${error.message}; embedded views are compared through the running server: start it, say where it is with --url, ` +
        'or leave them out with --no-views',
    );
  }
  if (error instanceof OperationFailed) {
    throw new CommandFailed(`the server refused: ${error.message}; it takes an admin's --token`);
  }
  throw error;
}
