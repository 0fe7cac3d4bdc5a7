/**
 * A shop's long export through the command line and a running server: one command shows all that is wrong, a second one imports
 * the rest while the server is killed and stays away, and the sums are those of an independent reckoning. The same at 100,000
 * lines: `bench/import-export.ts`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { run, start } from './e2e/command-line.ts';
import { type Server, startServer } from './e2e/server.ts';
import { type LongExport, longExport, sumsIn, sumsOf } from './long-export.ts';

/** Many times the longest pause between two tries. */
const AWAY_MS = 10_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-export-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function write(name: string, lines: number): Promise<{ readonly path: string; readonly export: LongExport }> {
  const [path, made] = [join(folder, `${name}.csv`), longExport(lines)];
  await writeFile(path, made.bytes);
  return { path, export: made };
}

const options = (path: string, url: string) => ['import', path, '--url', url, '--date-format', 'DD.MM.YYYY'];

/** @throws unless all problems are told, and nothing is sent */
async function expectProblems(path: string, url: string, { wrongLines }: LongExport): Promise<void> {
  const { code, stderr } = await run({}, ...options(path, url));
  expect(code).toBe(1);
  const told = [...stderr.matchAll(/\.csv, line (\d+), column/g)].map(([, line]) => Number(line));
  expect(told).toEqual(wrongLines);
  expect(stderr).toContain('10 problems, and nothing was sent');
}

async function expectSums(server: Server, made: LongExport): Promise<void> {
  // What the import has waited for is on its way to the views.
  await expect.poll(() => sumsIn(server), { timeout: 30_000 }).toEqual(sumsOf(made));
}

describe('a long export on the embedded engines', () => {
  it('is imported whole, though the server is killed and stays away', async () => {
    const { path, export: made } = await write('embedded', 2_000);
    const env = { DATA_DIR: join(folder, 'data') };
    let server = await startServer({ env });
    try {
      const { url } = server;
      await expectProblems(path, url, made);
      const importing = start({}, ...options(path, url), '--skip-invalid', join(folder, 'bad.csv'));
      await importing.says(/purchases: \d\d+ of/);
      await server.stop('SIGKILL');
      await importing.says(/waiting: .*cannot be reached/);
      await pause(AWAY_MS);
      server = await startServer({ env: { ...env, PORT: new URL(url).port } });
      const { code, stderr } = await importing.ended;
      expect([code, stderr]).toEqual([1, expect.stringContaining('left out: 40 rows (10 orders)')]);
      await expectSums(server, made);
    } finally {
      await server.stop();
    }
  }, 300_000);
});

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');

describe.skipIf(missing)(`a long export on Kafka and MongoDB ${missing}`, () => {
  let cluster: Cluster | undefined;
  afterAll(() => cluster?.stop());

  it('is imported whole', async () => {
    const { path, export: made } = await write('kafka', 800);
    cluster = await Cluster.start({ brokers: inject('kafkaBrokers'), mongoUrl: inject('mongoUrl') });
    const { url } = cluster.gateway;
    await expectProblems(path, url, made);
    const { code } = await run({}, ...options(path, url), '--skip-invalid', join(folder, 'bad-kafka.csv'));
    expect(code).toBe(1);
    await expectSums(cluster.gateway, made);
  }, 300_000);
});
