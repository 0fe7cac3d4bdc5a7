/** What more processors bring, and how long partitions have nobody when one is killed. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '../../log/event-log.ts';
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { DEFAULT_SESSION_TIMEOUT_MS } from '../../log/kafka/processing.ts';
import { partitionOf } from '../../log/partition-of.ts';
import { prefixed } from '../../log/prefixed.ts';
import { TRANSACTIONS } from '../../records/topics.ts';
import { addProduct, appendAll, createTopics, restockProduct } from '../rigs/commands.ts';
import { allDecided } from '../rigs/deciding.ts';
import { kafkaEnv, startRole } from '../rigs/system.ts';
import { until } from '../rigs/timing.ts';
import type { Bench, Row } from '../suite/row.ts';

const PARTITIONS = 8;
const PROCESSORS = [1, 2, 4];
const PROCESSORS_OF_A_SMOKE_RUN = [1, 2];
const PATIENCE_MS = 300_000;
const ASK_EVERY_MS = 100;
const FAIL_OVERS = [
  ['', {}],
  [' (standby copies)', { STANDBY_EVERY: '2s' }],
] as const;
/** Each processor has read all partitions of the other by then. */
const COPIED_AFTER_MS = 15_000;

export const scale: Row = {
  name: 'scale',
  what: 'restockProduct decided a second by 1, 2 and 4 processor processes, 8 partitions; how long commands wait when one of two is killed',
  against: 'one processor; the session time-out',
  goal: 'what the machine allows; ≤ time-out + 1 s',
  full: { commands: 50_000, products: 1000 },
  quick: { commands: 500, products: 32 },
  async run(bench) {
    const named = await kafkaEnv(bench);
    const env = { ...named, PARTITIONS: String(PARTITIONS) };
    const { brokers } = await bench.kafka();
    const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), named['TOPIC_PREFIX'] ?? '');
    bench.defer(() => log.close());
    await createTopics(log, PARTITIONS);
    await appendAll(
      log,
      Array.from({ length: bench.size('products') }, (_, at) => addProduct(at)),
    );
    const running = [await startRole(bench, 'processor', env)];
    let one = Number.NaN;
    for (const count of bench.quick ? PROCESSORS_OF_A_SMOKE_RUN : PROCESSORS) {
      while (running.length < count) running.push(await startRole(bench, 'processor', env));
      await allDecided(log, PATIENCE_MS);
      const perSecond = await decidedPerSecond(log, bench, `scale-${count}`);
      if (count === 1) one = perSecond;
      bench.tell({
        label: `${count} processor${count === 1 ? '' : 's'}`,
        unit: 'commands/s',
        values: { Counterfoil: perSecond, ...(count === 1 ? {} : { 'one processor': one }) },
      });
    }
    for (const [label, more] of FAIL_OVERS) {
      for (const server of running.splice(0)) await server.stop();
      while (running.length < 2) running.push(await startRole(bench, 'processor', { ...env, ...more }));
      await allDecided(log, PATIENCE_MS);
      await pause(COPIED_AFTER_MS);
      const gap = await longestWait(log, bench, () => running[0]?.stop('SIGKILL'));
      bench.tell({
        label: `one of two killed${label}: the longest wait of a command`,
        unit: 'ms',
        values: { Counterfoil: gap },
        goal: { atMost: DEFAULT_SESSION_TIMEOUT_MS + 1000 },
      });
    }
  },
};

async function decidedPerSecond(log: EventLog, bench: Bench, run: string): Promise<number> {
  const [commands, products] = [bench.size('commands'), bench.size('products')];
  const began = performance.now();
  await appendAll(
    log,
    Array.from({ length: commands }, (_, at) => restockProduct(at % products, `${run}-${at}`)),
  );
  await allDecided(log, PATIENCE_MS);
  return commands / ((performance.now() - began) / 1000);
}

/** A command to each partition again and again, while one processor dies: how long one of them waits for its status. */
async function longestWait(log: EventLog, bench: Bench, kill: () => unknown): Promise<number> {
  const ids = oneOfEachPartition(bench.size('products'));
  // Commands with the ids of an earlier call would count as sent twice.
  const run = randomUUID().slice(0, 8);
  const sent = new Map<string, number>();
  let longest = 0;
  const following = await log.follow({
    name: 'scale-bench',
    topics: [TRANSACTIONS],
    from: 'now',
    onBatch: ({ records }) => {
      for (const { key } of records) {
        const began = sent.get(key ?? '');
        if (began === undefined) continue;
        longest = Math.max(longest, performance.now() - began);
        sent.delete(key ?? '');
      }
    },
  });
  await following.caughtUp();
  const end = performance.now() + (bench.quick ? DEFAULT_SESSION_TIMEOUT_MS + 3000 : 3 * DEFAULT_SESSION_TIMEOUT_MS);
  let round = 0;
  while (performance.now() < end) {
    if (round === 10) await kill();
    const records = ids.map((at) => restockProduct(at, `wait-${run}-${round}-${at}`));
    for (const { headers } of records) sent.set(headers['ce_id'] ?? '', performance.now());
    await log.append(records);
    round += 1;
    await pause(ASK_EVERY_MS);
  }
  await until('the last commands are decided', PATIENCE_MS, () => sent.size === 0);
  await following.stop();
  return longest;
}

function oneOfEachPartition(products: number): readonly number[] {
  const found = new Map<number, number>();
  for (let at = 0; at < products; at++) {
    const partition = partitionOf(`p${at}`, PARTITIONS);
    if (!found.has(partition)) found.set(partition, at);
  }
  return [...found.values()];
}
