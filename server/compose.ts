/**
 * Puts the parts together: the roles of one process on the chosen engines. The only place that knows all of them; what
 * belongs to a process (arguments, signals, exit) is in `main.ts`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { contextOf, createFormatError, serveProbes, serviceSchema, startGateway } from '../gateway/index.ts';
import { History } from '../history/history.ts';
import { createLocalExecutor } from '../import/local-executor.ts';
import { createSampleImporter } from '../import/sample-importer.ts';
import { type EventLog, LogMisconfigured, LogUnavailable, type Running } from '../log/event-log.ts';
import { startOutbox } from '../outbox/index.ts';
import { type ProcessorOptions, processorOf, startProcessors } from '../processors/index.ts';
import { logIndexers, type ProjectionOptions, projectors, startProjection } from '../projectors/index.ts';
import { TRANSACTIONS, topicSpecs } from '../records/topics.ts';
import type { Services } from '../resolvers/context.ts';
import { openTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { idsOf } from '../telemetry/trace-context.ts';
import { createOrderDeliveries } from '../transactions/delivery-orders.ts';
import { knownIn } from '../transactions/known-entities.ts';
import { Reflection } from '../transactions/reflection.ts';
import { createSubmit } from '../transactions/submit.ts';
import { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { type ViewStore, ViewsMisconfigured, ViewsUnavailable } from '../views/view-store.ts';
import type { Configuration } from './configuration.ts';
import { openConsole, type Telling, tellOfProcess } from './console.ts';
import { type OpenedViews, openLog, openStates, openViews } from './engines.ts';
import { type Done, doneBy, Observation } from './observation.ts';
import { type Sealing, startSealing } from './sealing.ts';
import { Starting } from './starting.ts';

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

/** What has been started, to be ended in the opposite order. */
type Endings = (() => Promise<void>)[];

/**
 * Listens, and starts all the rest behind that: the probes answer from the first moment, whatever has to be read, and
 * GraphQL says what it waits for.
 * @throws {ConfigurationError} when it cannot listen there
 */
export async function startCounterfoil(configuration: Configuration, logger: Logger): Promise<Counterfoil> {
  const { log, roles, tracing } = configuration;
  const telemetry = await openTelemetry({ tracing, roles, logger });
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

function usesViews({ roles }: Configuration): boolean {
  return roles.has('gateway') || roles.has('projector');
}

interface Work {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly parts: Observation;
  readonly starting: Starting;
  readonly endings: Endings;
}

async function openTheLog({ configuration, logger, telemetry, parts, starting, endings }: Work): Promise<EventLog> {
  const opened = await starting.attempt(
    'log',
    () => openLog(configuration, { logger, signal: starting.signal }),
    (late) => late.close(),
  );
  const log = telemetry.log(opened);
  endings.push(() => log.close());
  await starting.attempt('log', () => prepareTopics(log, configuration.partitions, logger));
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

async function prepareTopics(log: EventLog, partitions: number, logger: Logger): Promise<void> {
  const specs = topicSpecs(partitions);
  const created = await log.createTopics(specs);
  if (created.length > 0) logger.info({ topics: created }, 'topics created');
  await log.checkTopics(specs);
}

async function startProcessing(
  { configuration, logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
): Promise<void> {
  const { partitions, timeouts, commandsWithoutRoles } = configuration;
  const stores = await openStates(configuration, logger);
  endings.push(() => stores.close());
  const options: ProcessorOptions = {
    log,
    stores,
    cacheBytes: configuration.stateCacheBytes,
    partitions,
    timeouts,
    withoutRoles: commandsWithoutRoles,
    observer: telemetry.observer(),
    onTrouble: (error) => logger.warn({ err: error }, 'a deadline cannot be written; it is tried again'),
  };
  const started = await starting.attempt('log', () => startProcessors(options));
  for (const [aggregate, running] of started) {
    parts.add(`processor ${aggregate}`, running);
    endings.push(() => running.stop());
  }
}

/** Nobody waits for it: what it is behind with is told by the deliveries. */
async function startSending(
  { configuration, logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
  { opened, secrets }: Sealing,
): Promise<void> {
  const outbox = await starting.attempt(
    'log',
    () =>
      startOutbox({
        log,
        opened,
        openSecret: async (sealed) => await secrets?.open(sealed),
        allowPrivate: configuration.allowPrivateWebhooks,
        observer: telemetry.outbox(),
        onTrouble: (error) => logger.warn({ err: error }, 'something of the outbox cannot be done; it is tried again'),
        onFollowing: (following) => parts.addAside('outbox events', following),
      }),
    (late) => late.stop(),
  );
  const oldest = () => [{ labels: {}, value: outbox.oldestSeconds() }];
  telemetry.metrics.gauge('counterfoil_webhook_oldest_undelivered_seconds', oldest);
  parts.add('outbox', outbox.running);
  endings.push(() => outbox.stop());
}

async function startProjecting(
  { logger, telemetry, parts, starting, endings }: Work,
  log: EventLog,
  views: ViewStore,
): Promise<void> {
  const options: ProjectionOptions = {
    log,
    views,
    projectors,
    onStep: telemetry.projected(),
    onUnreadable(record, reason) {
      const { topic, partition, offset } = record;
      const where = { topic, partition, offset, ...idsOf(record) };
      logger.error({ ...where, reason }, 'a state cannot be read: the view passes over it');
    },
  };
  const projection = await starting.attempt('log', () => startProjection(options));
  parts.add('projector', projection);
  // Embedded views that had to begin anew are not read before they are filled; those that are complete, if a little behind, are.
  const beingFilled = () => !parts.hasCaughtUp('projector') && views.health().state === 'trouble';
  if (!views.shared) parts.rebuilding(() => (beingFilled() ? doneBy(projection) : undefined));
  endings.push(() => projection.stop());
  await startIndexing({ starting, parts, endings }, { log, views }, projection);
}

/** Most records of one step of the index: its documents are small, and most of a transaction's come within one. */
const INDEX_STEP = 2000;

/** The index of the log: beside the views, and behind them when there is much to do. */
async function startIndexing(
  { starting, parts, endings }: Pick<Work, 'starting' | 'parts' | 'endings'>,
  engines: Pick<ProjectionOptions, 'log' | 'views'>,
  shown: Running,
): Promise<void> {
  const aside = () => shown.partitions().some(({ lag }) => lag > 0);
  const options = { ...engines, projectors: logIndexers, name: 'log-index', maxStep: INDEX_STEP, aside };
  const indexing = await starting.attempt('log', () => startProjection(options));
  parts.addAside('log index', indexing);
  endings.push(() => indexing.stop());
}

async function startServing(
  work: Work,
  log: EventLog,
  { sealer, secrets, opened }: Sealing,
  openedViews: OpenedViews,
  telling: Telling,
): Promise<Services> {
  const { configuration, telemetry, parts, starting, endings } = work;
  const { views } = openedViews;
  const meter = telemetry.meter();
  const tracker = await starting.attempt(
    'log',
    () => TransactionTracker.start({ log, views, processorOf, meter }),
    (late) => late.stop(),
  );
  endings.push(() => tracker.stop());
  parts.add('transactions', tracker.following());
  telemetry.transactions(() => tracker.kept);
  const formatError = createFormatError(work.logger);
  const executorFor = (viewer: ViewerIdentity) =>
    createLocalExecutor({
      schema: serviceSchema(),
      context: () => contextOf(services)({ viewer, traceparent: undefined, operation: {} }),
      formatError,
    });
  const samples = createSampleImporter({ directory: samplesFolder(), executorFor });
  endings.push(() => samples.stop());
  // With its keys: what has been erased shows as erased, also in the past.
  const history = new History({ log: opened, views });
  endings.push(() => history.stop());
  const console = openConsole({ ...work, log, opened: openedViews, tracker, history, telling, executorFor });
  endings.push(() => console.stop());
  const services: Services = {
    views,
    tracker,
    reflection: new Reflection({ log, views, tracker }),
    history,
    submit: telemetry.submit(
      createSubmit({
        log,
        tracker,
        partitions: configuration.partitions,
        sealer,
        isKnown: knownIn(views),
        maxUnfinished: configuration.limits.unfinishedTransactions,
        backPressure: {
          appendingBytes: configuration.limits.appendingMegabytes * 1024 * 1024,
          transactions: configuration.limits.waitingTransactions,
        },
      }),
    ),
    samples,
    console: console.console,
    meter,
    canErase: sealer !== undefined,
    sealSecret: secrets && ((secret) => secrets.seal(secret)),
    orderDeliveries: createOrderDeliveries(log, configuration.partitions),
  };
  return services;
}

/** Beside the sources; a folder up from what is built from them. */
function samplesFolder(): string {
  const folders = ['../examples/northwind', '../../examples/northwind'].map((path) => new URL(path, import.meta.url));
  return fileURLToPath(
    folders.find((folder) => existsSync(folder)) ?? new URL('../examples/northwind', import.meta.url),
  );
}
