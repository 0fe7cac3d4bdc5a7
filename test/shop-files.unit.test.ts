/** Reads the folders of `shop-files/`: each is a habit of shops' programs, with what must come of it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ReadOptions, readShopFiles } from '../import/read-shop-files.ts';
import { readColumnMap } from '../import/shop-files/column-map.ts';
import { DATE_FORMATS } from '../import/shop-files/date-formats.ts';
import { describeProblem } from '../import/shop-files/problems.ts';

const root = join(import.meta.dirname, 'shop-files');
const habits = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const NOW = '2026-01-31T00:00:00.000Z';

const rows = z.array(z.record(z.string(), z.unknown())).optional();
const expected = z.strictObject({
  options: z
    .strictObject({
      encoding: z.string(),
      decimal: z.enum(['comma', 'point']),
      dateFormat: z.enum(DATE_FORMATS),
      partial: z.boolean(),
    })
    .partial()
    .optional(),
  map: z.string().optional(),
  problems: z.array(z.string()),
  notices: z.array(z.string()).optional(),
  /** Rows with problems are left out, and the rest must be as told. */
  skipped: z.boolean().optional(),
  customers: rows,
  products: rows,
  orders: rows,
});

function bare(entities: Iterable<{ readonly fileAndLine: string; readonly onlyIfNew?: boolean }>): unknown[] {
  return [...entities].map(({ fileAndLine, onlyIfNew: _, ...entity }) => {
    expect(fileAndLine).toMatch(/^[^,]+, line \d+$/);
    return entity;
  });
}

describe('files as shops have them', () => {
  let target = '';
  beforeEach(async () => {
    target = await mkdtemp(join(tmpdir(), 'counterfoil-left-out-'));
  });
  afterEach(async () => await rm(target, { recursive: true }));

  it.each(habits.map(({ name }) => name))('%s', async (habit) => {
    const folder = join(root, habit);
    const { options, map, problems, notices, skipped, ...data } = expected.parse(
      JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')),
    );
    const columns = map === undefined ? {} : { map: await readColumnMap(join(folder, map)) };
    const read: ReadOptions = { ...options, ...columns, now: NOW };
    const files = await readShopFiles(folder, read);
    try {
      expect(files.problems(100).map(describeProblem)).toEqual(problems);
      expect(files.problemCount).toBe(problems.length);
      if (notices !== undefined) expect(files.notices).toEqual(notices);
      expect(files.dataSet).toBe(habit);
      if (skipped) expect((await files.leaveOut(join(target, 'left-out'))).rows).toBeGreaterThan(0);
      else if (problems.length > 0) {
        expect(() => files.data()).toThrow('the files have problems');
        return;
      }
      const shop = files.data();
      if (data.customers !== undefined) expect(bare(shop.customers())).toEqual(data.customers);
      if (data.products !== undefined) expect(bare(shop.products())).toEqual(data.products);
      if (data.orders !== undefined) expect(bare(shop.orders())).toEqual(data.orders);
    } finally {
      files.close();
    }
  });
});
