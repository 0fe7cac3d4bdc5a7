/** The log by itself, without any rule of the domain: a command in, a step committed, its outcome seen. */
import { randomUUID } from 'node:crypto';
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { openLoop } from '../rigs/our-loop.ts';
import { type Loop, openBareLoop } from '../rivals/bare-loop.ts';
import type { Bench, Row } from '../suite/row.ts';
import { percentile } from '../suite/statistics.ts';

const PARTITIONS = 4;
const VALUE = JSON.stringify({ note: 'x'.repeat(150) });

export const loop: Row = {
  name: 'loop',
  what: "one hop on Kafka through the log's port, and many at once",
  against: 'the bare kafkajs loop, consume → transaction → read committed, on the same broker',
  goal: 'p50 ≤ 1.1 ×; ≥ 0.9 of its throughput',
  full: { seconds: 4, inFlight: 1024 },
  quick: { seconds: 1, inFlight: 64 },
  async run(bench) {
    const { brokers } = await bench.kafka();
    const log = openKafkaLog({ brokers, partitions: PARTITIONS });
    bench.defer(() => log.close());
    const ours = await openLoop(log, PARTITIONS, VALUE);
    bench.defer(() => ours.close());
    const bare = await openBareLoop(brokers, PARTITIONS, VALUE);
    bench.defer(() => bare.close());
    const sides = (figure: (loop: Loop) => Promise<number>) => ({
      ours: { name: 'Counterfoil', measure: () => figure(ours) },
      rival: { name: 'bare loop', measure: () => figure(bare) },
    });
    await bench.compare({
      label: 'one in flight',
      unit: 'ms, p50',
      ...sides(async (each) => percentile(await turns(bench, each, 1), 0.5)),
      goal: { atMost: 1.1 },
    });
    await bench.compare({
      label: `${bench.size('inFlight')} in flight`,
      unit: 'hops/s',
      ...sides(async (each) => (await turns(bench, each, bench.size('inFlight'))).length / bench.size('seconds')),
      goal: { atLeast: 0.9 },
    });
  },
};

/** So many callers at once, each beginning anew when it has its answer. @returns ms of each hop that began in time */
async function turns(bench: Bench, loop: Loop, callers: number): Promise<readonly number[]> {
  const end = performance.now() + bench.size('seconds') * 1000;
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let began = performance.now(); began < end; began = performance.now()) {
        await loop.roundTrip(randomUUID());
        times.push(performance.now() - began);
      }
    }),
  );
  return times;
}
