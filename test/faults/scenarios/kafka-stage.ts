/** A broker of the scenario's own whose retention and compaction work within a second, and what days do to a log on it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { openKafkaLog } from '../../../log/kafka/kafka-log.ts';
import { TRANSACTIONS } from '../../../records/topics.ts';
import { startKafka } from '../../engines/kafka.ts';
import { commandsLeft, readLog } from '../gather.ts';
import type { History } from '../history.ts';
import { PARTITIONS, Stage } from './stage.ts';

const SETTINGS = {
  // Its own clock is right: without this it would refuse what a process writes that is days ahead.
  'log.message.timestamp.after.max.ms': String(Number.MAX_SAFE_INTEGER),
  'log.retention.check.interval.ms': '300',
  'log.initial.task.delay.ms': '300',
  'log.segment.ms': '1000',
  'log.cleaner.backoff.ms': '300',
  'log.cleaner.min.cleanable.ratio': '0.01',
};
const WEEK_MS = '604800000';
const PATIENCE_MS = 60_000;

export class KafkaStage {
  readonly stage: Stage;
  readonly admin: Admin;
  readonly #kafka: Awaited<ReturnType<typeof startKafka>>;
  readonly #client: Kafka;
  /** What lets go of the topics that are held up. */
  readonly #held = new Map<string, () => Promise<void>>();

  private constructor(stage: Stage, kafka: Awaited<ReturnType<typeof startKafka>>) {
    this.stage = stage;
    this.#kafka = kafka;
    this.#client = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    this.admin = this.#client.admin();
  }

  static async open(): Promise<KafkaStage> {
    const [stage, kafka] = await Promise.all([Stage.open(), startKafka({ settings: SETTINGS, heapMb: 320 })]);
    const opened = new KafkaStage(stage, kafka);
    await opened.admin.connect();
    return opened;
  }

  get env(): Readonly<Record<string, string>> {
    return { KAFKA_BROKERS: this.#kafka.brokers.join(',') };
  }

  async close(): Promise<void> {
    await this.stage.close();
    await this.admin.disconnect();
    await this.#kafka.stop();
  }

  /** What retention does to statuses of which the youngest is older than a week: the partitions are left empty. */
  async emptyTransactions(): Promise<void> {
    await this.#retain('1');
    await until('the broker has let go of all statuses', async () => {
      const offsets = await this.admin.fetchTopicOffsets(TRANSACTIONS);
      return offsets.some(({ high }) => Number(high) > 0) && offsets.every(({ low, high }) => low === high);
    });
    await this.#retain(WEEK_MS);
  }

  /** What the broker does to a group that has had no members for a week. */
  async expireOffsets(): Promise<void> {
    await until('all groups have lost their members', async () => {
      const { groups } = await this.admin.listGroups();
      const described = await this.admin.describeGroups(groups.map(({ groupId }) => groupId));
      return described.groups.every(({ state }) => state === 'Empty' || state === 'Dead');
    });
    const { groups } = await this.admin.listGroups();
    if (groups.length > 0) await this.admin.deleteGroups(groups.map(({ groupId }) => groupId));
  }

  /**
   * Nothing behind this can be read by who reads committed records only, as behind the open transaction of a producer that
   * has gone, until it is let go.
   */
  async holdUp(topic: string): Promise<void> {
    const producer = this.#client.producer({
      transactionalId: `holds-up-${topic}`,
      maxInFlightRequests: 1,
      transactionTimeout: 300_000,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    this.#held.set(topic, async () => {
      await transaction.abort();
      await producer.disconnect();
    });
    // One record to each partition, never committed.
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await transaction.send({ topic, messages: [{ partition, value: 'held up' }] });
    }
  }

  /** Of one topic, or of all that are held up. */
  async letGo(topic?: string): Promise<void> {
    for (const [held, release] of [...this.#held]) {
      if (topic !== undefined && held !== topic) continue;
      this.#held.delete(held);
      await release();
    }
  }

  async log(): Promise<History['log']> {
    const log = openKafkaLog({ brokers: this.#kafka.brokers, partitions: PARTITIONS });
    try {
      await until('all commands are decided', async () => (await commandsLeft(log)) === 0);
      return await readLog(log, PARTITIONS);
    } finally {
      await log.close();
    }
  }

  async #retain(ms: string): Promise<void> {
    await this.admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: TRANSACTIONS,
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'retention.ms', value: ms },
          ],
        },
      ],
    });
  }
}

/** @throws when it does not come true */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: it did not come to that within ${PATIENCE_MS / 1000} s`);
    await pause(100);
  }
}
