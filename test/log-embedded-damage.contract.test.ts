/** The embedded log on a data file that something has damaged: it says so, and the process goes on or ends in order. */
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { embeddedFolder, numbered } from './log-embedded.folder.ts';

const PAGE = 4096;
const WAY_OUT = /is damaged .+ restore a backup/;

describe('the embedded log on a damaged file', { timeout: 60_000 }, () => {
  const folder = embeddedFolder();
  const file = () => join(folder.dir, 'data.mdb');

  /** A log of some hundred pages, closed. */
  async function written(): Promise<void> {
    const log = await folder.open();
    for (let i = 0; i < 20; i++) await log.append(numbered(500));
    await log.close();
  }

  /** Damage that lmdb is not to meet would end this process: it is another's then. */
  const opened = () => folder.child('read-beside.ts', ['commands', 'p']);

  function overwrite(page: number, pages: number): void {
    const fd = openSync(file(), 'r+');
    writeSync(fd, Buffer.alloc(pages * PAGE, 0x5a), 0, pages * PAGE, page * PAGE);
    closeSync(fd);
  }

  it('refuses one that was cut off, instead of ending the process where it reads what is missing', async () => {
    await written();
    truncateSync(file(), 40 * PAGE);
    const { errors, signal } = await opened();
    expect(signal).toBeNull();
    expect(errors).toMatch(WAY_OUT);
    await expect(openEmbeddedLog({ dir: folder.dir })).rejects.toThrow(/it has 163840 bytes, and what is in it needs/);
  });

  it('refuses one that is no log', async () => {
    await written();
    overwrite(0, 2);
    const { errors, signal } = await opened();
    expect(signal).toBeNull();
    expect(errors).toMatch(/first 2 pages are not those of a log/);
    await expect(openEmbeddedLog({ dir: folder.dir })).rejects.toThrow(LogUnavailable);
  });

  it('refuses one that was emptied beside the states of a log that was not, and begins a new log without those', async () => {
    await written();
    truncateSync(file(), 0);
    mkdirSync(join(folder.dir, 'state'));
    await expect(openEmbeddedLog({ dir: folder.dir })).rejects.toThrow(/it is empty, beside states and views/);
    expect(statSync(file()).size).toBe(0);
    const other = join(folder.dir, 'other');
    mkdirSync(other);
    copyFileSync(file(), join(other, 'data.mdb'));
    const log = await openEmbeddedLog({ dir: other });
    await log.close();
  });

  it('reads what was written after the file had grown, also beside its owner', async () => {
    await written();
    const log = await folder.open();
    for (let i = 0; i < 5; i++) {
      await log.append(numbered(500));
      const beside = await openEmbeddedLog({ dir: folder.dir, readOnly: true });
      await beside.close();
    }
    expect(readFileSync(file()).length).toBeGreaterThan(100 * PAGE);
  });
});
