/**
 * `npm run bench:hostile [-- --rounds 10 --seconds 60 --calm 30 --at-once 16 --only PATTERN]`: how much a hostile client slows down a normal one. The normal one shops at a
 * steady pace; a second process attacks in every way that `attacks.ts` knows, round by round, with quiet ones between.
 * With `--each`, one attack alone in each round. Latencies count from when an operation was due, so nothing that holds up the server hides. Ratios, no verdict.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { ADD, submit } from '../../test/e2e/operations.ts';
import { type Server, startServer } from '../../test/e2e/server.ts';
import type { Orders, Tally } from './attacker.ts';
import { ATTACKS } from './attacks.ts';
import { NormalClient } from './normal-client.ts';

const SECRET = 'a secret of the bench that nobody has to keep';
const PRODUCTS = 400;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    calm: { type: 'string', default: '30' },
    'at-once': { type: 'string', default: '16' },
    only: { type: 'string', default: '.' },
    each: { type: 'boolean', default: false },
  },
});
const [seconds, calmSeconds] = [Number(values.seconds), Number(values.calm)];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const tokenOf = (sub: string, roles: readonly string[]) =>
  new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setExpirationTime('1d')
    .sign(new TextEncoder().encode(SECRET));

async function residentMb({ process: { pid } }: Server): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

const at = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'));
const [admin, shopper, hostile] = await Promise.all([
  tokenOf('admin', ['admin']),
  tokenOf('shopper', []),
  tokenOf('hostile', []),
]);
const server = await startServer({
  built: true,
  token: admin,
  env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET, TRUST_PROXY: '127.0.0.1' },
});
const attacker = fork(join(import.meta.dirname, 'attacker.ts'), { execArgv: ['--import', 'tsx'], stdio: 'ignore' });
try {
  const input = (i: number) => ({ name: `Tea ${i} of the mountains`, price: '3.50', stock: 1_000_000 });
  for (let i = 0; i < PRODUCTS; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, k) => submit(server, ADD, input(i + k))));
  }
  const { transactionId } = await submit(server, ADD, input(PRODUCTS));
  await server.graphql('query ($id: ID) { products(reflecting: $id) { totalCount } }', { id: transactionId });
  say(`${PRODUCTS} products are there`);
  const normal = await NormalClient.open(server.url, shopper, { 'x-forwarded-for': '198.51.100.7' });
  const target = { url: server.url, token: hostile, headers: { 'x-forwarded-for': '203.0.113.9' } };
  const names = Object.keys(ATTACKS).filter((name) => new RegExp(values.only).test(name));
  const atOnce = Number(values['at-once']);
  const rounds = values.each ? names.length : Number(values.rounds);
  await normal.shop(10);
  const calm = new Map<string, number[]>();
  const beside = new Map<string, number[]>();
  const gather = (all: Map<string, number[]>, times: ReadonlyMap<string, readonly number[]>) => {
    for (const [what, each] of times) all.set(what, [...(all.get(what) ?? []), ...each]);
  };
  for (let round = 1; round <= rounds; round++) {
    gather(calm, await normal.shop(calmSeconds));
    const chosen = values.each ? names.slice(round - 1, round) : names;
    attacker.send({ target, atOnce, names: chosen } satisfies Orders);
    const times = await normal.shop(seconds);
    gather(beside, times);
    attacker.send('pause');
    const told = [...times].map(([what, all]) => `${what} ${at(all, 0.5).toFixed(0)} and ${at(all, 0.99).toFixed(0)}`);
    say(
      `round ${round} of ${rounds}${values.each ? `, ${chosen[0]}` : ''}: p50 and p99 in ms: ${told.join(', ')}; the server holds ${await residentMb(server)} MB; load ${loadavg()[0]}`,
    );
    // What is under way ends, so that the quiet round is quiet.
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  attacker.send('tell');
  const [tally] = (await once(attacker, 'message')) as [Tally];
  for (const name of names) {
    say(`  ${name.padEnd(34)} ${String(tally.begun[name] ?? 0).padStart(7)}, broken off ${tally.broken[name] ?? 0}`);
  }
  const all = 'all operations';
  for (const times of [calm, beside]) times.set(all, [...times.values()].flat());
  for (const [what, times] of beside) {
    const before = calm.get(what) ?? [];
    const ratio = (share: number) => (at(times, share) / at(before, share)).toFixed(2);
    const figures = (all: readonly number[]) => `p50 ${at(all, 0.5).toFixed(1)} ms, p99 ${at(all, 0.99).toFixed(1)} ms`;
    say(`${what}: alone ${figures(before)}; beside ${figures(times)}; ratio p50 ${ratio(0.5)}, p99 ${ratio(0.99)}`);
  }
  say(`failed: alone and beside, ${normal.failed}`);
  await normal.close();
} finally {
  attacker.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
}
