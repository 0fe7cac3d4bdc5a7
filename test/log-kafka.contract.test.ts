/** The event log's contract on Kafka, and what only this engine has: fencing, brokers that hang or restart, topic settings. */
import { describe, inject } from 'vitest';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { eventLogContract } from './log-contract.ts';

const brokers = inject('kafkaBrokers');
const missing = inject('kafkaMissing');

describe.skipIf(missing !== '')(`Kafka${missing === '' ? '' : ` (${missing})`}`, () => {
  eventLogContract('Kafka', {
    open: async () => openKafkaLog({ brokers, partitions: 2, sessionTimeoutMs: 2000 }),
    childEnvironment: () => ({ LOG_MODULE: '../engines/kafka/open-log.ts', LOG_BROKERS: brokers.join() }),
  });
});
