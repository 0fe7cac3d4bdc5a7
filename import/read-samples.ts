/** Reads Northwind's four tables, or any others of the same shape. */
import { z } from 'zod';
import { ImportFailed } from './failure.ts';
import { readTable, type TableRow } from './read-table.ts';
import type { SampleCustomer, SampleOrder, SampleProduct, Samples } from './samples.ts';

// Messages continue "… is not".
const id = z.string('an id').regex(/^[A-Za-z0-9_-]{1,64}$/, 'an id: 1 to 64 of A-Z a-z 0-9 _ -');
const name = z.string('a name').trim().min(1, 'a name').max(200, 'a name of at most 200 characters');
const count = z
  .string('a whole number')
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number);
const price = z
  .string('a price, such as 18.00')
  .regex(/^\d{1,7}(\.\d{1,2})?$/, 'a price, such as 18.00')
  .transform((text) => {
    const [units = '', cents = ''] = text.split('.');
    return `${units}.${cents.padEnd(2, '0')}`;
  });
const flag = z.enum(['0', '1'], '0 or 1').transform((text) => text === '1');
const date = z
  .string('a date, such as 1996-07-04')
  .regex(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?Z?$/, 'a date, such as 1996-07-04')
  .transform((text) => new Date(/[T ]/.test(text) ? `${text.replace(' ', 'T').replace(/Z$/, '')}Z` : text))
  .refine((value) => !Number.isNaN(value.getTime()), 'a date, such as 1996-07-04')
  .transform((value) => value.toISOString());

/** @throws {ImportFailed} in one line that names file, line and column */
export async function readSamples(directory: string): Promise<Samples> {
  const [customers, products, orders, details] = await Promise.all([
    readTable(directory, 'customers.csv', ['customerID', 'contactName']),
    readTable(directory, 'products.csv', ['productID', 'productName', 'unitPrice', 'unitsInStock', 'discontinued']),
    readTable(directory, 'orders.csv', ['orderID', 'customerID', 'orderDate']),
    readTable(directory, 'order-details.csv', ['orderID', 'productID', 'quantity']),
  ]);
  const lines = readLines(details);
  const samples = {
    customers: customers.map(readCustomer),
    products: products.map(readProduct),
    orders: orders.map((row) => readOrder(row, lines)).sort(byDate),
  };
  for (const [orderId, { fileAndLine }] of lines) {
    throw new ImportFailed(`${fileAndLine}, column orderID: there is no order ${orderId} in orders.csv`);
  }
  return samples;
}

function readCustomer(row: TableRow): SampleCustomer {
  const words = row.get('contactName', name).split(/\s+/);
  const lastName = words.pop() ?? '';
  if (words.length === 0) row.refuse('contactName', `${lastName} is not a first and a last name`);
  return { fileAndLine: row.fileAndLine, id: row.get('customerID', id), firstName: words.join(' '), lastName };
}

function readProduct(row: TableRow): SampleProduct {
  return {
    fileAndLine: row.fileAndLine,
    id: row.get('productID', id),
    name: row.get('productName', name),
    price: row.get('unitPrice', price),
    unitsInStock: row.get('unitsInStock', count),
    discontinued: row.get('discontinued', flag),
  };
}

interface OrderLines {
  readonly fileAndLine: string;
  readonly quantities: Map<string, number>;
}

function readLines(details: readonly TableRow[]): Map<string, OrderLines> {
  const orders = new Map<string, OrderLines>();
  for (const row of details) {
    const orderId = row.get('orderID', id);
    const productId = row.get('productID', id);
    const order = orders.get(orderId) ?? { fileAndLine: row.fileAndLine, quantities: new Map<string, number>() };
    orders.set(orderId, order);
    if (order.quantities.has(productId)) row.refuse('productID', `order ${orderId} has product ${productId} twice`);
    order.quantities.set(productId, row.get('quantity', count));
  }
  return orders;
}

/** Takes the order's lines out of `lines`, so that what is left there has no order. */
function readOrder(row: TableRow, lines: Map<string, OrderLines>): SampleOrder {
  const orderId = row.get('orderID', id);
  const own = lines.get(orderId);
  if (own === undefined)
    return row.refuse('orderID', `order ${orderId} has no line in order-details.csv, or stands here twice`);
  lines.delete(orderId);
  return {
    fileAndLine: row.fileAndLine,
    id: orderId,
    customerId: row.get('customerID', id),
    placedAt: row.get('orderDate', date),
    lines: [...own.quantities].map(([productId, quantity]) => ({ productId, quantity })),
  };
}

function byDate(a: SampleOrder, b: SampleOrder): number {
  if (a.placedAt !== b.placedAt) return a.placedAt < b.placedAt ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
