/** A smoke run of every bench: that each one works and leaves its results. How fast anything is, is not asked here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rows } from '../bench/rows/index.ts';
import { type Result, readResult } from '../bench/suite/result.ts';
import { median } from '../bench/suite/statistics.ts';

const ROOT = join(import.meta.dirname, '..');
const LONGEST_MS = 1_200_000;

const missing = inject('kafkaMissing') || inject('mongoMissing');

describe.skipIf(missing)(`the benches ${missing}`, () => {
  let folder: string;
  const results = new Map<string, Result | undefined>();
  let output = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-benches-'));
    const args = ['--import', './bench/suite/as-built.mjs', 'bench/suite/main.ts', '--quick', '--out', folder];
    const run = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, KAFKA_BROKERS: inject('kafkaBrokers').join(), MONGODB_URL: inject('mongoUrl') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [run.stdout, run.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += String(chunk);
      });
    }
    await once(run, 'exit');
    for (const { name } of rows) results.set(name, await readResult(folder, name));
  }, LONGEST_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(rows.map(({ name }) => name))('%s is measured to its end, and says what was measured', (name) => {
    const result = results.get(name);
    expect(result, output).toBeDefined();
    expect(result?.failed, output).toBeUndefined();
    expect(result?.comparisons.length).toBeGreaterThan(0);
    for (const { sides } of result?.comparisons ?? []) {
      for (const { samples } of sides) expect(Number.isFinite(median(samples))).toBe(true);
    }
  });
});
