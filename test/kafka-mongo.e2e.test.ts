/** The journeys on Kafka and MongoDB: a gateway, two processors and two projectors, each a process of its own. */
import { inject } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { journeys } from './e2e/journeys.ts';

const brokers = inject('kafkaBrokers');
const mongoUrl = inject('mongoUrl');
const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');
let cluster: Cluster | undefined;

journeys('Kafka and MongoDB, five processes', {
  ...(missing ? { missing } : {}),
  async start() {
    cluster = await Cluster.start({ brokers, mongoUrl });
    return cluster.gateway;
  },
  async stop() {
    await cluster?.stop();
  },
});
