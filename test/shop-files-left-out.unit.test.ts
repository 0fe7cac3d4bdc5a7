/** Rows with problems are written to a file, mended there, and imported in turn. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInput } from '../cli/import-input.ts';
import type { ShopData } from '../import/shop-data.ts';

const HEADER = 'order;date;customer;name of customer;sku;qty;price;note';

describe('rows that are left out', () => {
  let folder = '';
  let told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const at = (name: string) => join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-shop-'));
    told = [];
    await writeFile(at('columns.txt'), 'customerName = name of customer\n');
    await writeFile(
      at('export.csv'),
      [
        HEADER,
        '1;2024-07-04;A;Maria Anders;11;1;1,00;"says ""now""; please"',
        '2;2024-07-05;B;Ana Trujillo;11;2;1,00;',
        '2;2024-07-05;B;Ana Trujillo;12;many;1,00;café',
        '1;2024-07-04;A;Maria Anders;12;1;1,00;',
        '',
      ].join('\n'),
    );
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  const ids = (data: ShopData) => [...data.orders()].map(({ id, lines }) => `${id}: ${lines.length}`);

  it('are all rows of an order with a bad one, each with its problem, and can be imported once mended', async () => {
    const options = { map: at('columns.txt'), dataSet: "Maria's shop" };
    const { data, leftOut } = await readInput(at('export.csv'), { ...options, skipInvalid: at('bad.csv') }, tell);
    expect(ids(data)).toEqual(['1: 2']);
    data.close();
    expect(leftOut).toEqual({ rows: 2, orders: 1 });
    expect(told).toEqual([
      'export.csv, line 4, column qty: "many" is not a whole number',
      `left out: 2 rows (1 order); mend them in ${at('bad.csv')}, then: counterfoil import ${at('bad.csv')} ` +
        `--data-set 'Maria'\\''s shop' --map ${at('columns.txt')}`,
    ]);
    const written = await readFile(at('bad.csv'), 'utf8');
    expect(written.split('\n')).toEqual([
      `\ufeff${HEADER};problem`,
      '2;2024-07-05;B;Ana Trujillo;11;2;1,00;;left out with its order: see export.csv, line 4',
      '2;2024-07-05;B;Ana Trujillo;12;many;1,00;café;"qty: ""many"" is not a whole number"',
      '',
    ]);

    await writeFile(at('bad.csv'), written.replace(';many;', ';3;'));
    const mended = await readInput(at('bad.csv'), options, tell);
    expect(ids(mended.data)).toEqual(['2: 2']);
    expect(mended.data.dataSet).toBe("Maria's shop");
    expect([...mended.data.customers()]).toEqual([
      { id: 'B', firstName: 'Ana', lastName: 'Trujillo', fileAndLine: 'bad.csv, line 2', onlyIfNew: true },
    ]);
    mended.data.close();
  });

  it('keep one column of problems, however often they are written', async () => {
    const options = { map: at('columns.txt') };
    const once = await readInput(at('export.csv'), { ...options, skipInvalid: at('bad.csv') }, tell);
    once.data.close();
    const twice = await readInput(at('bad.csv'), { ...options, skipInvalid: at('worse.csv') }, tell);
    twice.data.close();
    const changed = (await readFile(at('bad.csv'), 'utf8')).replace('see export.csv, line 4', 'see bad.csv, line 3');
    expect(await readFile(at('worse.csv'), 'utf8')).toBe(changed);
  });

  it('go to a folder of files, where a folder is imported', async () => {
    const input = join(import.meta.dirname, 'shop-files/orders-of-bad-customers');
    const { data } = await readInput(input, { skipInvalid: at('bad') }, tell);
    expect(ids(data)).toEqual(['1: 1']);
    data.close();
    expect(await readdir(at('bad'))).toEqual(['customers.csv', 'order-details.csv', 'orders.csv']);
    expect(await readFile(at('bad/orders.csv'), 'utf8')).toBe(
      '\ufefforderID,customerID,orderDate,problem\n' +
        '2,BAD,2024-07-05,"left out with its order: its customer is left out: see customers.csv, line 3"\n',
    );
  });

  it('are never written over a file that is there', async () => {
    await expect(readInput(at('export.csv'), { skipInvalid: at('columns.txt') }, tell)).rejects.toThrow(
      `${at('columns.txt')} is there already`,
    );
  });

  it('are not written by a dry run', async () => {
    const options = { skipInvalid: at('bad.csv'), dryRun: true } as const;
    const { data } = await readInput(at('export.csv'), options, tell);
    expect(ids(data)).toEqual(['1: 2']);
    data.close();
    expect(await readdir(folder)).not.toContain('bad.csv');
  });

  it('are not chosen unasked: any problem keeps all from being sent', async () => {
    await expect(readInput(at('export.csv'), {}, tell)).rejects.toThrow(
      '1 problem, and nothing was sent: mend it, or import the rest with --skip-invalid FILE',
    );
  });

  it('cannot be told where a file is unreadable as a whole', async () => {
    await writeFile(at('export.csv'), 'order;date\n1;2024-07-04\n');
    await expect(readInput(at('export.csv'), { skipInvalid: at('bad.csv') }, tell)).rejects.toThrow(
      'there are no rows to skip where a file cannot be read',
    );
    expect(told[0]).toMatch(/^export\.csv, line 1: the column customerId or email is missing/);
  });
});
