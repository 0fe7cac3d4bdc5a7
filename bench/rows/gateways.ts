/** What a gateway costs that serves nobody: each follows all commands and all statuses, whoever sent them. */

import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog, Position } from '../../log/event-log.ts';
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { prefixed } from '../../log/prefixed.ts';
import { processorOf } from '../../processors/index.ts';
import { COMMAND_TOPICS, commandsTopic, TRANSACTIONS } from '../../records/topics.ts';
import { processorSeconds } from '../rigs/child.ts';
import { addProduct, appendAll, restockProduct } from '../rigs/commands.ts';
import { mutationBody, purchaseInput, Shop } from '../rigs/shop.ts';
import { startOnKafka } from '../rigs/system.ts';
import { until } from '../rigs/timing.ts';
import type { Bench, Row } from '../suite/row.ts';

const PARTITIONS = 4;
const PATIENCE_MS = 300_000;
const ENOUGH = 20_000;
const FOLLOWED = [...COMMAND_TOPICS, TRANSACTIONS];

export const gateways: Row = {
  name: 'gateways',
  what: 'a gateway that serves nobody, beside a processor and a projector: commands followed for each second of its processor time',
  against: 'a rate of 20,000 commands/s',
  goal: '≥ 20,000 commands/s on a core',
  full: { commands: 50_000, purchases: 3000, products: 1000 },
  quick: { commands: 1000, purchases: 50, products: 50 },
  async run(bench) {
    const { gateway, servers, env } = await startOnKafka(bench, ['gateway', 'gateway', 'processor', 'projector']);
    const idle = servers.get('gateway')?.[1]?.process.pid ?? 0;
    const { brokers } = await bench.kafka();
    const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), env['TOPIC_PREFIX'] ?? '');
    bench.defer(() => log.close());
    const [commands, products] = [bench.size('commands'), bench.size('products')];
    const told: Followed = { log, pid: idle, idle: await idleShare(idle, bench) };
    bench.note(`while nothing happens the gateway takes ${(told.idle * 100).toFixed(1)} % of a core`);
    await appendAll(
      log,
      Array.from({ length: products }, (_, at) => addProduct(at + 100_000)),
    );

    await followed(bench, 'one command after another (restockProduct)', told, async () => {
      await appendAll(
        log,
        Array.from({ length: commands }, (_, at) => restockProduct(100_000 + (at % products), `g-${at}`)),
      );
      await allDecided(log);
      return commands;
    });

    const shop = await Shop.open(gateway);
    bench.defer(() => shop.close());
    const purchases = bench.size('purchases');
    await followed(bench, 'purchases of three lines, each 12 commands', told, async () => {
      await shop.drive(64, (number) =>
        number < purchases ? mutationBody('place', purchaseInput(number, 3)) : undefined,
      );
      await allDecided(log);
      return purchases * 12;
    });
  },
};

async function allDecided(log: EventLog): Promise<void> {
  const ends = await log.ends([commandsTopic('products')]);
  await until('the commands are decided', PATIENCE_MS, async () => {
    const committed = await log.committed(processorOf('products'));
    const at = new Map(committed.map(({ partition, offset }) => [partition, offset]));
    return ends.every(({ partition, offset }) => offset === 0 || (at.get(partition) ?? 0) >= offset);
  });
}

const sum = (ends: readonly Position[]) => ends.reduce((all, { offset }) => all + offset, 0);

/** What the process takes while nothing happens, in seconds of processor time for each second. */
async function idleShare(pid: number, bench: Bench): Promise<number> {
  const [before, seconds] = [await processorSeconds(pid), bench.quick ? 0.5 : 10];
  await pause(seconds * 1000);
  return ((await processorSeconds(pid)) - before) / seconds;
}

interface Followed {
  readonly log: EventLog;
  readonly pid: number;
  /** See `idleShare`. */
  readonly idle: number;
}

/** @param work returns how many commands there were */
async function followed(
  bench: Bench,
  label: string,
  { log, pid, idle }: Followed,
  work: () => Promise<number>,
): Promise<void> {
  const [records, before, began] = [sum(await log.ends(FOLLOWED)), await processorSeconds(pid), performance.now()];
  const commands = await work();
  // The idle gateway is a little behind.
  await pause(1000);
  const elapsed = (performance.now() - began) / 1000;
  const seconds = Math.max(0.001, (await processorSeconds(pid)) - before - idle * elapsed);
  const count = sum(await log.ends(FOLLOWED)) - records;
  bench.note(
    `${label}: ${((seconds / count) * 1e6).toFixed(1)} µs of processor time for each of ${count.toLocaleString('en')} records, commands and statuses, at ${Math.round(commands / elapsed).toLocaleString('en')} commands/s`,
  );
  bench.tell({
    label,
    unit: 'commands/s of processor time',
    values: { Counterfoil: commands / seconds },
    goal: { atLeast: ENOUGH },
  });
}
