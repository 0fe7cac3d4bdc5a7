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
import { rebuildViews } from './projectors/rebuild-views.ts';
import { viewSpecs } from './views/documents.ts';
import { openEmbeddedViews } from './views/embedded/embedded-views.ts';
import { openNextGeneration } from './views/mongo/generations.ts';
import { type MongoViewStore, type MongoViewsOptions, openMongoViews } from './views/mongo/mongo-views.ts';
import type { ViewStore } from './views/view-store.ts';

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
   * at once when there is nothing to do. Where another process is at it, waits for that one.
   */
  reshape(log: EventLog): Promise<void>;
}

export async function openViews({ views: chosen }: Configuration, logger: Logger): Promise<OpenedViews> {
  if (chosen.engine === 'embedded') {
    return { views: openEmbeddedViews({ views: viewSpecs }), reshape: () => Promise.resolve() };
  }
  const options = { url: chosen.url, database: chosen.database, views: viewSpecs, logger, shape: SHAPE, fill: true };
  const views = await openMongoViews(options);
  return { views, reshape: (log) => reshape(log, views, options, logger) };
}

async function reshape(
  log: EventLog,
  views: MongoViewStore,
  options: MongoViewsOptions,
  logger: Logger,
): Promise<void> {
  while ((await views.liveShape()) !== SHAPE) {
    const next = await openNextGeneration({ ...options, owner: `${hostname()}, process ${process.pid}` });
    if (next.outcome === 'busy') {
      logger.info({ owner: next.owner }, 'the views have another shape; waiting for their rebuild');
      await pause(1000);
      continue;
    }
    logger.info({ generation: next.generation }, 'the views have another shape: rebuilding them from the log');
    try {
      await rebuildViews({ log, next, projectors });
    } catch (error) {
      await next.abandon();
      throw error;
    } finally {
      await next.close();
    }
  }
}
