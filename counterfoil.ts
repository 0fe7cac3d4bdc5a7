/**
 * Puts the parts together: the roles of one process on the chosen engines. The only place that knows all of them; what
 * belongs to a process (arguments, signals, exit) is in `main.ts`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createLocalExecutor } from './cli/graphql/local-executor.ts';
import { createSampleImporter } from './cli/import/sample-importer.ts';
import type { Configuration } from './configuration.ts';
import { type OpenedViews, openLog, openViews } from './engines.ts';
import {
  contextOf,
  createMetrics,
  executableSchema,
  type HttpService,
  type Metrics,
  type PartReport,
  serveProbes,
  startGateway,
} from './gateway/index.ts';
import type { EventLog } from './log/event-log.ts';
import { topicSpecs } from './log/topics.ts';
import { countWork, Observation } from './observation.ts';
import { processorOf, startProcessors } from './processors/index.ts';
import { projectors, startProjection } from './projectors/index.ts';
import type { Services } from './resolvers/context.ts';
import { createSubmit, resolvers, TransactionTracker } from './resolvers/index.ts';
import type { ViewStore, ViewsHealth } from './views/view-store.ts';

export interface Counterfoil {
  /** Where the gateway, or without that role the probes, can be reached. */
  readonly url: string;
  /** Resolves when everything the log held at the start has been restored, processed and projected. */
  ready(): Promise<void>;
  /** No new mutations, running ones answered, subscribers told to come back, positions committed. */
  stop(): Promise<void>;
}

/** What has been started, to be ended in the opposite order. */
type Endings = (() => Promise<void>)[];

/** @throws with a message for people when an engine cannot be opened, or a topic's settings would lose data */
export async function startCounterfoil(configuration: Configuration, logger: Logger): Promise<Counterfoil> {
  const endings: Endings = [];
  const stop = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(configuration, logger, endings)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  configuration: Configuration,
  logger: Logger,
  endings: Endings,
): Promise<Omit<Counterfoil, 'stop'>> {
  const { roles, partitions } = configuration;
  const metrics = createMetrics();
  const parts = new Observation(metrics);
  const log = await openLog(configuration, { logger });
  endings.push(() => log.close());
  await prepareTopics(log, partitions, logger);

  const work: Work = { configuration, log, logger, metrics, parts, endings, counts: countWork(metrics) };
  if (roles.has('processor')) await startProcessing(work);
  const opened = roles.has('gateway') || roles.has('projector') ? await openViews(configuration, logger) : undefined;
  const views = opened?.views;
  if (views) endings.push(() => views.close());
  if (opened && roles.has('projector')) {
    await opened.reshape(log);
    await startProjecting(work, opened.views);
  }
  const service =
    opened && roles.has('gateway') ? await startServing(work, opened) : await serveProbes(http(work, opened));
  endings.push(() => service.drain());

  const ready = parts.caughtUp();
  // Who asks is told; nobody asking is no reason to end the process.
  ready.catch(() => undefined);
  return { url: service.url, ready: () => ready };
}

interface Work {
  readonly configuration: Configuration;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly parts: Observation;
  readonly endings: Endings;
  readonly counts: ReturnType<typeof countWork>;
}

function http({ configuration, metrics, logger, parts }: Work, views: OpenedViews | undefined) {
  const health = () => ({ ...parts.report(), ...(views ? { views: reportOf(views.health()) } : {}) });
  return { configuration, metrics, logger, health };
}

function reportOf(health: ViewsHealth): PartReport {
  return { ready: health.state === 'running', ...health };
}

async function prepareTopics(log: EventLog, partitions: number, logger: Logger): Promise<void> {
  const specs = topicSpecs(partitions);
  const created = await log.createTopics(specs);
  if (created.length > 0) logger.info({ topics: created }, 'topics created');
  await log.checkTopics(specs);
}

async function startProcessing({ configuration, log, logger, parts, endings, counts }: Work): Promise<void> {
  const { partitions, purchaseTimeoutMs } = configuration;
  const started = await startProcessors({
    log,
    partitions,
    purchaseTimeoutMs,
    observer: {
      ...counts.observer,
      dead: (topic, reason) => {
        counts.observer.dead?.(topic, reason);
        logger.warn(
          { topic, reason },
          'a record that cannot be read went to the dead letters: see counterfoil dead list',
        );
      },
    },
    onTrouble: (error) => logger.warn({ err: error }, 'a deadline cannot be written; it is tried again'),
  });
  for (const [aggregate, running] of started) {
    parts.add(`processor ${aggregate}`, running);
    endings.push(() => running.stop());
  }
}

async function startProjecting({ log, logger, parts, endings, counts }: Work, views: ViewStore): Promise<void> {
  const projection = await startProjection({
    log,
    views,
    projectors,
    onStep: counts.projected,
    onUnreadable: ({ topic, partition, offset }, reason) =>
      logger.error({ topic, partition, offset, reason }, 'a state cannot be read: the view passes over it'),
  });
  parts.add('projector', projection);
  endings.push(() => projection.stop());
}

async function startServing(work: Work, opened: OpenedViews): Promise<HttpService> {
  const { views } = opened;
  const { configuration, log, parts, endings } = work;
  const { partitions } = configuration;
  const tracker = await TransactionTracker.start({ log, views, processorOf });
  endings.push(() => tracker.stop());
  parts.add('transactions', tracker.following());
  const schema = executableSchema(resolvers);
  const samples = createSampleImporter({
    directory: samplesFolder(),
    executorFor: (viewer) =>
      createLocalExecutor({ schema, context: () => contextOf(services)({ viewer, traceparent: undefined }) }),
  });
  endings.push(() => samples.stop());
  const services: Services = { views, tracker, submit: createSubmit({ log, tracker, partitions }), samples };
  return await startGateway({ ...http(work, opened), services });
}

/** Beside the sources; a folder up from what is built from them. */
function samplesFolder(): string {
  const folders = ['./examples/northwind', '../examples/northwind'].map((path) => new URL(path, import.meta.url));
  return fileURLToPath(
    folders.find((folder) => existsSync(folder)) ?? new URL('./examples/northwind', import.meta.url),
  );
}
