/** A long export as a shop's program writes it, read: all of its problems, and to the cent what it comes to. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInput } from '../cli/import-input.ts';
import { MAX_LINES } from '../domain/limits.ts';
import { readShopFiles } from '../import/read-shop-files.ts';
import { describeProblem } from '../import/shop-files/problems.ts';
import { LINES_OF_ORDER, longExport } from './long-export.ts';

const LINES = 100_000;
const { bytes, wrongLines, customers, products, sums } = longExport(LINES);

describe('a long export', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-long-'));
    await writeFile(join(folder, 'export.csv'), bytes);
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('shows all ten problems in one run, and imports the rest in a second one, to the cent', {
    timeout: 180_000,
  }, async () => {
    const path = join(folder, 'export.csv');
    const options = { dateFormat: 'DD.MM.YYYY' } as const;
    const told: string[] = [];
    await expect(readInput(path, options, (line) => told.push(line))).rejects.toThrow('10 problems');
    const problems = told.filter((line) => line.startsWith('export.csv, line'));
    expect(problems.map((line) => Number(/line (\d+)/.exec(line)?.[1]))).toEqual(wrongLines);

    const skipInvalid = join(folder, 'bad.csv');
    const { data, leftOut } = await readInput(path, { ...options, skipInvalid }, () => undefined);
    expect(leftOut).toEqual({ rows: 10 * LINES_OF_ORDER, orders: 10 });
    const read = { unordered: 0, orders: 0, lines: 0, units: 0, cents: 0 };
    let before = '';
    for (const { placedAt, lines } of data.orders()) {
      if (placedAt < before) read.unordered++;
      before = placedAt;
      read.orders++;
      for (const { quantity, unitPrice = '' } of lines) {
        read.lines++;
        read.units += quantity;
        read.cents += quantity * Number(unitPrice.replace('.', ''));
      }
    }
    expect(read).toEqual({ unordered: 0, ...sums });
    expect(data.counts).toEqual({ customers, products, orders: sums.orders, lines: sums.lines });
    expect([...data.unitsOrdered().values()].reduce((sum, units) => sum + units, 0)).toBe(sums.units);
    const [customer] = data.customers();
    expect(customer?.lastName).toMatch(/^Größer-\d+$/);
    const [product] = data.products();
    expect(product?.name).toMatch(/^Öl ½ "\d+"$/);
    data.close();
  });

  it('may have orders of as many lines as a purchase may have, and no more', async () => {
    const path = join(folder, 'many-lines.csv');
    const lines = (order: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${order},2024-07-04,A,p${index},1,1.00`);
    const rows = ['order,date,customer,sku,qty,price', ...lines('most', MAX_LINES), ...lines('more', MAX_LINES + 1)];
    await writeFile(path, rows.join('\n'));
    const files = await readShopFiles(path);
    expect(files.problems(9).map(describeProblem)).toEqual([
      `many-lines.csv, line ${MAX_LINES + 2}: order more has ${MAX_LINES + 1} lines: a purchase has at most ${MAX_LINES}, make several of it`,
    ]);
    files.close();
  });
});
