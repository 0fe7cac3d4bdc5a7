/**
 * Opens the engines that the configuration chooses, and loads them then: a process listens before, and needs no more than
 * those. Beside `compose.ts`, only the command line and tests need it.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { allAggregates } from '../domain/registry.ts';
import type { EventLog } from '../log/event-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { everyProjector, SHAPE } from '../projectors/index.ts';
import { type OpenNextViews, RecordsPassedOver, rebuildViews } from '../projectors/rebuild-views.ts';
import { openMemoryStores } from '../store/memory-store.ts';
import type { Stores } from '../store/partition-store.ts';
import type { MongoViewStore } from '../views/mongo/mongo-views.ts';
import type { ViewStore, ViewsHealth } from '../views/view-store.ts';
import type { Configuration, ViewsConfiguration } from './configuration.ts';
import { failpointOf } from './failpoints.ts';

export interface OpenLogOptions {
  readonly logger: Logger;
  /** Beside the process that has the embedded log's folder. */
  readonly readOnly?: boolean;
  /** Gives up waiting for another owner of the embedded log's folder. */
  readonly signal?: AbortSignal;
}

export async function openLog(
  configuration: Configuration,
  { logger, readOnly, signal }: OpenLogOptions,
): Promise<EventLog> {
  const { log, partitions, failpoints } = configuration;
  const failpoint = failpointOf(failpoints);
  if (log.engine === 'embedded') {
    const { openEmbeddedLog } = await import('../log/embedded/embedded-log.ts');
    return await openEmbeddedLog({
      dir: configuration.dataDirectory,
      logger,
      ...(log.mapSize === undefined ? {} : { mapSize: log.mapSize }),
      ...(readOnly ? { readOnly } : {}),
      ...(signal ? { signal } : {}),
      ...(failpoint ? { failpoint } : {}),
    });
  }
  const { openKafkaLog } = await import('../log/kafka/kafka-log.ts');
  const kafka = openKafkaLog({
    brokers: log.brokers,
    partitions,
    logger,
    ...(log.ssl ? { ssl: log.ssl } : {}),
    // kafkajs's type tells the mechanisms apart, ours names them; the configuration has checked the word.
    ...(log.sasl ? { sasl: log.sasl as SASLOptions } : {}),
    ...(log.replication === undefined ? {} : { topicReplication: log.replication }),
    ...(failpoint ? { failpoint } : {}),
  });
  return prefixed(kafka, configuration.topicPrefix);
}

/** How long a process that is being killed may have the folder of the embedded log's states, ms. */
const STATES_PATIENCE_MS = 5000;

/** Where processors keep their states: on disk; or in memory, with a warning, where the disk does not allow it. */
export async function openStates({ dataDirectory, log, partitions }: Configuration, logger: Logger): Promise<Stores> {
  const dir = join(dataDirectory, 'state');
  try {
    const { openDiskStores } = await import('../store/disk/disk-stores.ts');
    // One for each partition of each aggregate, and of the idempotency keys.
    const most = partitions * (allAggregates.length + 1);
    // On Kafka several processes may have the same DATA_DIR: each takes a folder of its own in it.
    return await openDiskStores({ dir, most, logger, patienceMs: log.engine === 'embedded' ? STATES_PATIENCE_MS : 0 });
  } catch (error) {
    logger.warn(
      { dir, err: error },
      'states cannot be kept on disk: they are kept in memory, and each start reads all of them from the log. Set DATA_DIR to a folder that can be written and locked',
    );
    return openMemoryStores();
  }
}

export interface OpenedViews {
  readonly views: ViewStore;
  /**
   * Rebuilds views that were written by a program whose documents had another shape, and makes them the live ones; returns
   * at once when there is nothing to do. Where another process is at it, waits for that one. When records cannot be read it
   * leaves the old views live, for processes of the old shape, says so in `health`, and waits until somebody has rebuilt
   * them with `counterfoil rebuild --accept-unreadable`. Embedded views are wiped instead, also when they are of another log:
   * the projectors fill them anew.
   * @throws when the signal is aborted
   */
  reshape(log: EventLog, options?: ReshapeOptions): Promise<void>;
  /** Empties views that are this process's own, for the projectors to fill anew; undefined: they are shared. */
  rebuild?(): Promise<void>;
  /** That of the store; or why the views cannot be given the shape they should have. */
  health(): ViewsHealth;
}

export interface ReshapeOptions {
  readonly signal?: AbortSignal;
  /** So many of so many offsets have been read. */
  onRead?(done: number, total: number): void;
}

/** Views that many processes share. */
type SharedViews = Extract<ViewsConfiguration, { engine: 'mongo' }>;

export async function openViews(configuration: Configuration, logger: Logger): Promise<OpenedViews> {
  const { views: chosen } = configuration;
  if (chosen.engine === 'embedded') {
    const { openEmbeddedViews } = await import('../views/embedded/embedded-views.ts');
    const views = await openEmbeddedViews({
      dir: viewsFolder(configuration),
      views: viewSpecs,
      shape: SHAPE,
      onWiped: (reason) => logger.info({ reason }, 'the views did not fit and are built anew from the log'),
    });
    return {
      views,
      reshape: async (log) =>
        views.fitTo(await log.identity(), await log.ends(everyProjector.map(({ topic }) => topic))),
      rebuild: () => views.rebuild(),
      health: () => views.health(),
    };
  }
  const options = { ...connectionOf(chosen), views: viewSpecs, logger, shape: SHAPE, fill: true };
  const { openMongoViews } = await import('../views/mongo/mongo-views.ts');
  const views = await openMongoViews(options);
  let trouble: string | undefined;
  return {
    views,
    async reshape(log, told = {}) {
      await reshape({ log, views, open: nextViews(chosen, logger), logger }, told, (detail) => {
        trouble = detail;
      });
    },
    health: () => (trouble === undefined ? views.health() : { state: 'trouble', detail: trouble }),
  };
}

/** Where embedded views are kept: beside the embedded log, or by themselves. */
export function viewsFolder({ dataDirectory }: Configuration): string {
  return join(dataDirectory, 'views');
}

/** Opens the next generation of shared views in the name of this process; for `rebuildViews`. */
export function nextViews(chosen: SharedViews, logger?: Logger): OpenNextViews {
  return async () => {
    const { openNextGeneration } = await import('../views/mongo/generations.ts');
    const owner = `${hostname()}, process ${process.pid}`;
    const options = { ...connectionOf(chosen), views: viewSpecs, shape: SHAPE, owner };
    return await openNextGeneration(logger === undefined ? options : { ...options, logger });
  };
}

function connectionOf({ url, user, database }: SharedViews) {
  return { url, database, ...(user === undefined ? {} : { user }) };
}

const LOOK_AGAIN_MS = 1000;

interface Reshaping {
  readonly log: EventLog;
  readonly views: MongoViewStore;
  readonly open: OpenNextViews;
  readonly logger: Logger;
}

async function reshape(
  { log, views, open, logger }: Reshaping,
  { signal, onRead }: ReshapeOptions,
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
    try {
      const rebuilt = await rebuildViews({
        ...{ log, open, projectors: everyProjector },
        ...(signal ? { signal } : {}),
        ...(onRead ? { onRead } : {}),
        onBegun: (generation) =>
          logger.info({ generation }, 'the views have another shape: rebuilding them from the log'),
      });
      if (rebuilt.outcome === 'switched') continue;
      logger.info({ owner: rebuilt.owner }, 'the views have another shape; waiting for their rebuild');
      await lookAgain();
    } catch (error) {
      if (!(error instanceof RecordsPassedOver)) throw error;
      unreadable = true;
      onTrouble(error.message);
      logger.error({ reason: error.message }, 'the views have another shape and cannot be rebuilt');
    }
  }
  onTrouble(undefined);
}
