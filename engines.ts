/** Opens the engines that the configuration chooses. Beside `counterfoil.ts`, only the command line and tests need it. */
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { Configuration } from './configuration.ts';
import { failpointOf } from './failpoints.ts';
import { openEmbeddedLog } from './log/embedded/embedded-log.ts';
import type { EventLog } from './log/event-log.ts';
import { openKafkaLog } from './log/kafka/kafka-log.ts';
import { prefixed } from './log/prefixed.ts';
import { projectors, SHAPE } from './projectors/index.ts';
import { RecordsPassedOver, rebuildViews } from './projectors/rebuild-views.ts';
import { viewSpecs } from './views/documents.ts';
import { openEmbeddedViews } from './views/embedded/embedded-views.ts';
import { openNextGeneration } from './views/mongo/generations.ts';
import { type MongoViewStore, type MongoViewsOptions, openMongoViews } from './views/mongo/mongo-views.ts';
import type { ViewStore, ViewsHealth } from './views/view-store.ts';

export interface OpenLogOptions {
  readonly logger: Logger;
  /** Beside the process that has the embedded log's folder. */
  readonly readOnly?: boolean;
}

export async function openLog(configuration: Configuration, { logger, readOnly }: OpenLogOptions): Promise<EventLog> {
  const { log, partitions, failpoints } = configuration;
  const failpoint = failpointOf(failpoints);
  if (log.engine === 'embedded') {
    return await openEmbeddedLog({
      dir: configuration.dataDirectory,
      logger,
      ...(log.mapSize === undefined ? {} : { mapSize: log.mapSize }),
      ...(readOnly ? { readOnly } : {}),
      ...(failpoint ? { failpoint } : {}),
    });
  }
  const kafka = openKafkaLog({
    brokers: log.brokers,
    partitions,
    logger,
    ssl: log.ssl,
    // kafkajs's type tells the mechanisms apart, ours names them; the configuration has checked the word.
    ...(log.sasl ? { sasl: log.sasl as SASLOptions } : {}),
    ...(log.replication === undefined ? {} : { topicReplication: log.replication }),
    ...(failpoint ? { failpoint } : {}),
  });
  return prefixed(kafka, configuration.topicPrefix);
}

export interface OpenedViews {
  readonly views: ViewStore;
  /**
   * Rebuilds views that were written by a program whose documents had another shape, and makes them the live ones; returns
   * at once when there is nothing to do. Where another process is at it, waits for that one. When records cannot be read it
   * leaves the old views live, for processes of the old shape, says so in `health`, and waits until somebody has rebuilt
   * them with `counterfoil rebuild --accept-unreadable`.
   * @throws when the signal is aborted
   */
  reshape(log: EventLog, signal?: AbortSignal): Promise<void>;
  /** That of the store; or why the views cannot be given the shape they should have. */
  health(): ViewsHealth;
}

export async function openViews({ views: chosen }: Configuration, logger: Logger): Promise<OpenedViews> {
  if (chosen.engine === 'embedded') {
    const views = openEmbeddedViews({ views: viewSpecs });
    return { views, reshape: () => Promise.resolve(), health: () => views.health() };
  }
  const options = { url: chosen.url, database: chosen.database, views: viewSpecs, logger, shape: SHAPE, fill: true };
  const views = await openMongoViews(options);
  let trouble: string | undefined;
  return {
    views,
    async reshape(log, signal) {
      await reshape(log, views, options, logger, signal, (detail) => {
        trouble = detail;
      });
    },
    health: () => (trouble === undefined ? views.health() : { state: 'trouble', detail: trouble }),
  };
}

const LOOK_AGAIN_MS = 1000;

async function reshape(
  log: EventLog,
  views: MongoViewStore,
  options: MongoViewsOptions,
  logger: Logger,
  signal: AbortSignal | undefined,
  onTrouble: (detail: string | undefined) => void,
): Promise<void> {
  const lookAgain = () => pause(LOOK_AGAIN_MS, undefined, signal === undefined ? {} : { signal });
  let unreadable = false;
  while ((await views.liveShape()) !== SHAPE) {
    // What is on the log does not mend itself: reading all of it again would tell the same.
    if (unreadable) {
      await lookAgain();
      continue;
    }
    const next = await openNextGeneration({ ...options, owner: `${hostname()}, process ${process.pid}` });
    if (next.outcome === 'busy') {
      logger.info({ owner: next.owner }, 'the views have another shape; waiting for their rebuild');
      await lookAgain();
      continue;
    }
    logger.info({ generation: next.generation }, 'the views have another shape: rebuilding them from the log');
    try {
      await rebuildViews({ log, next, projectors, ...(signal ? { signal } : {}) });
    } catch (error) {
      await next.abandon();
      if (!(error instanceof RecordsPassedOver)) throw error;
      unreadable = true;
      onTrouble(error.message);
      logger.error({ reason: error.message }, 'the views have another shape and cannot be rebuilt');
    } finally {
      await next.close();
    }
  }
  onTrouble(undefined);
}
