/** The stores on a real disk: what is left after a kill, a power cut or damage, and who has which folder. */
import { cpSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDiskStores } from '../store/disk/disk-stores.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { PartitionStore, Stores } from '../store/partition-store.ts';

let folder: string;
const open: Stores[] = [];
const told: string[] = [];
const tell = (_: unknown, message?: string) => void told.push(message ?? '');
const logger = { info: tell, warn: tell, error: tell };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  told.splice(0);
});
afterEach(async () => {
  for (const stores of open.splice(0)) await stores.close();
  await rm(folder, { recursive: true });
});

async function stores(dir = folder): Promise<Stores> {
  const opened = await openDiskStores({ dir, most: 8, logger });
  open.push(opened);
  return opened;
}

async function close(opened: Stores): Promise<void> {
  open.splice(open.indexOf(opened), 1);
  await opened.close();
}

/** A store with a point and two entries, written. */
async function filled(): Promise<[Stores, PartitionStore]> {
  const opened = await stores();
  const store = opened.open('p', 0);
  store.put('t', 'a', '1');
  store.put('t', 'b', '2');
  store.save(() => 'point');
  store.spill();
  return [opened, store];
}

/** What a killed process leaves: its files as the system has them, and nobody's lock on them. */
async function killed(change: (dir: string) => void = () => undefined): Promise<Stores> {
  const copy = join(folder, 'copy');
  cpSync(join(folder, '1'), join(copy, '1'), { recursive: true });
  change(join(copy, '1'));
  return await stores(copy);
}

const data = (dir: string) => join(dir, 'data.mdb');

describe.each([
  ['on disk', async () => (await stores()).open('p', 0)],
  ['in memory', async () => new MemoryStore()],
])('a store %s', (_, openStore) => {
  it('gives back what was put last, by table, whether it is written or not', async () => {
    const store = await openStore();
    store.put('t', 'a', '1');
    store.put('u', 'a', 'other');
    store.spill();
    store.put('t', 'a', '2');
    store.put('t', 'gone', '3');
    store.spill();
    store.remove('t', 'gone');
    expect([store.get('t', 'a'), store.get('u', 'a'), store.get('t', 'gone'), store.get('t', 'never')]).toEqual([
      '2',
      'other',
      undefined,
      undefined,
    ]);
  });

  it('gives ranges of one table in the order of its keys', async () => {
    const store = await openStore();
    for (const key of ['b', 'a', 'c/é', 'c/d', 'd']) store.put('t', key, key.toUpperCase());
    store.put('s', 'z', 'before');
    store.put('t@', 'a', 'beside');
    store.remove('t', 'd');
    expect(store.range('t', { most: 10 }).map(([key]) => key)).toEqual(['a', 'b', 'c/d', 'c/é']);
    expect(store.range('t', { from: 'b', below: 'c/e', most: 10 })).toEqual([
      ['b', 'B'],
      ['c/d', 'C/D'],
    ]);
    expect(store.range('t', { most: 1 })).toEqual([['a', 'A']]);
  });

  it('is empty, and without a point, once it is wiped', async () => {
    const store = await openStore();
    store.put('t', 'a', '1');
    store.save(() => 'point');
    store.spill();
    expect(store.saved).toBe('point');
    store.put('t', 'b', '1');
    store.wipe('it is old');
    expect([store.saved, store.get('t', 'a'), store.get('t', 'b')]).toEqual([undefined, undefined, undefined]);
    expect(store.range('t', { most: 10 })).toEqual([]);
  });
});

describe('stores on disk', () => {
  it('keep what was saved, each its own, when they are opened again', async () => {
    const [opened, store] = await filled();
    const other = opened.open('p', 1);
    other.put('t', 'a', 'other');
    other.save(() => 'other point');
    store.close();
    other.close();
    await close(opened);
    const again = await stores();
    const [one, two] = [again.open('p', 0), again.open('p', 1)];
    expect([one.saved, one.get('t', 'a'), two.saved, two.get('t', 'a')]).toEqual([
      'point',
      '1',
      'other point',
      'other',
    ]);
    for (const each of [one, two]) each.close();
  });

  it('are as the last write left them after a kill: no step is there in part', async () => {
    const [, store] = await filled();
    store.put('t', 'a', 'half of a step');
    const left = (await killed()).open('p', 0);
    expect([left.saved, left.get('t', 'a'), left.get('t', 'b')]).toEqual(['point', '1', '2']);
    left.close();
    store.save(() => 'next');
    store.close();
  });

  it('write what is held before a save only when they are told to, and never at their end', async () => {
    const [opened, store] = await filled();
    store.put('t', 'a', 'half of a step');
    store.close();
    await close(opened);
    const again = (await stores()).open('p', 0);
    expect([again.saved, again.get('t', 'a')]).toEqual(['point', '1']);
    again.close();
  });

  const damages: readonly [string, (dir: string) => void][] = [
    ['a boot of the machine after which nothing vouches for the file', (dir) => reboot(dir)],
    ['no mark', (dir) => writeFileSync(join(dir, 'mark.json'), '')],
    ['a file that was cut short', (dir) => truncateSync(data(dir), 3 * 4096)],
    ['a file of something else', (dir) => writeFileSync(data(dir), 'x'.repeat(100_000))],
    [
      'a file that has ended several processes',
      (dir) => writeFileSync(join(dir, 'mark.json'), JSON.stringify({ ...markIn(dir), starts: 5 })),
    ],
  ];
  it.each(damages)('are empty after %s', async (_, damage) => {
    const [, store] = await filled();
    const left = (await killed(damage)).open('p', 0);
    expect([left.saved, left.get('t', 'a')]).toEqual([undefined, undefined]);
    left.put('t', 'a', 'new');
    left.save(() => 'new point');
    left.spill();
    expect(left.saved).toBe('new point');
    left.close();
    store.close();
  });

  it('are kept over a boot of the machine when they were closed in order', async () => {
    const [opened, store] = await filled();
    store.close();
    await close(opened);
    reboot(join(folder, '1'));
    const again = (await stores()).open('p', 0);
    expect(again.saved).toBe('point');
    again.close();
  });

  it('have a folder for each of several processes, and take over one that is free', async () => {
    const [one, two] = [await stores(), await stores()];
    expect([1, 2, 3].map((number) => existsSync(join(folder, String(number), 'data.mdb')))).toEqual([
      true,
      true,
      false,
    ]);
    await close(one);
    await stores();
    expect(existsSync(join(folder, '3'))).toBe(false);
    expect(two.open('p', 0).saved).toBeUndefined();
  });

  it('refuse to open one store twice at a time', async () => {
    const [opened, store] = await filled();
    expect(() => opened.open('p', 0)).toThrow('open already');
    store.close();
    opened.open('p', 0).close();
  });

  it('are given up with a message when the disk fails, for stores in memory, and are not used by the next process', async () => {
    const [opened, store] = await filled();
    const long = 'x'.repeat(2000);
    expect(() => {
      store.put('t', long, 'lmdb takes no such key');
      store.spill();
    }).toThrow('choose another DATA_DIR');
    expect(told).toHaveLength(1);
    expect(() => store.get('t', 'a')).toThrow('choose another DATA_DIR');
    store.close();
    const inMemory = opened.open('p', 0);
    expect(inMemory.saved).toBeUndefined();
    inMemory.put('t', 'a', '1');
    expect(inMemory.get('t', 'a')).toBe('1');
    await close(opened);
    const again = (await stores()).open('p', 0);
    expect(again.saved).toBeUndefined();
    again.close();
  });
});

function markIn(dir: string): object {
  return JSON.parse(readFileSync(join(dir, 'mark.json'), 'utf8'));
}

function reboot(dir: string): void {
  writeFileSync(join(dir, 'mark.json'), JSON.stringify({ ...markIn(dir), boot: 'before' }));
}
