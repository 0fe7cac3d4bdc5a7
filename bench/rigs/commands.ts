/** Commands as a gateway writes them, for rows that measure what comes behind it. */
import { type EventLog, LogUnavailable, type NewRecord } from '../../log/event-log.ts';
import { toHeaders } from '../../records/cloud-event.ts';
import { commandsTopic, topicSpecs } from '../../records/topics.ts';
import { until } from './timing.ts';

const AT_ONCE = 2000;

interface BenchCommand {
  readonly aggregate: string;
  readonly type: string;
  /** The aggregate's id. */
  readonly id: string;
  readonly transactionId: string;
  readonly data: object;
  /** Default: `bench`. */
  readonly issuedBy?: string | undefined;
}

function commandRecord({ aggregate, type, id, transactionId, data, issuedBy = 'bench' }: BenchCommand): NewRecord {
  return {
    topic: commandsTopic(aggregate),
    key: id,
    value: JSON.stringify(data),
    headers: toHeaders({
      id: transactionId,
      type,
      source: '/gateway',
      subject: id,
      time: new Date().toISOString(),
      transactionid: transactionId,
      issuedby: issuedBy,
      roles: 'admin',
    }),
  };
}

export function addProduct(at: number): NewRecord {
  const id = `p${at}`;
  const data = { productId: id, name: `Product ${at}`, price: 999, stock: 1000 };
  return commandRecord({ aggregate: 'products', type: 'addProduct', id, transactionId: `add-${id}`, data });
}

/** @param number makes the transaction's id: each another one */
export function restockProduct(at: number, number: string, issuedBy?: string): NewRecord {
  const id = `p${at}`;
  const data = { productId: id, quantity: 1 };
  return commandRecord({
    aggregate: 'products',
    type: 'restockProduct',
    id,
    transactionId: `restock-${number}`,
    data,
    issuedBy,
  });
}

/** Appends many, so many at once. */
export async function appendAll(log: EventLog, records: Iterable<NewRecord>): Promise<void> {
  let batch: NewRecord[] = [];
  for (const record of records) {
    batch.push(record);
    if (batch.length < AT_ONCE) continue;
    await log.append(batch);
    batch = [];
  }
  if (batch.length > 0) await log.append(batch);
}

const TOPICS_WITHIN_MS = 60_000;

/** Creates the topics; a busy broker may not know at once what it has just created. */
export async function createTopics(log: EventLog, partitions: number): Promise<void> {
  await until('the topics are there', TOPICS_WITHIN_MS, async () => {
    try {
      await log.createTopics(topicSpecs(partitions));
      return true;
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      return false;
    }
  });
}
