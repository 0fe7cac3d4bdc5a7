/** A long export as a shop's program writes it: `;`, decimal commas, Windows-1252, and ten rows that are wrong. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInput } from '../cli/import-input.ts';
import { MAX_LINES } from '../domain/rules.ts';
import { readShopFiles } from '../import/read-shop-files.ts';
import { describeProblem } from '../import/shop-files/problems.ts';

const LINES = 100_000;
const LINES_OF_ORDER = 4;
const PRODUCTS = 200;
const CUSTOMERS = 5000;
const BAD = new Map([
  [7, { qty: 'x' }],
  [9_999, { qty: '-2' }],
  [20_000, { price: 'teuer' }],
  [30_001, { date: '30.02.2024' }],
  [40_002, { sku: '' }],
  [50_003, { qty: '0' }],
  [60_000, { price: '-1,00' }],
  [70_001, { date: '2024' }],
  [80_002, { discount: '120 %' }],
  [99_999, { email: 'no-address' }],
]);

/** What the good orders come to, worked out from the numbers that the file is made of. */
const sums = { orders: 0, lines: 0, units: 0, cents: 0 };

function longFile(): Buffer {
  const rows = ['Bestellnummer;Datum;Kundennr;Kundenname;E-Mail;SKU;Artikel;Menge;Einzelpreis;Rabatt'];
  const badOrders = new Set([...BAD.keys()].map((index) => Math.floor(index / LINES_OF_ORDER)));
  for (let index = 0; index < LINES; index++) {
    const order = Math.floor(index / LINES_OF_ORDER);
    const product = (order * 7 + (index % LINES_OF_ORDER)) % PRODUCTS;
    const [quantity, cents] = [1 + (index % 9), 1_005 + product * 37];
    const customer = order % CUSTOMERS;
    const cells = {
      order: `R-${order}`,
      date: `${String(1 + (order % 28)).padStart(2, '0')}.${String(1 + (order % 12)).padStart(2, '0')}.2024`,
      customer: `K/${customer}`,
      name: `Jürgen Größer-${customer}`,
      email: `k${customer}@example.com`,
      sku: `A.${product}`,
      name2: `Öl ½ "${product}"`,
      qty: String(quantity),
      price: `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, '0')}`,
      discount: '',
      ...BAD.get(index),
    };
    rows.push(
      Object.values(cells)
        .map((cell) => (cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(';'),
    );
    if (badOrders.has(order)) continue;
    sums.lines++;
    sums.units += quantity;
    sums.cents += quantity * cents;
    if (index % LINES_OF_ORDER === 0) sums.orders++;
  }
  return Buffer.from(`${rows.join('\r\n')}\r\n`, 'latin1');
}

describe('a long export', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-long-'));
    await writeFile(join(folder, 'export.csv'), longFile());
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
    expect(problems.map((line) => Number(/line (\d+)/.exec(line)?.[1]))).toEqual(
      [...BAD.keys()].map((index) => index + 2),
    );

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
    expect(data.counts).toEqual({ customers: CUSTOMERS, products: PRODUCTS, orders: sums.orders, lines: sums.lines });
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
