/** Exports that are long, or do not come to their end: what is in memory, what is left in the folder, and the exit status. */
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, start } from './e2e/command-line.ts';
import { startListing } from './e2e/listing-server.ts';

/** In MB. What is exported below takes more than this as text alone. */
const HEAP = 64;

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-export-'));
  path = join(folder, 'lines.csv');
});
afterEach(() => rm(folder, { recursive: true }));

async function linesIn(file: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(file) })) lines += 1;
  return lines;
}

describe('an export', () => {
  it('of 100,000 purchases takes no more memory than one of a few', async () => {
    await using listing = await startListing({ purchases: 100_000, linesOfEach: 4 });
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP}` };
    const { code, stderr } = await run(env, 'export', 'lines', '--url', listing.url, '--output', path);
    expect(stderr).toMatch(
      /lines: 50000 of 100000\n(?:.*\n)*exported 100000 purchases, a row for each of their lines, to /,
    );
    expect(code).toBe(0);
    expect(await linesIn(path)).toBe(400_001);
  });

  it('goes on where it was when the server is back', async () => {
    let left = 3;
    const away = { code: 'UNAVAILABLE', message: 'the views are being built again from the log: try again' };
    const instead = (after: number) => (after === 400 && left-- > 0 ? away : undefined);
    await using listing = await startListing({ purchases: 1_000, linesOfEach: 1, instead });
    const { code } = await run({}, 'export', 'purchases', '--url', listing.url, '--output', path);
    expect([code, left]).toEqual([0, -1]);
    const ids = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(',')[0]);
    expect(ids).toEqual(['orderID', ...Array.from({ length: 1_000 }, (_, i) => `order-${i}`)]);
  });

  it('that is refused on its way leaves what stood there, and ends with status 1', async () => {
    await writeFile(path, 'of yesterday');
    const expired = { code: 'UNAUTHENTICATED', message: 'the token has expired' };
    const instead = (after: number) => (after === 400 ? expired : undefined);
    await using listing = await startListing({ purchases: 1_000, linesOfEach: 1, instead });
    const cut = await run({}, 'export', 'lines', '--url', listing.url, '--output', path);
    expect([cut.code, cut.stderr]).toEqual([
      1,
      expect.stringMatching(
        /\ncounterfoil: the server refused: the token has expired; \S+lines\.csv was not written\n$/,
      ),
    ]);
    expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['lines.csv'], 'of yesterday']);
    const onStdout = await run({}, 'export', 'lines', '--url', listing.url);
    expect([onStdout.code, onStdout.stderr]).toEqual([1, expect.stringMatching(/what was written is not whole\n$/)]);
  });

  it('that is interrupted leaves nothing, and ends as shells expect', async () => {
    await using listing = await startListing({ purchases: 10_000_000, linesOfEach: 1 });
    const long = start({}, 'export', 'lines', '--url', listing.url, '--output', path);
    await long.says(/lines: \d+ of 10000000/);
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.lines\.csv\..*\.part$/)]);
    long.kill('SIGINT');
    const { code, stderr } = await long.ended;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/counterfoil: stopped: the export is not whole\n$/)]);
    expect(await readdir(folder)).toEqual([]);
  });
});
