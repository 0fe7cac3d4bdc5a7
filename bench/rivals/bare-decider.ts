/**
 * The least that deciding commands exactly once can be on kafkajs: consume a batch, send the records that come of it and the
 * position in one transaction. It decides nothing and remembers nothing; what it sends was written by ours.
 */
import { randomUUID } from 'node:crypto';
import kafkajs, { type KafkaMessage, type Message, type Producer, type TopicMessages } from 'kafkajs';
import type { LogRecord, NewRecord } from '../../log/event-log.ts';
import { partitionOf } from '../../log/partition-of.ts';

/** As ours: records of one command of each kind, whose bytes are sent again for each command. */
export interface Templates {
  readonly event: LogRecord;
  readonly state: LogRecord;
  readonly status: LogRecord;
}

const MAX_BATCH = 1000;
const SENT_AT_ONCE = 2000;

export class BareDecider {
  readonly #id = `bare-${randomUUID().slice(0, 8)}`;
  readonly #kafka: kafkajs.Kafka;
  readonly #partitions: number;
  readonly #templates: Templates;

  private constructor(brokers: readonly string[], partitions: number, templates: Templates) {
    this.#kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
    this.#partitions = partitions;
    this.#templates = templates;
  }

  static async open(brokers: readonly string[], partitions: number, templates: Templates): Promise<BareDecider> {
    const decider = new BareDecider(brokers, partitions, templates);
    const admin = decider.#kafka.admin();
    await admin.connect();
    const topics = ['commands', 'events', 'state', 'status'].map((name) => decider.#topic(name));
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: partitions })) });
    await admin.disconnect();
    return decider;
  }

  #topic(name: string): string {
    return `${this.#id}.${name}`;
  }

  /** Puts the commands on its topic, and takes them from there. @returns commands in a second, from the first batch on */
  async perSecond(commands: readonly NewRecord[]): Promise<number> {
    await this.#append(commands);
    const writers = await Promise.all(
      Array.from({ length: this.#partitions }, async (_, at) => {
        const writer = this.#kafka.producer({
          transactionalId: `${this.#id}-${at}`,
          maxInFlightRequests: 1,
          idempotent: true,
        });
        await writer.connect();
        return writer;
      }),
    );
    const consumer = this.#kafka.consumer({ groupId: this.#id, maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#topic('commands')], fromBeginning: true });
    let began = 0;
    let left = commands.length;
    const took = new Promise<number>((resolve) => {
      void consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.#partitions,
        eachBatch: async ({ batch: { partition, messages }, resolveOffset }) => {
          if (began === 0) began = performance.now();
          for (let at = 0; at < messages.length; at += MAX_BATCH) {
            const step = messages.slice(at, at + MAX_BATCH);
            await this.#decide(writers[partition], partition, step);
            resolveOffset(step.at(-1)?.offset ?? '0');
            left -= step.length;
          }
          if (left <= 0) resolve(performance.now() - began);
        },
      });
    });
    const ms = await took;
    await Promise.all([consumer, ...writers].map((client) => client.disconnect()));
    return (commands.length / ms) * 1000;
  }

  async #append(commands: readonly NewRecord[]): Promise<void> {
    const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let at = 0; at < commands.length; at += SENT_AT_ONCE) {
      const messages = commands.slice(at, at + SENT_AT_ONCE).map(({ key, value, headers }) => ({
        ...{ key, value, headers },
        partition: partitionOf(key, this.#partitions),
      }));
      await producer.send({ topic: this.#topic('commands'), messages });
    }
    await producer.disconnect();
  }

  async #decide(writer: Producer | undefined, partition: number, step: readonly KafkaMessage[]): Promise<void> {
    const last = step.at(-1)?.offset;
    const transaction = await writer?.transaction();
    if (transaction === undefined || last === undefined) return;
    await transaction.sendBatch({ topicMessages: this.#outputs(partition, step) });
    const offsets = [{ partition, offset: String(BigInt(last) + 1n) }];
    await transaction.sendOffsets({
      consumerGroupId: this.#id,
      topics: [{ topic: this.#topic('commands'), partitions: offsets }],
    });
    await transaction.commit();
  }

  /** An event and a status for each command, a state for each key. */
  #outputs(partition: number, step: readonly KafkaMessage[]): TopicMessages[] {
    const { event, state, status } = this.#templates;
    const of = (template: LogRecord, key: Buffer | string | null): Message => ({
      ...{ partition, key, value: template.value, headers: { ...template.headers } },
    });
    const keys = new Set(step.map(({ key }) => String(key)));
    return [
      { topic: this.#topic('events'), messages: step.map(({ key }) => of(event, key)) },
      { topic: this.#topic('state'), messages: [...keys].map((key) => of(state, key)) },
      { topic: this.#topic('status'), messages: step.map(({ headers }) => of(status, String(headers?.['ce_id']))) },
    ];
  }
}
