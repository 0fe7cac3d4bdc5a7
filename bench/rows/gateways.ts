/** What a gateway costs by what others do: each follows all commands and all statuses, and reads those that somebody here asks for. */

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SignJWT } from 'jose';
import type { EventLog, Position } from '../../log/event-log.ts';
import { openKafkaLog } from '../../log/kafka/kafka-log.ts';
import { prefixed } from '../../log/prefixed.ts';
import { COMMAND_TOPICS, TRANSACTIONS } from '../../records/topics.ts';
import type { Server } from '../../test/e2e/server.ts';
import { processorSeconds, readMb } from '../rigs/child.ts';
import { addProduct, appendAll, restockProduct } from '../rigs/commands.ts';
import { allDecided } from '../rigs/deciding.ts';
import { mutationBody, purchaseInput, Shop } from '../rigs/shop.ts';
import { Sockets } from '../rigs/sockets.ts';
import { startOnKafka, startRole } from '../rigs/system.ts';
import { until } from '../rigs/timing.ts';
import type { Bench, Row } from '../suite/row.ts';

const PARTITIONS = 4;
const PATIENCE_MS = 300_000;
const ENOUGH = 20_000;
const FOLLOWED = [...COMMAND_TOPICS, TRANSACTIONS];
/** One of so many users has a subscriber. */
const USERS = 8;
const userOf = (at: number) => `user-${at % USERS}`;
const ALL_OF_MINE = 'subscription { transactions { id status } }';

/** A gateway that is measured. */
interface Measured {
  readonly name: string;
  readonly pid: number;
  /** Of one that stands still meanwhile, and then reads all of it at once, in batches as full as they are at a rate that fills a core. */
  readonly behind?: Server;
}

/** What a gateway has used so far. */
interface Used {
  readonly seconds: number;
  readonly mb: number;
}

export const gateways: Row = {
  name: 'gateways',
  what: 'a gateway that serves nobody, and one that serves an eighth of the users, beside a processor and a projector: commands followed for each second of its processor time',
  against: 'a rate of 20,000 commands/s',
  goal: '≥ 20,000 commands/s on a core',
  full: { commands: 50_000, purchases: 3000, products: 1000 },
  quick: { commands: 1000, purchases: 50, products: 50 },
  async run(bench) {
    const { gateway, servers, env } = await startOnKafka(bench, ['gateway', 'gateway', 'processor', 'projector']);
    const idle = { name: 'serves nobody', pid: servers.get('gateway')?.[1]?.process.pid ?? 0 };
    const eighth = await startEighth(bench, env);
    const late = await startRole(bench, 'gateway', env);
    const behind = { name: 'serves nobody and reads all of it at once', pid: late.process.pid ?? 0, behind: late };
    const { brokers } = await bench.kafka();
    const log = prefixed(openKafkaLog({ brokers, partitions: PARTITIONS }), env['TOPIC_PREFIX'] ?? '');
    bench.defer(() => log.close());
    const [commands, products] = [bench.size('commands'), bench.size('products')];
    const share = await idleShare(idle, bench);
    bench.note(`while nothing happens the gateway takes ${(share * 100).toFixed(1)} % of a core`);
    await appendAll(
      log,
      Array.from({ length: products }, (_, at) => addProduct(at + 100_000)),
    );

    const following = { bench, log, share };
    await followed(following, 'one command after another (restockProduct)', [idle, eighth, behind], async () => {
      await appendAll(
        log,
        Array.from({ length: commands }, (_, at) => restockProduct(100_000 + (at % products), `g-${at}`, userOf(at))),
      );
      await allDecided(log, PATIENCE_MS);
      return commands;
    });

    const shop = await Shop.open(gateway);
    bench.defer(() => shop.close());
    const purchases = bench.size('purchases');
    await followed(following, 'purchases of three lines, each 12 commands', [idle, behind], async () => {
      await shop.drive(64, (number) =>
        number < purchases ? mutationBody('place', purchaseInput(number, 3)) : undefined,
      );
      await allDecided(log, PATIENCE_MS);
      return purchases * 12;
    });
  },
};

/** A gateway where one of the users listens to all of its transactions. */
async function startEighth(bench: Bench, env: Readonly<Record<string, string>>): Promise<Measured> {
  const secret = randomUUID();
  const server = await startRole(bench, 'gateway', { ...env, AUTH_JWT_SECRET: secret });
  const key = new TextEncoder().encode(secret);
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userOf(0))
    .setExpirationTime('1d')
    .sign(key);
  const sockets = new Sockets();
  bench.defer(() => sockets.close());
  await sockets.subscribe(server.url, 1, ALL_OF_MINE, token);
  return { name: 'serves an eighth', pid: server.process.pid ?? 0 };
}

const sum = (ends: readonly Position[]) => ends.reduce((all, { offset }) => all + offset, 0);

/** What the process takes while nothing happens, in seconds of processor time for each second. */
async function idleShare({ pid }: Measured, bench: Bench): Promise<number> {
  const [before, seconds] = [await processorSeconds(pid), bench.quick ? 0.5 : 10];
  await pause(seconds * 1000);
  return ((await processorSeconds(pid)) - before) / seconds;
}

const LAG = /^counterfoil_partition_lag_records\{.*part="transactions".*\} (\d+)/gm;

/** Until a gateway has read all that stands on the log. */
async function readAll({ url }: Server): Promise<void> {
  await until(
    'the gateway has read all',
    PATIENCE_MS,
    async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const lags = [...metrics.matchAll(LAG)];
      return lags.length > 0 && lags.every(([, lag]) => Number(lag) === 0);
    },
    500,
  );
}

interface FollowedBy {
  readonly bench: Bench;
  readonly log: EventLog;
  /** See `idleShare`. */
  readonly share: number;
}

const usedBy = async ({ pid }: Measured): Promise<Used> => ({
  seconds: await processorSeconds(pid),
  mb: await readMb(pid),
});

/** @param work returns how many commands there were */
async function followed(
  { bench, log, share }: FollowedBy,
  label: string,
  measured: readonly Measured[],
  work: () => Promise<number>,
): Promise<void> {
  const [records, began] = [sum(await log.ends(FOLLOWED)), performance.now()];
  const before = await Promise.all(measured.map(usedBy));
  for (const { behind } of measured) behind?.process.kill('SIGSTOP');
  const commands = await work();
  for (const { behind } of measured) behind?.process.kill('SIGCONT');
  const took = (performance.now() - began) / 1000;
  for (const { behind } of measured) if (behind !== undefined) await readAll(behind);
  // They are a little behind.
  await pause(1000);
  const elapsed = (performance.now() - began) / 1000;
  const count = sum(await log.ends(FOLLOWED)) - records;
  const values: Record<string, number> = {};
  for (const [at, gateway] of measured.entries()) {
    const [was, is] = [before[at] ?? { seconds: 0, mb: 0 }, await usedBy(gateway)];
    const seconds = Math.max(0.001, is.seconds - was.seconds - share * (elapsed - (gateway.behind ? took : 0)));
    values[gateway.name] = commands / seconds;
    bench.note(
      `${label}, the gateway that ${gateway.name}: ${((seconds / count) * 1e6).toFixed(1)} µs of processor time and ${(((is.mb - was.mb) / count) * 1024).toFixed(2)} KB read for each of ${count.toLocaleString('en')} records, commands and statuses, at ${Math.round(commands / took).toLocaleString('en')} commands/s`,
    );
  }
  for (const [name, value] of Object.entries(values)) {
    bench.tell({
      label: `${label}: ${name}`,
      unit: 'commands/s of processor time',
      values: { Counterfoil: value },
      goal: { atLeast: ENOUGH },
    });
  }
}
