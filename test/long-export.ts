/**
 * A long export as a shop's program writes it: `;`, decimal commas, dates by day, Windows-1252, and ten rows that are wrong. What
 * the good orders come to is reckoned here, from the numbers that the file is made of.
 */
import type { Server } from './e2e/server.ts';

/** Each of another order, as a share of the file's lines; all of no customer, for each customer is to be there. */
const WRONG: readonly (readonly [at: number, cells: Readonly<Record<string, string>>])[] = [
  [0.00007, { qty: 'x' }],
  [0.103, { qty: '-2' }],
  [0.207, { price: 'teuer' }],
  [0.311, { date: '30.02.2024' }],
  [0.404, { sku: '' }],
  [0.513, { qty: '0' }],
  [0.61, { price: '-1,00' }],
  [0.702, { date: '2024' }],
  [0.817, { discount: '120 %' }],
  [0.99999, { email: 'no-address' }],
];
export const LINES_OF_ORDER = 4;
const PRODUCTS = 200;

export interface LongExport {
  /** As the file's bytes. */
  readonly bytes: Buffer;
  /** Lines of the file, from 1 for its header, with the wrong rows. */
  readonly wrongLines: readonly number[];
  readonly customers: number;
  readonly products: number;
  /** Of the orders without a wrong row. */
  readonly sums: { readonly orders: number; readonly lines: number; readonly units: number; readonly cents: number };
}

/** @param lines a multiple of 100 */
export function longExport(lines: number): LongExport {
  const customers = lines / LINES_OF_ORDER / 5;
  const wrong = new Map(WRONG.map(([at, cells]) => [Math.floor(at * lines), cells]));
  const wrongOrders = new Set([...wrong.keys()].map((index) => Math.floor(index / LINES_OF_ORDER)));
  const rows = ['Bestellnummer;Datum;Kundennr;Kundenname;E-Mail;SKU;Artikel;Menge;Einzelpreis;Rabatt'];
  const sums = { orders: 0, lines: 0, units: 0, cents: 0 };
  for (let index = 0; index < lines; index++) {
    const order = Math.floor(index / LINES_OF_ORDER);
    const product = (order * 7 + (index % LINES_OF_ORDER)) % PRODUCTS;
    const [quantity, cents] = [1 + (index % 9), 1_005 + product * 37];
    rows.push(rowOf(order, order % customers, product, quantity, cents, wrong.get(index)));
    if (wrongOrders.has(order)) continue;
    sums.lines++;
    sums.units += quantity;
    sums.cents += quantity * cents;
    if (index % LINES_OF_ORDER === 0) sums.orders++;
  }
  const bytes = Buffer.from(`${rows.join('\r\n')}\r\n`, 'latin1');
  return { bytes, wrongLines: [...wrong.keys()].map((index) => index + 2), customers, products: PRODUCTS, sums };
}

function rowOf(
  order: number,
  customer: number,
  product: number,
  quantity: number,
  cents: number,
  wrong: Readonly<Record<string, string>> = {},
): string {
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
    ...wrong,
  };
  return Object.values(cells)
    .map((cell) => (cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(';');
}

/** What a shop shows once the export is imported, and nothing else. */
interface Shown {
  readonly customers: number;
  readonly products: number;
  readonly purchases: number;
  readonly confirmed: number;
  /** Decimal string. */
  readonly amount: string;
  readonly unitsSold: number;
  readonly unitsLeft: number;
  /** Those who are found as people type their name. */
  readonly found: number;
}

/** As it is reckoned from what the file was made of. */
export function sumsOf({ sums: { orders, units, cents }, customers, products }: LongExport): Shown {
  const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  const purchases = { purchases: orders, confirmed: orders, amount };
  return { customers, products, ...purchases, unitsSold: units, unitsLeft: 0, found: customers };
}

const SUMS = `{
  customers { totalCount }
  found: customers(filter: { text: "jurgen grosser" }) { totalCount }
  confirmed: purchases(filter: { status: CONFIRMED }) { totalCount totalAmount }
  purchases { totalCount }
  products(first: 200) { totalCount nodes { stock reserved unitsSold } }
}`;

/** As the server shows it. */
export async function sumsIn(server: Server): Promise<Shown> {
  const { data } = await server.graphql(SUMS);
  const { customers, products, purchases, confirmed, found } = data;
  const stocks: readonly { stock: number; reserved: number; unitsSold: number }[] = products.nodes;
  return {
    ...{ customers: customers.totalCount, products: products.totalCount, purchases: purchases.totalCount },
    ...{ confirmed: confirmed.totalCount, amount: confirmed.totalAmount, found: found.totalCount },
    unitsSold: stocks.reduce((sum, { unitsSold }) => sum + unitsSold, 0),
    unitsLeft: stocks.reduce((sum, { stock, reserved }) => sum + stock + reserved, 0),
  };
}
