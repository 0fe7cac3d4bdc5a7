/** The console's parts, put together: what every process tells of itself, and what a gateway shows and does of all of them. */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { History } from '../history/history.ts';
import type { Executor } from '../import/executor.ts';
import type { EventLog } from '../log/event-log.ts';
import { Console } from '../operations/console.ts';
import { DeadLetterList } from '../operations/dead-letter-list.ts';
import { Processes } from '../operations/processes.ts';
import type { Job, PartOfProcess } from '../records/process-report.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { pause } from '../waiting/pause.ts';
import type { Configuration } from './configuration.ts';
import type { OpenedViews } from './engines.ts';
import { createJobs, type OnProgress, type StoppableJobs } from './jobs.ts';
import type { Observation, PartInDetail } from './observation.ts';
import { version } from './version.ts';

interface Process {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly parts: Observation;
}

/** The processes as this one knows them. It tells of itself from now on, until it is stopped. */
export interface Telling {
  readonly processes: Processes;
  /** Asked for what this process has under way. */
  job(): Job | null;
}

export function tellOfProcess({ configuration, logger, parts }: Process, log: EventLog): Telling {
  const { roles, partitions } = configuration;
  const startedAt = new Date(performance.timeOrigin).toISOString();
  const telling: Telling = {
    job: () => null,
    processes: new Processes({
      ...{ log, partitions, shared: configuration.log.engine === 'kafka' },
      own: async () => ({
        ...{ roles: [...roles], host: hostname(), pid: process.pid, version, startedAt },
        parts: (await parts.details()).map(reportOf),
        job: telling.job(),
      }),
      onTrouble: (err) =>
        logger.warn(
          { err },
          'processes cannot tell each other how they are (the topic processes): consoles show others as gone, or not at all',
        ),
    }),
  };
  return telling;
}

function reportOf({ name, ready, state, detail, partitions }: PartInDetail): PartOfProcess {
  return {
    ...{ name, ready, state, detail: detail ?? null },
    partitions: partitions.map(({ topic, partition, state: at, lag, seconds, restored }) => ({
      ...{ topic, partition, state: at, records: Math.max(0, lag), restored: restored ?? null },
      seconds: Math.round(seconds * 10) / 10,
    })),
  };
}

export interface OpenConsoleOptions extends Process {
  readonly log: EventLog;
  readonly opened: OpenedViews;
  readonly tracker: TransactionTracker;
  readonly history: History;
  readonly telling: Telling;
  executorFor(viewer: ViewerIdentity): Executor;
}

export interface OpenedConsole {
  readonly console: Console;
  stop(): Promise<void>;
}

export function openConsole(options: OpenConsoleOptions): OpenedConsole {
  const { log, logger, opened, tracker, history, parts, telling, executorFor } = options;
  const { processes } = telling;
  processes.follow();
  const { rebuild } = opened;
  const jobs: StoppableJobs = createJobs({
    ...{ executorFor, logger },
    rebuildHere: rebuild && ((onProgress, signal) => rebuildOwn(rebuild, { opened, parts, onProgress, signal })),
    onChange: () => void processes.tell(),
  });
  Object.assign(telling, { job: () => jobs.now() });
  const console = new Console({
    ...{ processes, jobs, tracker, history, views: opened.views },
    deadLetters: new DeadLetterList(log),
    onDeed: (deed, about) => logger.info(about, deed),
    onTrouble: (error) => logger.warn({ err: error }, 'those who follow the console cannot be told; it is tried again'),
  });
  return {
    console,
    async stop() {
      console.stop();
      await jobs.stop();
    },
  };
}

interface Rebuilding extends Pick<OpenConsoleOptions, 'opened' | 'parts'> {
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 100;

/** Views that are this process's own: its projectors fill them, and nobody reads them meanwhile. */
async function rebuildOwn(
  rebuild: () => Promise<void>,
  { opened, parts, onProgress, signal }: Rebuilding,
): Promise<string> {
  await rebuild();
  while (opened.health().state === 'trouble') {
    signal.throwIfAborted();
    const { done, total } = parts.doneBy('projector');
    onProgress('views', done, total);
    await pause(LOOK_EVERY_MS, { signal });
  }
  return 'the views have been built anew from the log';
}
