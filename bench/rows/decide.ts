/** How many real commands a processor decides, exactly once, beside what kafkajs can do at all. */
import { randomUUID } from 'node:crypto';
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { prefixed } from '../../log/prefixed.ts';
import { eventsTopic, stateTopic, TRANSACTIONS } from '../../records/topics.ts';
import { decideAll, lastRecord, PARTITIONS, prepareProducts, restocks } from '../rigs/deciding.ts';
import { BareDecider } from '../rivals/bare-decider.ts';
import type { Bench, Row } from '../suite/row.ts';

export const decide: Row = {
  name: 'decide',
  what: 'real commands (restockProduct) decided in a second, exactly once, by one process with 4 partitions',
  against: 'bare kafkajs: consume → transaction → produce of the same bytes; embedded: a core',
  goal: '≥ 0.9; embedded ≥ 20,000/s a core',
  full: { commands: 100_000, products: 1000 },
  quick: { commands: 2000, products: 100 },
  async run(bench) {
    await onKafka(bench);
    await onEmbedded(bench);
  },
};

async function onKafka(bench: Bench): Promise<void> {
  const [commands, products] = [bench.size('commands'), bench.size('products')];
  const { brokers } = await bench.kafka();
  const kafka = openKafkaLog({ brokers, partitions: PARTITIONS });
  const log = prefixed(kafka, `decide-${randomUUID().slice(0, 8)}.`);
  const kept = await bench.folder();
  bench.defer(() => log.close());
  await prepareProducts(log, products, kept);
  // Also warms up.
  await decideAll(log, kept, restocks(Math.min(commands, 5000), products));
  const templates = {
    event: await lastRecord(log, eventsTopic('products')),
    state: await lastRecord(log, stateTopic('products')),
    status: await lastRecord(log, TRANSACTIONS),
  };
  const bare = await BareDecider.open(brokers, PARTITIONS, templates);
  await bench.compare({
    label: 'Kafka',
    unit: 'commands/s',
    ours: {
      name: 'Counterfoil',
      measure: async () => (await decideAll(log, kept, restocks(commands, products))).perSecond,
    },
    rival: { name: 'bare kafkajs', measure: () => bare.perSecond(restocks(commands, products)) },
    goal: { atLeast: 0.9 },
  });
}

async function onEmbedded(bench: Bench): Promise<void> {
  const [commands, products] = [bench.size('commands'), bench.size('products')];
  const kept = await bench.folder();
  const log = await openEmbeddedLog({ dir: kept });
  bench.defer(() => log.close());
  await prepareProducts(log, products, kept);
  await bench.compare({
    label: 'embedded',
    unit: 'commands/s of processor time',
    ours: {
      name: 'Counterfoil',
      measure: async () => (await decideAll(log, kept, restocks(commands, products))).perProcessorSecond,
    },
    goal: { atLeast: 20_000 },
  });
}
