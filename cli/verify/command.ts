/** `counterfoil verify`: are the books right? Read-only, against a live system. */

import { auditLog } from '../../audit/audit-log.ts';
import { auditedViews, auditViews } from '../../audit/audit-views.ts';
import { decideAgain, type OtherOutcome } from '../../audit/decide-again.ts';
import type { Difference } from '../../audit/difference.ts';
import { aggregateNames } from '../../domain/registry.ts';
import type { EventLog } from '../../log/event-log.ts';
import { processorOf } from '../../processors/index.ts';
import { projectors } from '../../projectors/index.ts';
import { commandsTopic, eventsTopic, PARTS, STATE_TOPICS } from '../../records/topics.ts';
import type { Configuration } from '../../server/configuration.ts';
import { openedForReading } from '../../server/sealing.ts';
import { openTemporaryViews } from '../../views/embedded/embedded-views.ts';
import { endWithServer, progressForServer } from '../for-server.ts';
import { interruptible } from '../interrupt.ts';
import { createProgressBar, type ProgressBar } from '../progress-bar.ts';
import type { ServerOptions } from '../server-options.ts';
import { withLog } from '../with-log.ts';
import { openLiveViews } from './open-live-views.ts';
import { printDifference, printOther, summaryOf, type VerifyResult } from './output.ts';

export interface VerifyOptions extends ServerOptions {
  readonly json?: true;
  readonly decide?: true;
  /** false: `--no-views`. */
  readonly views: boolean;
  /** A server started it, and is told how far it is. */
  readonly forServer?: true;
}

/** Most differences that are kept for `--json`; all of them are counted, and printed without it. */
const KEPT = 10_000;

export async function verifyCommand(options: VerifyOptions): Promise<void> {
  if (options.forServer) endWithServer();
  const result = await interruptible((signal) =>
    withLog('read', async (log, configuration) => await verify(options, log, configuration, signal)),
  );
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : summaryOf(result));
  if (result.differing > 0) process.exitCode = 1;
  else if ((result.views?.unsettled ?? 0) > 0) process.exitCode = 2;
}

async function verify(
  options: VerifyOptions,
  log: EventLog,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const bar = options.forServer ? progressForServer() : createProgressBar();
  const counting = await countingOn(log, bar, options);
  const opened = options.views ? await openLiveViews(options, log, configuration, signal) : undefined;
  const differences: Difference[] = [];
  let differing = 0;
  const report = (difference: Difference): void => {
    differing++;
    if (options.json) {
      if (differences.length < KEPT) differences.push(difference);
    } else process.stdout.write(printDifference(difference));
  };
  try {
    const audited = await auditLog({ log, report, signal, onRead: counting('events') });
    const views = await opened?.use(async (live) => {
      const fresh = openTemporaryViews({ views: auditedViews });
      const shown = await openedForReading(configuration, log);
      return await auditViews({ log: shown, live, fresh, projectors, report, signal, onRead: counting('views') });
    });
    const decided = options.decide ? await decideAll(options, log, signal, counting('commands')) : undefined;
    return { differences, differing, log: audited, views, decided };
  } finally {
    bar.end();
    await opened?.close();
  }
}

async function decideAll(
  { json }: VerifyOptions,
  log: EventLog,
  signal: AbortSignal,
  onRead: (offsets: number) => void,
): Promise<NonNullable<VerifyResult['decided']>> {
  const others: OtherOutcome[] = [];
  const onOther = (other: OtherOutcome): void => {
    if (others.length < KEPT) others.push(other);
    if (!json) process.stdout.write(printOther(other));
  };
  const commands = await decideAgain({ log, processorOf, onOther, signal, onRead });
  return { commands, others };
}

/** Counts offsets read against those there are: state topics are read twice when views are compared. */
async function countingOn(log: EventLog, bar: ProgressBar, options: VerifyOptions) {
  const sum = async (topics: readonly string[]) =>
    (await log.ends(topics)).reduce((total, { offset }) => total + offset, 0);
  const states = await sum(STATE_TOPICS);
  const parts = await sum(Object.values(PARTS));
  const events = await sum(aggregateNames.map(eventsTopic));
  const commands = options.decide ? await sum(aggregateNames.map(commandsTopic)) : 0;
  let total = events + parts + states * (options.views ? 2 : 1) + commands;
  let done = 0;
  return (label: string) =>
    (offsets: number): void => {
      done += offsets;
      total = Math.max(total, done);
      bar.update(label, done, total);
    };
}
