/** Records on Kafka that others wrote or read: every codec of Java's clients, and ours by their consumer. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { LogRecord } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { consumeWithJava } from './engines/java-consumer.ts';
import { type Codec, produceWithJava } from './engines/java-producer.ts';
import { kafkaMissing } from './engines/kafka-libs.ts';

const brokers = inject('kafkaBrokers');
const engineMissing = inject('kafkaMissing');
const missing = engineMissing === '' ? ((await kafkaMissing()) ?? '') : engineMissing;
const CODECS: readonly Codec[] = ['gzip', 'snappy', 'lz4', 'zstd'];

describe.skipIf(missing !== '')(`what others write to Kafka${missing === '' ? '' : ` (skipped: ${missing})`}`, () => {
  const log = openKafkaLog({ brokers, partitions: 1 });
  afterAll(() => log.close());

  it.each(CODECS)("reads what Java's producer compresses with %s", { timeout: 60_000 }, async (codec) => {
    const topic = `codec-${codec}-${randomUUID()}`;
    await log.createTopics([{ name: topic, partitions: 1, retention: 'forever' }]);
    const noise = randomBytes(150_000).toString('base64');
    const records = [
      { key: 'small', value: 'x' },
      { key: 'text', value: 'the quick brown fox '.repeat(20_000) },
      { key: 'noise', value: noise },
      { key: 'umlauts', value: 'Ægir søger ål '.repeat(10_000) },
      { key: 'large', value: '0'.repeat(5_000_000) },
      ...Array.from({ length: 500 }, (_, at) => ({ key: `k${at}`, value: `{"at":${at}}` })),
    ];
    await produceWithJava({ brokers, topic, codec }, records);
    const read: LogRecord[] = [];
    for await (const batch of log.read({ topic, partition: 0 })) read.push(...batch);
    expect(read.map(({ key }) => key)).toEqual(records.map(({ key }) => key));
    for (const [at, { value }] of records.entries()) expect(read[at]?.value?.equals(Buffer.from(value))).toBe(true);
    expect(read[0]?.headers).toEqual({ h: '1' });
  });

  it("writes what Java's consumer reads, compressed or not", { timeout: 60_000 }, async () => {
    const topic = `ours-${randomUUID()}`;
    await log.createTopics([{ name: topic, partitions: 1, retention: 'forever' }]);
    const records = [1, 3, 500].flatMap((count) =>
      Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: `{"at":${at},"of":${count},"name":"Ægir"}` })),
    );
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 504],
    ]) {
      await log.append(records.slice(from, to).map((record) => ({ topic, ...record, headers: { ce_type: 'x' } })));
    }
    expect(await consumeWithJava(brokers, topic, records.length)).toEqual(
      records.map(({ key, value }) => `ce_type:x\t${key}\t${value}`),
    );
  });
});
