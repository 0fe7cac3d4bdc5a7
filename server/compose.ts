/**
 * Puts the parts together: the roles of one process on the chosen engines. The only place that knows all of them; what
 * belongs to a process (arguments, signals, exit) is in `main.ts`.
 */
import type { Logger } from 'pino';
import { serveProbes, startGateway } from '../gateway/index.ts';
import { type EventLog, LogMisconfigured, LogUnavailable } from '../log/event-log.ts';
import { prepareTopics } from '../operations/prepare-topics.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import type { Services } from '../resolvers/context.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import { ViewsMisconfigured, ViewsUnavailable } from '../views/view-store.ts';
import type { Configuration } from './configuration.ts';
import { tellOfProcess } from './console.ts';
import { type OpenedViews, openLog, openViews } from './engines.ts';
import { type Done, Observation } from './observation.ts';
import { startProcessing, startSending } from './processing.ts';
import { startProjecting } from './projecting.ts';
import { startSealing } from './sealing.ts';
import { startServing } from './serving.ts';
import { Starting } from './starting.ts';
import { ROLES } from './variables.ts';
import type { Endings, Work } from './work.ts';

export interface Counterfoil {
  /** Where the gateway, or without that role the probes, can be reached. */
  readonly url: string;
  /** Resolves once the log is open and its topics are as they should be. @throws like `ready` */
  opened(): Promise<void>;
  /**
   * Resolves when everything the log held at the start has been restored, processed and projected.
   * @throws with a message for people when an engine cannot be opened, or a topic's settings would lose data
   * @throws {StartGivenUp} when it was stopped before
   */
  ready(): Promise<void>;
  /** No new mutations, running ones answered, subscribers told to come back, positions committed. At any time. */
  stop(): Promise<void>;
}

/**
 * Listens, and starts all the rest behind that: the probes answer from the first moment, whatever has to be read, and
 * GraphQL says what it waits for.
 * @throws {ConfigurationError} when it cannot listen there
 */
export async function startCounterfoil(configuration: Configuration, logger: Logger): Promise<Counterfoil> {
  const { log, roles, tracing } = configuration;
  const telemetry = await openTelemetry({ tracing, service: serviceOf(roles), logger });
  const { metrics } = telemetry;
  const parts = new Observation(metrics);
  parts.opening('log');
  if (usesViews(configuration)) parts.opening('views');
  const starting = new Starting({
    parts,
    logger,
    // No retry: what is wrong with the embedded log, or with how the engines are reached, does not go away by itself.
    isOutage: (error) =>
      !(error instanceof LogMisconfigured || error instanceof ViewsMisconfigured) &&
      (error instanceof ViewsUnavailable || (log.engine === 'kafka' && error instanceof LogUnavailable)),
  });
  const endings: Endings = [() => telemetry.close()];
  const work: Work = { configuration, logger, telemetry, parts, starting, endings };

  let services: Services | undefined;
  const http = { configuration, metrics, logger, health: () => parts.report() };
  const service = roles.has('gateway')
    ? await startGateway({ ...http, services: () => services, awaited: () => parts.awaited() })
    : await serveProbes(http);

  const opening = openTheLog(work);
  const started = opening.then((log) =>
    start(work, log, (opened) => {
      services = opened;
    }),
  );
  const ready = started.then(() => parts.caughtUp());
  // Callers of `ready` get the error; without any, it must not end the process as an unhandled rejection.
  ready.catch(() => undefined);

  async function end(): Promise<void> {
    starting.giveUp();
    await service.drain();
    await started.catch(() => undefined);
    for (const each of endings.splice(0).reverse()) await each();
  }
  let ended: Promise<void> | undefined;
  return {
    url: service.url,
    opened: () => opening.then(() => undefined),
    ready: () => ready,
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** Its name in traces: by its roles, unless it has them all. */
function serviceOf(roles: Configuration['roles']): string {
  return roles.size === ROLES.length ? 'counterfoil' : `counterfoil-${[...roles].join('-')}`;
}

function usesViews({ roles }: Configuration): boolean {
  return roles.has('gateway') || roles.has('projector');
}

async function openTheLog({ configuration, logger, telemetry, parts, starting, endings }: Work): Promise<EventLog> {
  const opened = await starting.attempt(
    'log',
    () => openLog(configuration, { logger, signal: starting.signal }),
    (late) => late.close(),
  );
  const log = telemetry.log(opened);
  endings.push(() => log.close());
  const created = await starting.attempt('log', () =>
    prepareTopics(log, { partitions: configuration.partitions, signal: starting.signal }),
  );
  if (created.length > 0) logger.info({ topics: created }, 'topics created');
  parts.opened('log', () => log.ends([TRANSACTIONS]));
  return log;
}

/** Starts the roles on the log, one after another, and opens the views for those that need them. */
async function start(work: Work, log: EventLog, serve: (services: Services) => void): Promise<void> {
  const { configuration, logger, parts, starting, endings } = work;
  const { roles } = configuration;
  const telling = tellOfProcess(work, log);
  endings.push(() => telling.processes.stop());
  const sealing = await starting.attempt(
    'log',
    () => startSealing(configuration, log, logger),
    (late) => late.stop(),
  );
  endings.push(() => sealing.stop());
  parts.add('keys of personal fields', sealing.following);
  if (roles.has('processor')) await startProcessing(work, log);
  if (roles.has('outbox')) await startSending(work, log, sealing);
  if (!usesViews(configuration)) return;

  const opened = await starting.attempt(
    'views',
    () => openViews(configuration, logger),
    (late) => late.views.close(),
  );
  const { views } = opened;
  endings.push(() => views.close());
  parts.opened('views', () => checkViews(opened));
  if (roles.has('projector')) {
    let rebuilt: Done | undefined;
    parts.rebuilding(() => (opened.health().state === 'trouble' ? undefined : rebuilt));
    await starting.attempt('views', () =>
      opened.reshape(sealing.opened, {
        signal: starting.signal,
        onRead: (done, total) => {
          rebuilt = { done, total };
        },
      }),
    );
    parts.rebuilding(() => undefined);
    await startProjecting(work, sealing.opened, views);
  }
  if (roles.has('gateway')) serve(await startServing(work, log, sealing, opened, telling));
}

/** What the store knows of itself, and whether it answers. */
async function checkViews({ views, health }: OpenedViews): Promise<void> {
  const known = health();
  if (known.state === 'trouble') throw new ViewsUnavailable(known.detail);
  await views.ping();
}
