/** A system on Kafka and MongoDB once nothing is asked of it any more: until all has been decided and shown, and all that then stands there. */
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import type { EventLog } from '../../../log/event-log.ts';
import { openKafkaLog } from '../../../log/kafka/kafka-log.ts';
import { viewSpecs } from '../../../projectors/documents.ts';
import { SHAPE } from '../../../projectors/index.ts';
import { STATE_TOPICS, TRANSACTIONS } from '../../../records/topics.ts';
import { openMongoViews } from '../../../views/mongo/mongo-views.ts';
import type { ViewStore } from '../../../views/view-store.ts';
import { commandsLeft, readLog, readViews, recordsUnseen } from '../gather.ts';
import { brokerState } from './broker-state.ts';
import type { Gathered } from './system.ts';

const REST_MS = 240_000;

export interface Engines {
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  readonly partitions: number;
}

/** Resolves when all that is on the log has been decided and projected. @throws when that takes too long */
export function untilAtRest(engines: Engines): Promise<void> {
  return opened(engines, async (log, views) => {
    const deadline = Date.now() + REST_MS;
    for (;;) {
      const undecided = await commandsLeft(log);
      const unseen = undecided > 0 ? 0 : await recordsUnseen(log, views, [...STATE_TOPICS, TRANSACTIONS]);
      if (undecided + unseen === 0) return;
      if (Date.now() > deadline) {
        throw new Error(`not at rest: ${undecided} commands undecided, ${unseen} records not projected`);
      }
      await pause(500);
    }
  });
}

export function gathered(engines: Engines): Promise<Gathered> {
  const { brokers, partitions } = engines;
  return opened(engines, async (log, views) => {
    const topics = await readLog(log, partitions);
    const broker = await brokerState(brokers, log, [...topics.keys(), '__consumer_offsets']);
    return { partitions, log: topics, views: await readViews(views), broker };
  });
}

async function opened<T>(
  { brokers, mongoUrl: url, partitions }: Engines,
  use: (log: EventLog, views: ViewStore) => Promise<T>,
): Promise<T> {
  const log = openKafkaLog({ brokers, partitions });
  const logger = pino({ level: 'silent' });
  const views = await openMongoViews({ url, database: 'counterfoil', views: viewSpecs, shape: SHAPE, logger });
  try {
    return await use(log, views);
  } finally {
    await log.close();
    await views.close();
  }
}
