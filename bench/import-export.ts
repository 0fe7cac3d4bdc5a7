/**
 * A shop's long export through the command line and the built server: one command shows the ten wrong rows, a second one imports the
 * rest, and what the shop shows then is compared with an independent reckoning. `node --import tsx bench/import-export.ts [LINES]`,
 * after `npm run build`; on Kafka and MongoDB with KAFKA_BROKERS and MONGODB_URL, else on the embedded engines. It fails when anything
 * is otherwise; times are told, not judged.
 */
import { deepStrictEqual } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { run } from '../test/e2e/command-line.ts';
import { startServer } from '../test/e2e/server.ts';
import { longExport, sumsIn, sumsOf } from '../test/long-export.ts';

const lines = Number(process.argv[2] ?? 100_000);
/** What is confirmed is shown within this time. */
const SHOWN_WITHIN_MS = 120_000;

function engines(): Readonly<Record<string, string>> {
  const { KAFKA_BROKERS, MONGODB_URL } = process.env;
  const name = `export-${randomUUID().slice(0, 8)}`;
  return {
    ...(KAFKA_BROKERS === undefined ? {} : { KAFKA_BROKERS, TOPIC_PREFIX: `${name}.` }),
    ...(MONGODB_URL === undefined ? {} : { MONGODB_URL, MONGODB_DATABASE: name }),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-export-'));
const server = await startServer({ built: true, env: { DATA_DIR: join(folder, 'data'), ...engines() } });
try {
  const made = longExport(lines);
  const path = join(folder, 'export.csv');
  await writeFile(path, made.bytes);
  const options = ['import', path, '--url', server.url, '--date-format', 'DD.MM.YYYY'];

  const checked = await run({}, ...options);
  const wrong = [...checked.stderr.matchAll(/\.csv, line (\d+), column/g)].map(([, line]) => Number(line));
  deepStrictEqual([checked.code, wrong], [1, made.wrongLines]);

  const began = performance.now();
  const imported = await run({}, ...options, '--skip-invalid', join(folder, 'bad.csv'));
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`${imported.stderr}${imported.stdout}`);

  const giveUpAt = performance.now() + SHOWN_WITHIN_MS;
  while (!isDeepStrictEqual(await sumsIn(server), sumsOf(made)) && performance.now() < giveUpAt) await pause(500);
  deepStrictEqual(await sumsIn(server), sumsOf(made));
  const { orders, cents } = made.sums;
  process.stdout.write(
    `${lines} lines: ten wrong rows told; ${orders} orders imported in ${seconds.toFixed(0)} s, ${(cents / 100).toFixed(2)} in all, as reckoned\n`,
  );
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
