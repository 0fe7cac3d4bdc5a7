/** The sample orders are read like any shop's: commas without quotation marks in their addresses and all. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeFailure } from '../cli/failure.ts';
import { previewOf, previewText } from '../cli/import-preview.ts';
import { readShopData } from '../import/read-shop-files.ts';

const directory = join(import.meta.dirname, '../examples/northwind');

it('reads Northwind to the known sums, in order of date', async () => {
  const data = await readShopData(directory);
  expect(data.dataSet).toBe('northwind');
  const customers = new Map([...data.customers()].map((customer) => [customer.id, customer]));
  expect(customers.get('GODOS')).toMatchObject({ firstName: 'José Pedro', lastName: 'Freyre' });
  const orders = [...data.orders()];
  expect(orders[0]).toMatchObject({ id: '10248', customerId: 'VINET', placedAt: '1996-07-04T00:00:00.000Z' });
  expect(orders.map(({ placedAt }) => placedAt)).toEqual(orders.map(({ placedAt }) => placedAt).toSorted());
  // In ten-thousandths of a cent: exact.
  let [gross, net] = [0n, 0n];
  for (const { quantity, unitPrice = '', discount = '0' } of orders.flatMap(({ lines }) => lines)) {
    const cents = BigInt(unitPrice.replace('.', '')) * BigInt(quantity);
    gross += cents;
    net += cents * (10_000n - BigInt(Math.round(Number(discount) * 10_000)));
  }
  expect([gross, net]).toEqual([135_445_859n, 1_265_793_039_500n]);
  expect(previewText(previewOf(data))).toBe(
    [
      'data set      northwind',
      'customers     91',
      'products      77, 8 discontinued',
      'purchases     830 with 2155 lines, 51317 units',
      'placed        1996-07-04 to 1998-05-06',
      'nothing was sent: --dry-run',
      '',
    ].join('\n'),
  );
  data.close();
});

it('ends in one line where somebody has spoilt files that are known to be good', async () => {
  const habit = (name: string) => join(import.meta.dirname, 'shop-files', name);
  const failure = async (path: string) => describeFailure(await readShopData(path).catch((error: unknown) => error));
  expect(await failure(habit('returns'))).toMatch(
    /^order-details\.csv, line 3, column quantity: .*, and 1 problems more$/,
  );
  expect(await failure(habit('empty-file'))).toBe('customers.csv: it is empty');
  expect(await failure(habit('none'))).toMatch(/cannot be read: there is no such file or folder$/);
});
