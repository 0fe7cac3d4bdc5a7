/** What was read and is whole, as what an import sends: a page of rows at a time. */
import type { ShopCustomer, ShopData, ShopDataCounts, ShopOrder, ShopOrderLine, ShopProduct } from '../shop-data.ts';
import type { SqlValue } from './database.ts';
import type { Staging } from './staging.ts';

const PAGE = 1000;

export interface StagedDataOptions {
  readonly staging: Staging;
  readonly dataSet: string;
  /** Customers and products that orders alone tell of are no reason to change what is there already. */
  readonly onlyIfNew: boolean;
}

export function createStagedData({ staging, dataSet, onlyIfNew }: StagedDataOptions): ShopData {
  const { database } = staging;
  database.exec('CREATE INDEX IF NOT EXISTS purchase_in_order ON purchase (placed_at, id)');
  const counts: ShopDataCounts = {
    customers: staging.count('SELECT count(*) FROM customer'),
    products: staging.count('SELECT count(*) FROM product'),
    orders: staging.count('SELECT count(*) FROM purchase'),
    lines: staging.count('SELECT count(*) FROM item'),
  };
  const numbered = (number: string | null) => (number === null ? {} : { number });
  const derived = (seenAt: string | null) => (onlyIfNew && seenAt !== null ? { onlyIfNew } : {});

  function* customers(): Generator<ShopCustomer> {
    type Row = [number, string, string, string, string | null, string | null, number, number, string | null];
    const sql = `SELECT rowid, id, first_name, last_name, email, seen_at, file, line, number FROM customer
      WHERE rowid > ? ORDER BY rowid LIMIT ${PAGE}`;
    for (const [, id, firstName, lastName, email, seenAt, file, line, number] of byRowId<Row>(sql)) {
      const names = { firstName, lastName, ...(email === null ? {} : { email }) };
      yield { id, fileAndLine: staging.nameOf({ file, line }), ...numbered(number), ...names, ...derived(seenAt) };
    }
  }

  function* products(): Generator<ShopProduct> {
    type Row = [
      ...[number, string, string | null, string, number | null, number | null, string | null],
      ...[number, number, string | null],
    ];
    const sql = `SELECT rowid, id, name, price, stock, discontinued, seen_at, file, line, number FROM product
      WHERE rowid > ? ORDER BY rowid LIMIT ${PAGE}`;
    for (const [, id, name, price, stock, discontinued, seenAt, file, line, number] of byRowId<Row>(sql)) {
      const product = {
        ...{ name: name ?? id, price },
        ...(stock === null ? {} : { unitsInStock: stock }),
        ...(discontinued === null ? {} : { discontinued: discontinued === 1 }),
      };
      yield { id, fileAndLine: staging.nameOf({ file, line }), ...numbered(number), ...product, ...derived(seenAt) };
    }
  }

  function* byRowId<R extends readonly [number, ...SqlValue[]]>(sql: string): Generator<R> {
    let after = 0;
    for (;;) {
      const page = database.all<R>(sql, after);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last[0];
    }
  }

  function* orders(): Generator<ShopOrder> {
    type Row = [string, string, string, number, number, string | null];
    let [afterDate, afterId] = ['', ''];
    for (;;) {
      const page = database.all<Row>(
        `SELECT id, customer, placed_at, file, line, number FROM purchase WHERE (placed_at, id) > (?, ?)
          ORDER BY placed_at, id LIMIT ${PAGE}`,
        ...[afterDate, afterId],
      );
      for (const [id, customerId, placedAt, file, line, number] of page) {
        const fileAndLine = staging.nameOf({ file, line });
        yield { id, ...numbered(number), customerId, placedAt, fileAndLine, lines: linesOf(id) };
        [afterDate, afterId] = [placedAt, id];
      }
      if (page.length < PAGE) return;
    }
  }

  /** In the order of the file. */
  function linesOf(order: string): readonly ShopOrderLine[] {
    type Row = [string, number, string | null, string | null];
    return database
      .all<Row>('SELECT product, quantity, price, discount FROM item WHERE purchase = ? ORDER BY file, line', order)
      .map(([productId, quantity, unitPrice, discount]) => ({
        productId,
        quantity,
        ...(unitPrice === null ? {} : { unitPrice }),
        ...(discount === null ? {} : { discount }),
      }));
  }

  return {
    dataSet,
    counts,
    customers,
    products,
    orders,
    unitsOrdered: () =>
      new Map(database.all<[string, number]>('SELECT product, sum(quantity) FROM item GROUP BY product')),
    close: () => staging.close(),
  };
}
