/** Reads a topic from its beginning to its end with a kafkajs consumer, and does nothing with what it reads. */
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';

// What ours writes is compressed with LZ4, which kafkajs itself cannot open.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
  compress: ({ buffer }: { readonly buffer: Buffer }) => Promise.resolve(lz4.compressFrameSync(buffer)),
  decompress: (buffer: Buffer) => Promise.resolve(lz4.decompressFrameSync(buffer)),
});

export interface ReadTopic {
  readonly bytes: number;
  readonly count: number;
  /** Milliseconds, from when the consumer has its partitions. */
  readonly took: number;
}

/** @throws when the consumer crashes, as it does for a codec that it does not know */
export async function readTopic(brokers: readonly string[], topic: string, records: number): Promise<ReadTopic> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 50, minBytes: 1 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let [bytes, count, began] = [0, 0, 0];
  const took = new Promise<number>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, () => {
      began = performance.now();
    });
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { messages } }) => {
        for (const { value } of messages) bytes += value?.length ?? 0;
        count += messages.length;
        if (count >= records) resolve(performance.now() - began);
      },
    });
  });
  const ms = await took;
  await consumer.disconnect();
  return { bytes, count, took: ms };
}
