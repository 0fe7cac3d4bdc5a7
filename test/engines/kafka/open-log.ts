/** Opens the Kafka log as the environment tells: for the child processes of the contract. */
import type { EventLog } from '../../../log/event-log.ts';
import { openKafkaLog } from '../../../log/kafka/kafka-log.ts';

export async function open(): Promise<EventLog> {
  const brokers = process.env['LOG_BROKERS'];
  if (brokers === undefined) throw new Error('LOG_BROKERS must name the brokers of the Kafka log');
  return openKafkaLog({ brokers: brokers.split(','), partitions: 2, sessionTimeoutMs: 2000 });
}
