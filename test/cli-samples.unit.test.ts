/** Reading the four CSV files: what is made of them, and what is said of what is wrong in them. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeFailure } from '../cli/failure.ts';
import { ImportFailed } from '../import/failure.ts';
import { readSamples } from '../import/read-samples.ts';
import { unitsOrdered } from '../import/samples.ts';

const northwind = fileURLToPath(new URL('../examples/northwind', import.meta.url));

describe('reading samples', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-samples-'));
    await write('customers.csv', 'customerID,contactName', 'ALFKI,Maria Anders');
    await write('products.csv', 'productID,productName,unitPrice,unitsInStock,discontinued', '11,Queso,21.5,22,0');
    await write('orders.csv', 'orderID,customerID,orderDate', '1,ALFKI,1996-07-04 00:00:00.000');
    await write('order-details.csv', 'orderID,productID,quantity', '1,11,12');
  });
  afterEach(async () => await rm(folder, { recursive: true }));

  async function write(file: string, ...lines: readonly string[]): Promise<void> {
    await writeFile(join(folder, file), `${lines.join('\n')}\n`);
  }

  async function refusal(): Promise<string> {
    const error: unknown = await readSamples(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ImportFailed);
    expect(describeFailure(error)).not.toContain('\n');
    return describeFailure(error);
  }

  it('takes Northwind as it is, commas without quotes in its addresses and all', async () => {
    const samples = await readSamples(northwind);
    expect([samples.customers.length, samples.products.length, samples.orders.length]).toEqual([91, 77, 830]);
    expect(samples.customers.find(({ id }) => id === 'GODOS')).toMatchObject({
      firstName: 'José Pedro',
      lastName: 'Freyre',
    });
    expect(samples.orders[0]).toMatchObject({ id: '10248', customerId: 'VINET', placedAt: '1996-07-04T00:00:00.000Z' });
    expect([...unitsOrdered(samples).values()].reduce((sum, units) => sum + units, 0)).toBe(51317);
    expect(samples.products.filter((product) => product.discontinued)).toHaveLength(8);
    expect(samples.orders.map(({ placedAt }) => placedAt)).toEqual(
      samples.orders.map(({ placedAt }) => placedAt).toSorted(),
    );
  });

  it('takes files with a byte order mark and Windows line ends', async () => {
    await cp(northwind, folder, { recursive: true });
    const text = await readFile(join(northwind, 'customers.csv'), 'utf8');
    await writeFile(join(folder, 'customers.csv'), `\ufeff${text.replaceAll(/\r?\n/g, '\r\n')}`);
    expect((await readSamples(folder)).customers).toEqual((await readSamples(northwind)).customers);
  });

  it('writes prices with two digits', async () => {
    expect((await readSamples(folder)).products[0]?.price).toBe('21.50');
  });

  it.each([
    ['products.csv', '11,Queso,cheap,22,0', /^products\.csv, line 2, column unitPrice: "cheap" is not a price/],
    ['products.csv', '11,Queso,NULL,22,0', /^products\.csv, line 2, column unitPrice: "NULL" is not a price/],
    ['products.csv', '11,Queso,21.00,-3,0', /^products\.csv, line 2, column unitsInStock: "-3" is not a whole number/],
    ['products.csv', '11,  ,21.00,3,0', /^products\.csv, line 2, column productName: .* is not a name/],
    ['products.csv', '11,Queso,21.00,3,maybe', /^products\.csv, line 2, column discontinued: "maybe" is not 0 or 1/],
    ['products.csv', '11,Queso', /^products\.csv, line 2.*it is not CSV/],
    ['products.csv', '11,"Queso,21.00,3,0', /^products\.csv, line 2.*it is not CSV/],
  ])('names file, line and column of what is wrong in %s: %s', async (file, line, message) => {
    await write(file, 'productID,productName,unitPrice,unitsInStock,discontinued', line);
    expect(await refusal()).toMatch(message);
  });

  it('names the line of a date that is none', async () => {
    await write('orders.csv', 'orderID,customerID,orderDate', '1,ALFKI,1996-13-04');
    expect(await refusal()).toMatch(/^orders\.csv, line 2, column orderDate: "1996-13-04" is not a date/);
  });

  it('names a column that is missing', async () => {
    await write('orders.csv', 'orderID,orderDate', '1,1996-07-04');
    expect(await refusal()).toMatch(/^orders\.csv, line 1, column customerID: it is missing/);
  });

  it('names a file that is missing, and what it wants', async () => {
    await rm(join(folder, 'orders.csv'));
    expect(await refusal()).toMatch(/orders\.csv cannot be read: there is no such file/);
  });

  it('refuses lines of an order that is not there, and an order without lines', async () => {
    await write('order-details.csv', 'orderID,productID,quantity', '1,11,12', '2,11,5');
    expect(await refusal()).toMatch(/^order-details\.csv, line 3, column orderID: there is no order 2/);
    await write('order-details.csv', 'orderID,productID,quantity', '');
    expect(await refusal()).toMatch(/^orders\.csv, line 2, column orderID: order 1 has no line/);
  });

  it('refuses the same product twice in one order', async () => {
    await write('order-details.csv', 'orderID,productID,quantity', '1,11,12', '1,11,5');
    expect(await refusal()).toMatch(/^order-details\.csv, line 3, column productID: order 1 has product 11 twice/);
  });
});
