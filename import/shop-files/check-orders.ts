/** What can only be told of orders when all files have been read. Orders that have a problem already are not looked at again. */
import { MAX_LINES, MAX_QUANTITY } from '../../domain/limits.ts';
import type { Entity, Staging } from './staging.ts';

export interface Expected {
  /** The files' names, where there are such files: their ids are all that there are. */
  readonly customers: string | undefined;
  readonly products: string | undefined;
  readonly orders: string;
  readonly lines: string;
}

const WHOLE = `id NOT IN (SELECT id FROM left_out WHERE entity = 'order')`;
const OF_WHOLE = `purchase NOT IN (SELECT id FROM left_out WHERE entity = 'order')`;

/** Tells each problem, and leaves the order out. All in SQL: there may be one for every row. */
export function checkOrders({ database }: Staging, expected: Expected): void {
  /** `found` selects file, line, id of the order, and the text. */
  const check = (found: string): void => {
    database.exec(`CREATE TEMP TABLE found AS SELECT file, line, id, text FROM (${found})`);
    database.exec('INSERT INTO problem SELECT file, line, NULL, text FROM found ORDER BY file, line');
    database.exec(`INSERT INTO left_out SELECT 'order', id, 'see ' || name || ', line ' || line FROM found
      JOIN file ON number = found.file WHERE true ON CONFLICT DO NOTHING`);
    database.exec('DROP TABLE found');
  };
  check(
    `SELECT file, line, purchase AS id, 'there is no order ' || purchase || ${sqlText(` in ${expected.orders}`)} AS text
      FROM item WHERE ${OF_WHOLE} AND purchase NOT IN (SELECT id FROM purchase)`,
  );
  check(
    `SELECT file, line, id, 'order ' || id || ${sqlText(` has no line in ${expected.lines}`)} AS text
      FROM purchase WHERE ${WHOLE} AND id NOT IN (SELECT purchase FROM item)`,
  );
  check(
    `SELECT file, line, id, 'none of the rows of order ' || id || ' tells its ' ||
        CASE WHEN placed_at IS NULL THEN 'date' ELSE 'customer' END AS text
      FROM purchase WHERE ${WHOLE} AND (placed_at IS NULL OR customer IS NULL)`,
  );
  check(
    `SELECT purchase.file, purchase.line, id, 'order ' || id || ' has ' || count(*) ||
        ' lines: a purchase has at most ${MAX_LINES}, make several of it' AS text
      FROM item JOIN purchase ON id = purchase WHERE ${WHOLE} GROUP BY id HAVING count(*) > ${MAX_LINES}`,
  );
  check(
    `SELECT file, line, purchase AS id, 'order ' || purchase || ' has ' || quantity ||
        ' units of product ' || product || ' in all: at most ${MAX_QUANTITY}' AS text
      FROM item WHERE ${OF_WHOLE} AND quantity > ${MAX_QUANTITY}`,
  );
  if (expected.customers !== undefined) {
    check(
      `SELECT file, line, id, 'there is no customer ' || customer || ${inFile(expected.customers)} AS text
        FROM purchase WHERE ${WHOLE} AND customer NOT IN (SELECT id FROM customer)
        AND customer NOT IN (SELECT id FROM left_out WHERE entity = 'customer')`,
    );
  }
  if (expected.products !== undefined) {
    check(
      `SELECT file, line, purchase AS id, 'there is no product ' || product || ${inFile(expected.products)} AS text
        FROM item WHERE ${OF_WHOLE} AND product NOT IN (SELECT id FROM product)
        AND product NOT IN (SELECT id FROM left_out WHERE entity = 'product')`,
    );
  }
}

function inFile(name: string): string {
  return sqlText(` in ${name}; if it has been imported before, say so with --partial`);
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Orders whose customer or product is left out can only be left out with it. Its own row has been told as a problem. */
export function leaveOutDependents(staging: Staging): void {
  const because = (entity: Entity) => `its ${entity} is left out: `;
  staging.database.run(
    `INSERT INTO left_out SELECT 'order', purchase.id, '${because('customer')}' || left_out.reason FROM purchase
      JOIN left_out ON entity = 'customer' AND left_out.id = purchase.customer
      WHERE purchase.customer NOT IN (SELECT id FROM customer) ON CONFLICT DO NOTHING`,
  );
  staging.database.run(
    `INSERT INTO left_out SELECT 'order', purchase, '${because('product')}' || left_out.reason FROM item
      JOIN left_out ON entity = 'product' AND left_out.id = item.product
      WHERE item.product NOT IN (SELECT id FROM product) ON CONFLICT DO NOTHING`,
  );
}

/** Takes away what is left out, and the customers and products that only such orders have told of. */
export function forgetLeftOut({ database }: Staging, made: { customers: boolean; products: boolean }): void {
  database.exec(`DELETE FROM purchase WHERE NOT (${WHOLE}); DELETE FROM item WHERE NOT (${OF_WHOLE})`);
  if (made.customers) database.exec('DELETE FROM customer WHERE id NOT IN (SELECT customer FROM purchase)');
  if (made.products) database.exec('DELETE FROM product WHERE id NOT IN (SELECT product FROM item)');
}
