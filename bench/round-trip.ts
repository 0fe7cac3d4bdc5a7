/**
 * `npm run bench`: command in, step committed, outcome seen. Ours on Kafka against the bare kafkajs loop on the same broker,
 * in turn, as ratios; and ours on the embedded log. Kafka is found as the tests find it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { kafkaForTests } from '../test/engines/index.ts';
import { type Loop, openBareLoop } from './bare-loop.ts';
import { type Figures, line, load, median } from './load.ts';
import { openLoop } from './our-loop.ts';

const PARTITIONS = 4;
const SECONDS = 4;
const ROUNDS = 3;
const VALUE = JSON.stringify({ note: 'x'.repeat(150) });

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measure(name: string, loop: Loop, callers: number): Promise<Figures> {
  const figures = await load(callers, SECONDS, (call) => loop.roundTrip(`${callers}/${call}/${Math.random()}`));
  say(line(`${name}, ${callers} in flight`, figures));
  return figures;
}

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
const embedded = await openEmbeddedLog({ dir: folder });
const onEmbedded = await openLoop(embedded, PARTITIONS, VALUE);
for (const callers of [1, 1024]) await measure('ours, embedded', onEmbedded, callers);
await onEmbedded.close();
await embedded.close();
await rm(folder, { recursive: true });

const found = await kafkaForTests();
if (found.missing !== undefined) {
  say(`Kafka left out: ${found.missing}`);
} else {
  const { engine } = found;
  const log = openKafkaLog({ brokers: engine.brokers, partitions: PARTITIONS });
  const ours = await openLoop(log, PARTITIONS, VALUE);
  const bare = await openBareLoop(engine.brokers, PARTITIONS, VALUE);
  for (const callers of [1, 1024]) {
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const yardstick = await measure('bare kafkajs loop', bare, callers);
      const figures = await measure('ours, Kafka', ours, callers);
      ratios.push(callers === 1 ? figures.p50 / yardstick.p50 : figures.perSecond / yardstick.perSecond);
    }
    const what = callers === 1 ? 'p50, ours to bare (less is better)' : 'throughput, ours to bare (more is better)';
    say(`  ${what}, median of ${ROUNDS}: ${median(ratios).toFixed(2)}`);
  }
  await ours.close();
  await bare.close();
  await log.close();
  await engine.stop();
}
