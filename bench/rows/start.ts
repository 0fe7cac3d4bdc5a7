/** How long a start takes on a data folder, beside reading the same bytes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from '../../test/e2e/server.ts';
import { freePort } from '../../test/engines/free-port.ts';
import { residentMb } from '../rigs/child.ts';
import { shopFolder } from '../rigs/generate.ts';
import { until } from '../rigs/timing.ts';
import { openRawLmdb, type Read, readAll } from '../rivals/raw-lmdb.ts';
import type { Bench, Row } from '../suite/row.ts';

const MOST_START_MS = 3_600_000;
const SMALL = 70_000;

export const start: Row = {
  name: 'start',
  what: 'one process on its embedded engines: started on a folder with purchases of one line, nothing changed since it was stopped',
  against: 'reading the same bytes from lmdb',
  goal: '≤ 1.5 ×; /healthz answers within 1 s',
  full: { purchases: 1_000_000 },
  quick: { purchases: 500 },
  async run(bench) {
    const purchases = bench.size('purchases');
    for (const size of [...new Set([Math.min(SMALL, purchases), purchases])]) await startOn(bench, size);
  },
};

async function startOn(bench: Bench, purchases: number): Promise<void> {
  const dir = await shopFolder(bench, purchases);
  const isNew = !existsSync(join(dir, 'views'));
  const told = `${purchases.toLocaleString('en')} purchases`;
  const first = await startOnce(dir);
  const { bytes, count } = rawRead(dir);
  bench.note(
    `${told}: ${count.toLocaleString('en')} records, ${Math.round(bytes / 1e6)} MB; ` +
      (isNew
        ? `the first start, on a folder from elsewhere, took ${(first.readyMs / 1000).toFixed(1)} s, with ${Math.round(first.mb)} MB of memory when ready`
        : `${Math.round(first.mb)} MB of memory when ready`),
  );
  const healthz: number[] = [];
  await bench.compare({
    label: `${told}: ready`,
    unit: 'ms',
    ours: {
      name: 'Counterfoil',
      async measure() {
        const started = await startOnce(dir);
        healthz.push(started.healthzMs);
        return started.readyMs;
      },
    },
    rival: { name: 'lmdb read', measure: async () => rawRead(dir).took },
    goal: { atMost: 1.5 },
  });
  bench.tell({
    label: `${told}: /healthz, the slowest`,
    unit: 'ms',
    values: { Counterfoil: Math.max(...healthz) },
    goal: { atMost: 1000 },
  });
}

function rawRead(dir: string): Read {
  const raw = openRawLmdb(dir, { readOnly: true });
  const done = readAll(raw);
  void raw.root.close();
  return done;
}

/** From spawning the process; it is stopped as `SIGTERM` does. */
async function startOnce(dir: string) {
  const port = await freePort();
  const began = performance.now();
  const server = new Server({ built: true, env: { DATA_DIR: dir, PORT: String(port), LOG_LEVEL: 'warn' } });
  const answers = async (path: string) => {
    if (server.process.exitCode !== null || server.process.signalCode !== null)
      throw new Error(`the server ended before it was ready: ${server.output.slice(-1000)}`);
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return response?.status === 200;
  };
  try {
    await until('/healthz', MOST_START_MS, () => answers('/healthz'));
    const healthzMs = performance.now() - began;
    await until('/readyz', MOST_START_MS, () => answers('/readyz'), 20);
    const readyMs = performance.now() - began;
    return { healthzMs, readyMs, mb: await residentMb(server.process.pid ?? 0) };
  } finally {
    await server.stop();
  }
}
