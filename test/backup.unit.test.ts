/** Backups of the embedded log: taken while it is written to, whole or not there, and put back where nothing is lost by it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreBackup, takeBackup } from '../log/embedded/backup.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog } from '../log/event-log.ts';

const TOPIC = { name: 'orders', partitions: 2, retention: 'forever' } as const;
let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

/** Opens the log of a folder for as long as it is used. */
async function withLog<T>(name: string, use: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog({ dir: at(name) });
  try {
    await log.createTopics([TOPIC]);
    return await use(log);
  } finally {
    await log.close();
  }
}

const write = (log: EventLog, from: number, count: number) =>
  log.append(
    Array.from({ length: count }, (_, i) => ({
      topic: 'orders',
      key: `k${from + i}`,
      value: `v${from + i}`,
      headers: {},
    })),
  );

async function keys(log: EventLog): Promise<number[]> {
  const found: number[] = [];
  for (const partition of [0, 1]) {
    for await (const records of log.read({ topic: 'orders', partition })) {
      found.push(...records.map(({ key }) => Number(key?.slice(1))));
    }
  }
  return found.sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a backup', () => {
  it('holds all that was acknowledged before it, and the log goes on on it where it stood', async () => {
    const before = await withLog('data', async (log) => {
      await write(log, 0, 300);
      let written = 300;
      let going = true;
      const writer = (async () => {
        for (; going; written += 10) await write(log, written, 10);
      })();
      const backup = await takeBackup({ dir: at('data'), to: at('backup') });
      going = false;
      await writer;
      expect(backup.records).toBeGreaterThanOrEqual(300);
      return { backup, all: await keys(log) };
    });
    await restoreBackup({ from: at('backup'), dir: at('restored') });
    await withLog('restored', async (log) => {
      const restored = await keys(log);
      // One moment of the log: whole appends from its beginning on, and nothing else.
      expect(restored).toEqual(upTo(before.backup.records));
      expect(before.all.length).toBeGreaterThanOrEqual(restored.length);
      await write(log, restored.length, 1);
      expect(await keys(log)).toEqual(upTo(restored.length + 1));
    });
  });

  it('is not there when it is not whole', async () => {
    await withLog('data', (log) => write(log, 0, 50));
    const gone = new AbortController();
    const stopped = takeBackup({
      ...{ dir: at('data'), to: at('backup'), signal: gone.signal },
      onRead: () => gone.abort(new Error('stopped')),
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual(['data']);
    await expect(takeBackup({ dir: at('nowhere'), to: at('backup') })).rejects.toThrow('check DATA_DIR');
    expect(existsSync(at('backup'))).toBe(false);
  });

  it('overwrites nothing', async () => {
    await withLog('data', (log) => write(log, 0, 5));
    await takeBackup({ dir: at('data'), to: at('backup') });
    await expect(takeBackup({ dir: at('data'), to: at('backup') })).rejects.toThrow('is there already');
    await expect(restoreBackup({ from: at('backup'), dir: at('data') })).rejects.toThrow('nothing is ever overwritten');
    // Views of another log would be ahead of the restored one.
    await mkdir(join(at('other'), 'views'), { recursive: true });
    await expect(restoreBackup({ from: at('backup'), dir: at('other') })).rejects.toThrow('holds views already');
  });

  it('is not restored when a byte of it has changed, or a part is missing', async () => {
    await withLog('data', (log) => write(log, 0, 5));
    await takeBackup({ dir: at('data'), to: at('backup') });
    const path = join(at('backup'), 'data.mdb');
    const bytes = await readFile(path);
    const last = bytes.length - 1;
    await writeFile(path, Buffer.concat([bytes.subarray(0, last), Buffer.from([(bytes[last] ?? 0) ^ 1])]));
    await expect(restoreBackup({ from: at('backup'), dir: at('restored') })).rejects.toThrow('is not what was written');
    await rm(path);
    await expect(restoreBackup({ from: at('backup'), dir: at('restored') })).rejects.toThrow('the backup is not whole');
    await rm(join(at('backup'), 'backup.json'));
    await expect(restoreBackup({ from: at('backup'), dir: at('restored') })).rejects.toThrow('is no backup');
    expect(existsSync(at('restored'))).toBe(false);
  });
});
