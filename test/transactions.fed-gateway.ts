/** A gateway's memory of transactions on a log that is given by hand, record by record: what it reads, and when, is the test's own. */
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, Following, FollowOptions, LogRecord, NewRecord } from '../log/event-log.ts';
import { processorOf } from '../processors/index.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { statusRecord } from '../records/status-record.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import { TransactionTracker } from '../transactions/transaction-tracker.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import type { ViewStore } from '../views/view-store.ts';

const AT = '2026-01-01T00:00:00.000Z';
let offset = 0;

/** As it is read, behind all that were made before it. */
export function asRead({ value, ...record }: NewRecord): LogRecord {
  return { ...record, partition: 0, offset: offset++, timestamp: 0, value: value === null ? null : Buffer.from(value) };
}

/** A user's command, or the copy of it on another topic. */
export function command(id: string, topic: string, idempotencykey?: string): LogRecord {
  const more = idempotencykey === undefined ? {} : { idempotencykey, bodyhash: 'body' };
  const headers = toHeaders({
    ...{ id, type: 'addProduct', source: '/gateway', subject: 'tea', time: AT, transactionid: id, issuedby: 'ada' },
    ...more,
  });
  return asRead({ topic, key: 'tea', value: '{}', headers });
}

/** A status that a processor has written. */
export function status(id: string, now: TransactionRecord['status']): LogRecord {
  const begun = accepted({
    id,
    command: 'addProduct',
    aggregate: 'products',
    entityId: 'tea',
    issuedBy: 'ada',
    at: AT,
  });
  const steps = [...begun.steps, { name: 'decided', status: now, at: AT, entityId: 'tea' }];
  return asRead(statusRecord({ ...begun, status: now, steps }, { source: '/products', partition: 0, at: AT }));
}

/** Views that show nothing. */
export function emptyViews(): ViewStore {
  return {
    ...openTemporaryViews({ views: viewSpecs }),
    position: async () => 0,
    positions: async (places) => places.map(() => 0),
    get: async () => new Map(),
  };
}

/** A gateway with these views, and what gives it records to read. */
export async function fedGateway(views: ViewStore, keepMs?: number) {
  let follow: FollowOptions | undefined;
  const nobody = () => Promise.reject(new Error('this log does not do that'));
  const following: Following = {
    health: () => ({ state: 'running' }),
    partitions: () => [],
    caughtUp: async () => undefined,
    reached: async () => undefined,
    stop: async () => undefined,
  };
  const log: EventLog = {
    ...{ append: nobody, process: nobody, recordsAt: nobody, identity: nobody, createTopics: nobody },
    ...{ missingTopics: nobody, checkTopics: nobody, close: nobody },
    read: () => {
      throw new Error('this log does not do that');
    },
    ends: async () => [{ topic: TRANSACTIONS, partition: 0, offset: 0 }],
    committed: async () => [],
    follow: async (options) => {
      follow = options;
      return following;
    },
  };
  const kept = keepMs === undefined ? {} : { keepMs };
  const tracker = await TransactionTracker.start({ log, views, processorOf, ...kept });
  const read = async (record: LogRecord): Promise<void> => {
    const { topic, partition, offset: from } = record;
    await follow?.onBatch({ topic, partition, from, next: from + 1, records: [record] });
  };
  return { tracker, read };
}
