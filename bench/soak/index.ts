/**
 * `npm run soak [-- --engines kafka-mongo|embedded --seconds 600 --connections 128 --out FILE]`: a process per role under as much load
 * as it takes, with back-pressure on; and whether memory and queues of each stay as they are, by the rule in `flat.ts`. The exit
 * status is 1 when they do not, when anything failed, or when what was acknowledged has not all ended afterwards.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Server, startServer } from '../../test/e2e/server.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { Shop } from '../rigs/shop.ts';
import { Sockets } from '../rigs/sockets.ts';
import { kafkaEnv } from '../rigs/system.ts';
import { until } from '../rigs/timing.ts';
import { Engines } from '../suite/engines.ts';
import { load, machine, versions } from '../suite/machine.ts';
import { rounded } from '../suite/statistics.ts';
import { FullLoad } from './full-load.ts';
import { judgedOf, tableOf } from './judged.ts';
import { Samples, type Watched } from './samples.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Small, so that they are full before anything is judged, and back-pressure is what holds the load. */
const LIMITS = { MAX_WAITING_TRANSACTIONS: '1000', MAX_APPENDING_MB: '2', STATE_CACHE_MB: '8' };
const ROLES = ['processor', 'projector', 'gateway'] as const;
const SUBSCRIBERS = 10;
const SAMPLE_MS = 5000;
const DRAINED_WITHIN_MS = 300_000;
const UNFINISHED = '{ transactions(filter: { status: [ACCEPTED, PENDING] }) { totalCount } }';

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'kafka-mongo' },
    seconds: { type: 'string', default: '600' },
    connections: { type: 'string', default: '128' },
    out: { type: 'string' },
  },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
if (!['kafka-mongo', 'embedded'].includes(values.engines) || !(seconds > 0) || !(connections > 0)) {
  process.stderr.write('--engines kafka-mongo or embedded; --seconds and --connections above 0\n');
  process.exit(2);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Servers that were started end with this process, and only with its `exit` event.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const built = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--if-stale'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(1);

const engines = new Engines();
const [began, loadBefore] = [new Date(), load()];
const { gateway, watched } = await start();
const shop = await Shop.open(gateway);
await shop.close();
const sockets = new Sockets();
await sockets.subscribe(gateway.url, SUBSCRIBERS, 'subscription { transactions(all: true) { id status } }');
await sockets.subscribe(gateway.url, SUBSCRIBERS, 'subscription { purchaseChanged { id status total } }');

const traffic = new FullLoad(gateway.url);
const samples = new Samples();
say(`${values.engines}: ${watched.map(({ name }) => name).join(', ')} for ${seconds} s, ${connections} connections`);
traffic.start(connections);
const end = performance.now() + seconds * 1000;
for (let at = 0; performance.now() < end; at++) {
  await samples.take(watched);
  if (at % 12 === 0)
    say(`  ${Math.round((end - performance.now()) / 1000)} s left: ${toldOf(traffic)}; ${nowOf(samples)}`);
  await pause(SAMPLE_MS);
}
await traffic.stop();
const drained = await drain();
sockets.close();

const judged = judgedOf(samples.all);
const growing = judged.filter(({ verdict }) => verdict?.flat === false);
const faults = [
  ...growing.map(({ series }) => `${series.process}, ${series.what}: not flat`),
  ...(judged.some(({ verdict }) => verdict !== undefined) ? [] : ['too few samples to judge by']),
  ...(samples.missed > 0 ? [`${samples.missed} times a process did not tell its metrics`] : []),
  ...traffic.failures.slice(0, 5).map((failure) => `failed: ${failure}`),
  ...(drained === undefined ? ['what was acknowledged has not all ended'] : []),
];
say(`\n${tableOf(judged)}\n`);
say(`${toldOf(traffic)}; load of the machine ${loadBefore} to ${load()}`);
if (drained !== undefined) say(`all that was acknowledged had ended ${rounded(drained / 1000)} s after the last of it`);
say(faults.length === 0 ? 'flat' : faults.join('\n'));
if (values.out !== undefined) await keep(values.out);
await engines.end((error) => process.stderr.write(`at the end: ${String(error)}\n`));
process.exit(faults.length === 0 ? 0 : 1);

/** A process per role, or one with all of them. */
async function start(): Promise<{ gateway: Server; watched: readonly Watched[] }> {
  const watched: Watched[] = [];
  const one = async (name: string, env: Readonly<Record<string, string>>): Promise<Server> => {
    const port = await freePort();
    const server = await startServer({
      built: true,
      env: { LOG_LEVEL: 'info', ...LIMITS, ...env, PORT: String(port) },
    });
    engines.defer(() => server.stop());
    watched.push({ name, pid: server.process.pid ?? 0, url: `http://127.0.0.1:${port}` });
    return server;
  };
  if (values.engines === 'embedded') {
    return { gateway: await one('all roles', { DATA_DIR: await engines.folder() }), watched };
  }
  const env = await kafkaEnv(engines);
  let gateway: Server | undefined;
  for (const role of ROLES) gateway = await one(role, { ...env, ROLE: role, DATA_DIR: await engines.folder() });
  if (gateway === undefined) throw new Error('there is no gateway');
  return { gateway, watched };
}

/** @returns ms until every transaction had ended; undefined when they do not in time */
async function drain(): Promise<number | undefined> {
  try {
    return await until(
      'all have ended',
      DRAINED_WITHIN_MS,
      async () => (await gateway.graphql(UNFINISHED)).data?.transactions.totalCount === 0,
      500,
    );
  } catch {
    return undefined;
  }
}

function toldOf({ acknowledged, refused, queries }: FullLoad): string {
  const [a, r, q] = [acknowledged, refused, queries].map((count) => count.toLocaleString('en'));
  return `${a} mutations acknowledged, ${r} refused for a while, ${q} queries answered`;
}

function nowOf({ all }: Samples): string {
  const memory = all.filter(({ unit, allowance }) => unit === 'MB' && allowance !== undefined);
  return memory
    .map(({ process, what, samples }) => `${process} ${what} ${Math.round(samples.at(-1) ?? 0)} MB`)
    .join(', ');
}

/** The samples too: a plot shows what a verdict hides. */
async function keep(file: string): Promise<void> {
  const { acknowledged, refused, queries } = traffic;
  const told = {
    engines: values.engines,
    date: began.toISOString(),
    machine: { ...machine(), load: [loadBefore, load()] },
    versions: await versions(),
    ...{ seconds, connections, acknowledged, refused, queries, limits: LIMITS, faults },
    series: judged.map(({ series: { process, what, unit, samples }, verdict }) => ({
      ...{ process, what, unit, verdict },
      samples: samples.map((sample) => Number(sample.toPrecision(5))),
    })),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(told, null, 2)}\n`);
}
