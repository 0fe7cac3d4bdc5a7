/**
 * Puts the parts together: the roles of one process on the chosen engines. The only place that knows all of them; what
 * belongs to a process (arguments, signals, exit) is in `main.ts`.
 */
import type { Logger } from 'pino';
import { createSampleImporter } from './cli/import/sample-importer.ts';
import type { Configuration } from './configuration.ts';
import { openLog, openViews } from './engines.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { Metrics } from './gateway/metrics.ts';
import type { EventLog, Following, Health, Running } from './log/event-log.ts';
import { topicSpecs } from './log/topics.ts';
import { processorName, startProcessors } from './processors/index.ts';
import { projectors, startProjection } from './projectors/index.ts';
import { createSubmit, TransactionTracker } from './resolvers/index.ts';
import type { ViewStore } from './views/view-store.ts';

/** The state of a part, as `/readyz` tells it. */
export interface PartReport {
  readonly name: string;
  readonly state: string;
  readonly detail?: string;
}

export interface Counterfoil {
  /** Where the gateway listens; undefined without that role. */
  readonly url: string | undefined;
  /** Every part of this process, and whether it has caught up with the log at least once. */
  parts(): readonly PartReport[];
  /** Resolves when everything the log held at the start has been restored, processed and projected. */
  ready(): Promise<void>;
  /** No new mutations, running ones answered, subscribers told to come back, positions committed. */
  stop(): Promise<void>;
}

interface Part {
  readonly name: string;
  readonly running: Running;
}

/** @throws with a message for people when an engine cannot be opened, or a topic's settings would lose data */
export async function startCounterfoil(configuration: Configuration, logger: Logger): Promise<Counterfoil> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return await start(configuration, logger, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  configuration: Configuration,
  logger: Logger,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Counterfoil> {
  const { roles, partitions } = configuration;
  const log = await openLog(configuration, { logger });
  stops.push(() => log.close());
  await prepareTopics(log, partitions, logger);
  const needsViews = roles.has('gateway') || roles.has('projector');
  const views = needsViews ? await openViews(configuration, logger) : undefined;
  if (views) stops.push(() => views.close());

  const metrics = new Metrics();
  const parts: Part[] = [];
  if (roles.has('processor')) {
    for (const [name, running] of await processors(configuration, log, logger, metrics)) {
      parts.push({ name, running });
      stops.push(() => running.stop());
    }
  }
  if (roles.has('projector') && views) {
    const projection = await projector(log, views, logger, metrics);
    parts.push({ name: 'projector', running: projection });
    stops.push(() => projection.stop());
  }
  const caughtUp = new Map<string, boolean>();
  const readiness = () => report(parts, caughtUp);
  const gateway = roles.has('gateway') && views ? await openGateway() : undefined;
  metrics.watch(parts);

  async function openGateway(): Promise<Gateway> {
    if (views === undefined) throw new Error('a gateway needs views');
    const tracker = await TransactionTracker.start({ log, views, processorName });
    stops.push(() => tracker.stop());
    parts.push({ name: 'transactions', running: tracker.following() });
    const samples = createSampleImporter({ logger });
    const services = { views, tracker, submit: createSubmit({ log, tracker }), samples };
    const opened = await startGateway({ configuration, services, logger, metrics, parts: readiness });
    samples.serve(opened);
    stops.push(() => opened.close());
    stops.push(() => samples.stop());
    return opened;
  }

  const ready = Promise.all(
    parts.map(async ({ name, running }) => {
      await running.caughtUp();
      caughtUp.set(name, true);
    }),
  ).then(() => undefined);
  ready.catch(() => undefined);
  return { url: gateway?.url, parts: readiness, ready: () => ready, stop };
}

async function prepareTopics(log: EventLog, partitions: number, logger: Logger): Promise<void> {
  const specs = topicSpecs(partitions);
  const created = await log.createTopics(specs);
  if (created.length > 0) logger.info({ topics: created }, 'topics created');
  await log.checkTopics(specs);
}

async function processors(
  { partitions, purchaseTimeoutMs }: Configuration,
  log: EventLog,
  logger: Logger,
  metrics: Metrics,
): Promise<readonly (readonly [string, Running])[]> {
  const started = await startProcessors({
    log,
    partitions,
    purchaseTimeoutMs,
    observer: {
      decided: (aggregate, command, outcome) => metrics.decided(aggregate, command, outcome),
      repeated: (aggregate) => metrics.repeated(aggregate),
      dead: (topic, reason) => {
        metrics.dead(topic);
        logger.warn({ topic, reason }, 'a record that cannot be read went to the dead letters: counterfoil dead list');
      },
    },
    onTrouble: (error) => logger.warn({ err: error }, 'deadlines cannot be written; they are tried again'),
  });
  const names = ['customers', 'products', 'purchases'];
  return started.map((running, at) => [`processor of ${names[at]}`, running] as const);
}

function projector(log: EventLog, views: ViewStore, logger: Logger, metrics: Metrics): Promise<Following> {
  return startProjection({
    log,
    views,
    projectors,
    onStep: (records) => metrics.projected(records),
    onUnreadable: ({ topic, partition, offset }, reason) =>
      logger.error({ topic, partition, offset, reason }, 'a state cannot be read: the view passes over it'),
  });
}

function report(parts: readonly Part[], caughtUp: ReadonlyMap<string, boolean>): readonly PartReport[] {
  return parts.map(({ name, running }) => {
    const health: Health = running.health();
    if (health.state === 'trouble') return { name, state: 'trouble', detail: health.detail };
    if (health.state === 'running' && !caughtUp.get(name)) {
      const behind = running.partitions().reduce((sum, { lag }) => sum + lag, 0);
      return { name, state: 'catching up', detail: `${behind} records behind` };
    }
    return { name, state: health.state };
  });
}
