/** What the broker tells of transactions: how far each partition can be read, and by Kafka's own tool, which are open. */
import { Kafka, logLevel } from 'kafkajs';
import type { EventLog } from '../../../log/event-log.ts';
import { kafkaTool } from '../../engines/kafka-libs.ts';
import type { BrokerPartition, BrokerTransaction, History } from '../history.ts';

export async function brokerState(
  brokers: readonly string[],
  log: EventLog,
  topics: readonly string[],
): Promise<History['broker']> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const partitions: BrokerPartition[] = [];
    const stable = await log.ends(topics);
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        const lastStable = stable.find((end) => end.topic === topic && end.partition === partition)?.offset ?? -1;
        partitions.push({ topic, partition, highWatermark: Number(high), lastStable });
      }
    }
    return { partitions, transactions: await listTransactions(brokers) };
  } finally {
    await admin.disconnect();
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
