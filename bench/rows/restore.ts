/** How long a processor takes until it decides, with many aggregates' states on Kafka. */
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { prefixed } from '../../log/prefixed.ts';
import { stateTopic } from '../../records/topics.ts';
import { startServer } from '../../test/e2e/server.ts';
import { residentMb } from '../rigs/child.ts';
import { appendAll, createTopics } from '../rigs/commands.ts';
import { Story } from '../rigs/story.ts';
import { kafkaEnv } from '../rigs/system.ts';
import { readTopic } from '../rivals/bare-reader.ts';
import type { Bench, Row } from '../suite/row.ts';

const PARTITIONS = 4;
const WARM_MS = 5000;

export const restore: Row = {
  name: 'restore',
  what: 'a processor process started, with customers on Kafka: until it is ready, the start of the process included',
  against: 'reading the same bytes from Kafka with a kafkajs consumer, once it has its partitions',
  goal: '≤ 1.5 × cold; ≤ 5 s warm',
  full: { aggregates: 1_000_000 },
  quick: { aggregates: 2000 },
  async run(bench) {
    const [aggregates, env] = [bench.size('aggregates'), await kafkaEnv(bench)];
    const { brokers } = await bench.kafka();
    const prefix = env['TOPIC_PREFIX'] ?? '';
    const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), prefix);
    bench.defer(() => log.close());
    await createTopics(log, PARTITIONS);
    const story = new Story({ purchases: 1, lines: 1, customers: aggregates, products: 1 }, PARTITIONS);
    // Folds the customers; of the records, the states alone are written.
    for (const _ of story.beginning());
    await appendAll(log, story.end());

    const topic = `${prefix}${stateTopic('customers')}`;
    const empty = await startOnce({ ...(await kafkaEnv(bench)), DATA_DIR: await bench.folder() });
    const full = await startOnce({ ...env, DATA_DIR: await bench.folder() });
    bench.note(
      `with nothing to restore it is ready after ${Math.round(empty.ms)} ms, with ${Math.round(empty.mb)} MB of memory; with ${aggregates.toLocaleString('en')} customers it has ${Math.round(full.mb)} MB`,
    );
    await bench.compare({
      label: 'cold',
      unit: 'ms',
      ours: {
        name: 'Counterfoil',
        measure: async () => (await startOnce({ ...env, DATA_DIR: await bench.folder() })).ms,
      },
      rival: {
        name: 'kafkajs consumer',
        measure: async () => (await readTopic(brokers, topic, aggregates)).took,
      },
      goal: { atMost: 1.5 },
    });
    await warm(bench, env);
  },
};

/** Started again on the folder in which it left what it knew. */
async function warm(bench: Bench, env: Readonly<Record<string, string>>): Promise<void> {
  const known = { ...env, DATA_DIR: await bench.folder() };
  await startOnce(known);
  await bench.compare({
    label: 'warm',
    unit: 'ms',
    ours: { name: 'Counterfoil', measure: async () => (await startOnce(known)).ms },
    goal: { atMost: WARM_MS },
  });
}

async function startOnce(env: Readonly<Record<string, string>>): Promise<{ readonly ms: number; readonly mb: number }> {
  const began = performance.now();
  const server = await startServer({ built: true, env: { ...env, ROLE: 'processor' } });
  const ms = performance.now() - began;
  const mb = await residentMb(server.process.pid ?? 0);
  await server.stop();
  return { ms, mb };
}
