/** What the broker tells of transactions: how far each partition can be read, and by Kafka's own tool, which are open. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { EventLog } from '../../../log/event-log.ts';
import { kafkaTool } from '../../engines/kafka-libs.ts';
import type { BrokerPartition, BrokerTransaction, History } from '../history.ts';
import type { Random } from '../random.ts';

export async function brokerState(
  brokers: readonly string[],
  log: EventLog,
  topics: readonly string[],
): Promise<History['broker']> {
  const partitions: BrokerPartition[] = [];
  const stable = await log.ends(topics);
  await asked(brokers, async (admin) => {
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const lastStable = stable.find((end) => end.topic === topic && end.partition === partition)?.offset ?? -1;
        partitions.push({ topic, partition, highWatermark: Number(high), lastStable });
      }
    }
  });
  return { partitions, transactions: await listTransactions(brokers) };
}

const IN_SYNC_MS = 90_000;

async function asked<T>(brokers: readonly string[], ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Who leads a partition of the topic, chosen by chance; -1: nobody. */
export async function leaderOf(
  brokers: readonly string[],
  topic: string,
  random: Random,
): Promise<{ readonly leader: number; readonly partition: number }> {
  const { topics } = await asked(brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  const { leader, partitionId } = random.pick(topics[0]?.partitions ?? []);
  return { leader, partition: partitionId };
}

/** Resolves when all copies of all partitions are in sync. @throws when that takes too long */
export async function untilInSync(brokers: readonly string[]): Promise<void> {
  const deadline = Date.now() + IN_SYNC_MS;
  const behind = async (): Promise<readonly string[]> => {
    const { topics } = await asked(brokers, (admin) => admin.fetchTopicMetadata());
    return topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ isr, replicas }) => isr.length < replicas.length)
        .map(({ partitionId }) => `${name}/${partitionId}`),
    );
  };
  for (;;) {
    const missing = await behind().catch((error: unknown) => [String(error)]);
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`not in sync after ${IN_SYNC_MS / 1000} s: ${missing.join(', ')}`);
    await pause(500);
  }
}

/** `kafka-transactions.sh list`: TransactionalId, Coordinator, ProducerId, TransactionState. */
async function listTransactions(brokers: readonly string[]): Promise<readonly BrokerTransaction[]> {
  const tool = 'org.apache.kafka.tools.TransactionsCommand';
  const stdout = await kafkaTool(tool, ['--bootstrap-server', brokers.join(','), 'list']);
  const [head = '', ...lines] = stdout.split('\n').filter((line) => line.trim() !== '');
  if (!head.includes('TransactionState')) throw new Error(`the list of transactions has another form:\n${stdout}`);
  return lines.map((line) => {
    const [transactionalId = '', , , state = ''] = line.trim().split(/\s+/);
    return { transactionalId, state };
  });
}
