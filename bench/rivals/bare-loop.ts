/**
 * The yardstick: the least that consume → transaction → read-committed can be on kafkajs, with none of our promises about
 * restoring, fencing or trouble. Appends are coalesced as ours are.
 */
import { randomUUID } from 'node:crypto';
import kafkajs, { type Message } from 'kafkajs';

export interface Loop {
  /** Puts one command in and resolves when what came of it is seen. */
  roundTrip(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openBareLoop(brokers: readonly string[], partitions: number, value: string): Promise<Loop> {
  const id = `bare-${randomUUID().slice(0, 8)}`;
  const [commands, events] = [`${id}.commands`, `${id}.events`];
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 3, multiplier: 1.5, factor: 0.2, retries: 50, maxRetryTime: 1000 },
  });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [commands, events].map((topic) => ({ topic, numPartitions: partitions })) });
  await admin.disconnect();

  const writers = Array.from({ length: partitions }, (_, at) =>
    kafka.producer({ idempotent: true, transactionalId: `${id}-${at}`, maxInFlightRequests: 1 }),
  );
  await Promise.all(writers.map((writer) => writer.connect()));
  const processor = kafka.consumer({ groupId: `${id}.processor`, maxWaitTimeInMs: 50 });
  await processor.connect();
  await processor.subscribe({ topics: [commands] });
  await processor.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async ({ batch: { partition, messages }, resolveOffset }) => {
      const last = messages.at(-1)?.offset;
      const transaction = await writers[partition]?.transaction();
      if (transaction === undefined || last === undefined) return;
      const outputs = messages.map(({ key, headers }): Message => ({ key, value, partition, headers: headers ?? {} }));
      await transaction.send({ topic: events, messages: outputs });
      const offsets = [{ partition, offset: String(BigInt(last) + 1n) }];
      await transaction.sendOffsets({
        consumerGroupId: `${id}.processor`,
        topics: [{ topic: commands, partitions: offsets }],
      });
      await transaction.commit();
      resolveOffset(last);
    },
  });

  const waiting = new Map<string, () => void>();
  const follower = kafka.consumer({ groupId: `${id}.follower`, maxWaitTimeInMs: 50 });
  await follower.connect();
  await follower.subscribe({ topics: [events], fromBeginning: true });
  await follower.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async ({ batch }) => {
      for (const { key } of batch.messages) waiting.get(String(key))?.();
    },
  });

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let queue: Message[] = [];
  let sending = false;
  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    while (queue.length > 0) {
      const messages = queue;
      queue = [];
      await producer.send({ topic: commands, messages });
    }
    sending = false;
  }

  return {
    async roundTrip(name) {
      const seen = new Promise<void>((resolve) => waiting.set(name, resolve));
      queue.push({
        key: name,
        value,
        headers: { ce_id: name, ce_type: 'bench', ce_source: '/bench', ce_subject: name },
      });
      void send();
      await seen;
      waiting.delete(name);
    },
    async close() {
      await Promise.all([processor, follower, producer, ...writers].map((client) => client.disconnect()));
    },
  };
}
