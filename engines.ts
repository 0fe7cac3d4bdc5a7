/** Opens the engines that the configuration chooses. Beside `counterfoil.ts`, only the command line and tests need it. */
import type { SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { Configuration } from './configuration.ts';
import { failpointOf } from './failpoints.ts';
import { openEmbeddedLog } from './log/embedded/embedded-log.ts';
import type { EventLog } from './log/event-log.ts';
import { openKafkaLog } from './log/kafka/kafka-log.ts';
import { prefixed } from './log/prefixed.ts';
import { SHAPE } from './projectors/index.ts';
import { viewSpecs } from './views/documents.ts';
import { openEmbeddedViews } from './views/embedded/embedded-views.ts';
import { openMongoViews } from './views/mongo/mongo-views.ts';
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

export async function openViews({ views }: Configuration, logger: Logger): Promise<ViewStore> {
  if (views.engine === 'embedded') return openEmbeddedViews({ views: viewSpecs });
  return await openMongoViews({ url: views.url, database: views.database, views: viewSpecs, logger, shape: SHAPE });
}
