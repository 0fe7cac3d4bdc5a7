/**
 * `npm run bench:million [-- --dir DIR --purchases 1000000]`: a data folder of very many purchases is made, started, asked,
 * bought from, verified, killed and started again; each figure is judged against what the system promises. A folder that is
 * there already is used again, its views and states as they are; `--fresh` removes those first. It ends with status 1 when a
 * line fails. `--without-verify` leaves out what takes longest. Figures by the clock depend on what else the machine does: the load stands beside each phase.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Asking } from '../rigs/asking.ts';
import { memoryOf, processorSeconds } from '../rigs/child.ts';
import { occupied } from '../rigs/disk-size.ts';
import { generateFolder, sizesFor } from '../rigs/generate.ts';
import { Shop } from '../rigs/shop.ts';
import { percentile } from '../suite/statistics.ts';
import { Beside, judgeQuestions } from './asked.ts';
import { questions } from './questions.ts';
import { Verdicts } from './verdicts.ts';
import { WatchedServer } from './watched-server.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: join(tmpdir(), 'counterfoil-million') },
    purchases: { type: 'string', default: '1000000' },
    times: { type: 'string', default: '20' },
    fresh: { type: 'boolean', default: false },
    'without-verify': { type: 'boolean', default: false },
  },
});
const [{ dir }, purchases, times] = [values, Number(values.purchases), Number(values.times)];

const [HEALTHZ_MS, AGAIN_MS, HELD_MS, MEMORY_MB] = [1000, 5000, 50, 1024];
const PLACED = 200;
const verdicts = new Verdicts();

async function judgeServer(watched: WatchedServer, while_: string): Promise<void> {
  const held = await watched.mostHeld();
  const { ownMb, mappedMb } = watched.memory();
  verdicts.atMost(
    `event loop held ${while_}`,
    held.processor,
    HELD_MS,
    'ms of processor time',
    `${held.wall} ms by the clock`,
  );
  verdicts.atMost(`memory ${while_}`, ownMb, MEMORY_MB, 'MB', `and ${Math.round(mappedMb)} MB of mapped files`);
}

async function started(what: string, mostReadyMs: number | undefined): Promise<WatchedServer> {
  verdicts.phase(what);
  const watched = await WatchedServer.start(dir);
  if (watched.healthz !== undefined) verdicts.took('/healthz answers', watched.healthz, HEALTHZ_MS);
  const ready = await watched.ready();
  if (mostReadyMs !== undefined) verdicts.took('ready', ready, mostReadyMs);
  else
    verdicts.say(
      `      ready after ${Math.round(ready.clockMs / 1000)} s, ${Math.round(ready.processorMs / 1000)} s of processor time`,
    );
  verdicts.tell('the slowest answer of a probe until then', watched.slowestProbe(), 'ms');
  await judgeServer(watched, 'until ready');
  return watched;
}

async function countOf(url: string): Promise<number> {
  const asking = await Asking.open(url);
  const answer = await asking.text({ query: '{ purchases(first: 1) { totalCount } }' });
  asking.close();
  return Number(/"totalCount":(\d+)/.exec(answer)?.[1]);
}

/** New purchases to their ends, one of them found by its number. */
async function judgeBuying(watched: WatchedServer): Promise<void> {
  const shop = await Shop.open(watched.server, { filled: true });
  const number = `million-${process.pid}`;
  const input = (at: number) => ({
    customerId: `c${at % 40}`,
    lines: [{ productId: `p${at % 10}`, quantity: 1 }],
    ...(at === 0 ? { number } : {}),
  });
  const took: number[] = [];
  const before = await watched.processorMs();
  for (let at = 0; at < PLACED; at++) took.push(await shop.run('place', input(at)));
  const processorMs = ((await watched.processorMs()) - before) / PLACED;
  const p99 = `p99 ${percentile(took, 0.99).toFixed(0)}`;
  verdicts.took('a purchase, placed to completed', { clockMs: percentile(took, 0.5), processorMs }, 100, p99);
  await shop.close();
  await judgeQuestions(
    verdicts,
    watched,
    {
      'by its number': { query: `{ purchases(filter: { number: "${number}" }) { totalCount nodes { id number } } }` },
      'by its number as text': { query: `{ purchases(filter: { text: "${number}" }) { totalCount nodes { id } } }` },
    },
    times,
  );
}

async function judgeVerify(url: string): Promise<void> {
  const args = ['dist/cli/main.js', 'verify', '--url', url];
  const verify = spawn(process.execPath, args, {
    env: { ...process.env, DATA_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, ownMb, seconds] = ['', 0, 0];
  for (const stream of [verify.stdout, verify.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const began = performance.now();
  const timer = setInterval(async () => {
    const memory = await memoryOf(verify.pid ?? 0);
    ownMb = Math.max(ownMb, memory.ownMb || 0);
    seconds = (await processorSeconds(verify.pid ?? 0)) || seconds;
  }, 200);
  const [status] = await once(verify, 'exit');
  clearInterval(timer);
  verdicts.holds('verify finds no difference', status === 0, output.trim().split('\n').slice(-4).join(' | '));
  verdicts.atMost(
    'memory of verify',
    ownMb,
    MEMORY_MB,
    'MB',
    `${seconds.toFixed(0)} s of processor time in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

/** Purchases are begun until the process is killed. @returns the ids of the transactions that were acknowledged */
async function killedWhileBuying(watched: WatchedServer): Promise<readonly string[]> {
  const shop = await Shop.open(watched.server, { filled: true });
  const acknowledged: string[] = [];
  let killed: Promise<number> | undefined;
  for (let at = 0; killed === undefined; at++) {
    const input = { customerId: `c${at % 40}`, lines: [{ productId: `p${at % 10}`, quantity: 1 }] };
    acknowledged.push(await shop.begin('place', input));
    // What was begun last is not decided yet.
    if (acknowledged.length >= PLACED) killed = watched.stop('SIGKILL');
  }
  await killed;
  await shop.close().catch(() => undefined);
  return acknowledged;
}

async function judgeAcknowledged(url: string, ids: readonly string[]): Promise<void> {
  const asking = await Asking.open(url);
  let completed = 0;
  for (const id of ids) {
    const answer = await asking.text({ query: `{ transaction(id: "${id}") { status } }` });
    if (answer.includes('"COMPLETED"')) completed += 1;
  }
  asking.close();
  verdicts.holds('all that was acknowledged is completed', completed === ids.length, `${completed} of ${ids.length}`);
}

if (!existsSync(join(dir, 'data.mdb'))) {
  verdicts.phase(`${purchases.toLocaleString('en')} purchases are written to ${dir}`);
  const began = performance.now();
  await generateFolder(dir, sizesFor(purchases), (done) => process.stderr.write(`\r${done}`));
  verdicts.tell('written in', (performance.now() - began) / 1000, 's');
}
if (values.fresh) for (const name of ['views', 'state']) await rm(join(dir, name), { recursive: true, force: true });

const filled = await started(
  existsSync(join(dir, 'views')) ? 'Started' : 'First start: views and states are filled',
  undefined,
);
verdicts.holds('all purchases are shown', (await countOf(filled.url)) >= purchases);

verdicts.phase('Asked');
await judgeQuestions(verdicts, filled, questions(purchases), times);
await judgeServer(filled, 'while asked');

verdicts.phase('Bought from');
await judgeBuying(filled);
await judgeServer(filled, 'while bought from');

const stopMs = await filled.stop('SIGTERM');
verdicts.atMost('SIGTERM ends it', stopMs, AGAIN_MS, 'ms');
const again = await started('Started again', AGAIN_MS);

verdicts.phase('Killed while bought from');
const acknowledged = await killedWhileBuying(again);
const afterKill = await started('Started after kill -9', AGAIN_MS);
await judgeAcknowledged(afterKill.url, acknowledged);

if (!values['without-verify']) {
  verdicts.phase('Verified');
  const beside = await Beside.open(afterKill.url);
  await judgeVerify(afterKill.url);
  const meanwhile = await beside.end();
  verdicts.atMost(
    'one product, asked for meanwhile',
    percentile(meanwhile, 0.9),
    100,
    'ms (9 of 10)',
    `the slowest ${(meanwhile.at(-1) ?? Number.NaN).toFixed(0)}`,
  );
  await judgeServer(afterKill, 'of the server meanwhile');
}

await afterKill.stop('SIGTERM');
verdicts.tell('disk', (await occupied(dir)) / 1e6, 'MB');
if (!verdicts.end()) process.exitCode = 1;
process.exit();
