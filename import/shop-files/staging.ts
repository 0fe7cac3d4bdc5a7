/**
 * Where rows wait until all files have been read: only then is it known which customers, products and orders are whole. Everything
 * is kept with the file and line where it stands.
 */
import { TemporaryDatabase } from './database.ts';
import type { Problem } from './problems.ts';

/** A row of a file: the file by its place in the list of files. */
export interface Place {
  readonly file: number;
  readonly line: number;
}

/** An order that tells of a customer or a product. */
export interface Seen {
  readonly place: Place;
  /** The order's date, or nothing while it is not known. */
  readonly at: string;
  readonly email: string | null;
}

export type Entity = 'customer' | 'product' | 'order';

export interface CustomerFields {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  /** null: its id. */
  readonly number: string | null;
}

export interface ProductFields {
  readonly id: string;
  readonly name: string;
  readonly price: string;
  /** Null: the file says nothing of it. */
  readonly unitsInStock: number | null;
  readonly discontinued: boolean | null;
  /** null: its id. */
  readonly number: string | null;
}

export interface OrderFields {
  readonly id: string;
  readonly customerId: string | null;
  readonly placedAt: string | null;
  /** null or left out: its id. */
  readonly number?: string | null;
}

export interface LineFields {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: string | null;
  readonly discount: string | null;
}

/** `seen_at` is the date of the order whose row told of a customer or a product, where they have no file of their own. */
const TABLES = `
  CREATE TABLE file (number INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE customer (
    id TEXT PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, seen_at TEXT, file INTEGER, line INTEGER, number TEXT);
  CREATE TABLE product (
    id TEXT PRIMARY KEY, name TEXT, price TEXT, stock INTEGER, discontinued INTEGER, seen_at TEXT, file INTEGER, line INTEGER,
    number TEXT);
  CREATE TABLE purchase (id TEXT PRIMARY KEY, customer TEXT, placed_at TEXT, file INTEGER, line INTEGER, number TEXT);
  CREATE TABLE item (
    purchase TEXT, product TEXT, quantity INTEGER, price TEXT, discount TEXT, file INTEGER, line INTEGER,
    PRIMARY KEY (purchase, product)) WITHOUT ROWID;
  CREATE TABLE problem (file INTEGER, line INTEGER, header TEXT, text TEXT);
  CREATE INDEX problem_of_row ON problem (file, line);
  CREATE TABLE left_out (entity TEXT, id TEXT, reason TEXT, PRIMARY KEY (entity, id)) WITHOUT ROWID;
`;

/** One transaction for so many rows: each of its own would write to the disk. */
const ROWS_AT_ONCE = 50_000;

export class Staging {
  readonly database = new TemporaryDatabase();
  /** Names for messages, in the order in which places number them. */
  readonly files: string[] = [];
  #unfinished = 0;
  /** The order asked for last: the rows of a flat file mostly come order by order. */
  #latest: (OrderFields & Place) | undefined;

  constructor() {
    this.database.exec(TABLES);
    this.database.exec('BEGIN');
  }

  /** The place's number of a further file. */
  addFile(name: string): number {
    const number = this.files.push(name) - 1;
    this.database.run('INSERT INTO file VALUES (?, ?)', number, name);
    return number;
  }

  nameOf({ file, line }: Place): string {
    return `${this.files[file]}, line ${line}`;
  }

  /** `undefined`: it is kept. Otherwise where the same id stands already; that one stays. */
  addCustomer({ id, firstName, lastName, email, number }: CustomerFields, { file, line }: Place): Place | undefined {
    const added = this.database.first(
      'INSERT INTO customer VALUES (?, ?, ?, ?, NULL, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
      ...[id, firstName, lastName, email, file, line, number],
    );
    this.#counted();
    return added === undefined ? this.#placeOf('customer', id) : undefined;
  }

  /** The same for products. */
  addProduct(
    { id, name, price, unitsInStock, discontinued, number }: ProductFields,
    { file, line }: Place,
  ): Place | undefined {
    const added = this.database.first(
      'INSERT INTO product VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
      ...[id, name, price, unitsInStock, discontinued === null ? null : Number(discontinued), file, line, number],
    );
    this.#counted();
    return added === undefined ? this.#placeOf('product', id) : undefined;
  }

  /** The same for orders. */
  addOrder({ id, customerId, placedAt, number = null }: OrderFields, { file, line }: Place): Place | undefined {
    const added = this.database.first(
      'INSERT INTO purchase VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
      ...[id, customerId, placedAt, file, line, number],
    );
    this.#counted();
    return added === undefined ? this.#placeOf('purchase', id) : undefined;
  }

  /** A customer of whom an order tells: as the latest one that names it does. */
  seeCustomer(id: string, named: Pick<CustomerFields, 'firstName' | 'lastName'> | undefined, seen: Seen): void {
    const { place, at, email } = seen;
    this.database.run(
      `INSERT INTO customer VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
        first_name = excluded.first_name, last_name = excluded.last_name, email = coalesce(excluded.email, email),
        seen_at = excluded.seen_at, file = excluded.file, line = excluded.line
        WHERE excluded.seen_at > seen_at`,
      ...[
        id,
        named?.firstName ?? '',
        named?.lastName ?? email ?? id,
        email,
        named === undefined ? '' : at,
        place.file,
        place.line,
      ],
    );
  }

  /** A product of which an order tells: the name and price of the latest one. */
  seeProduct(id: string, name: string | undefined, price: string, { place, at }: Seen): void {
    this.database.run(
      `INSERT INTO product VALUES (?, ?, ?, NULL, NULL, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
        name = coalesce(excluded.name, name), price = excluded.price,
        seen_at = excluded.seen_at, file = excluded.file, line = excluded.line
        WHERE excluded.seen_at > seen_at`,
      ...[id, name ?? null, price, at, place.file, place.line],
    );
  }

  order(id: string): (OrderFields & Place) | undefined {
    if (this.#latest?.id === id) return this.#latest;
    const found = this.database.first<[string | null, string | null, number, number]>(
      'SELECT customer, placed_at, file, line FROM purchase WHERE id = ?',
      id,
    );
    if (found === undefined) return undefined;
    const [customerId, placedAt, file, line] = found;
    this.#latest = { id, customerId, placedAt, file, line };
    return this.#latest;
  }

  completeOrder(id: string, customerId: string | null, placedAt: string | null): void {
    this.database.run('UPDATE purchase SET customer = ?, placed_at = ? WHERE id = ?', customerId, placedAt, id);
    this.#latest = undefined;
  }

  /** The same product at the same price is added up. Otherwise returns where it stands already, at another price or discount. */
  addLine({ orderId, productId, quantity, unitPrice, discount }: LineFields, { file, line }: Place): Place | undefined {
    const added = this.database.first(
      `INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity
        WHERE price IS excluded.price AND discount IS excluded.discount RETURNING 1`,
      ...[orderId, productId, quantity, unitPrice, discount, file, line],
    );
    this.#counted();
    if (added !== undefined) return undefined;
    const earlier = this.database.first<[number, number]>(
      'SELECT file, line FROM item WHERE purchase = ? AND product = ?',
      ...[orderId, productId],
    );
    return earlier && { file: earlier[0], line: earlier[1] };
  }

  addProblem({ file, line }: Place, header: string | null, text: string): void {
    this.database.run('INSERT INTO problem VALUES (?, ?, ?, ?)', file, line, header, text);
    this.#counted();
  }

  /** The entity's own row, or one of its rows, has a problem; `reason` is the first that was told. */
  leaveOut(entity: Entity, id: string, reason: string): void {
    this.database.run('INSERT INTO left_out VALUES (?, ?, ?) ON CONFLICT DO NOTHING', entity, id, reason);
  }

  /** In the order of files and lines. */
  problems(most: number): readonly Problem[] {
    return this.database
      .all<[number, number, string | null, string]>(
        'SELECT file, line, header, text FROM problem ORDER BY file, line, rowid LIMIT ?',
        most,
      )
      .map(([file, line, column, text]) => ({
        ...{ file: this.files[file] ?? '', line, text },
        ...(column === null ? {} : { column }),
      }));
  }

  count(sql: string): number {
    return this.database.first<[number]>(sql)?.[0] ?? 0;
  }

  /** The end of reading: what comes after it only asks, or changes many rows by one statement. */
  finish(): void {
    this.database.exec('COMMIT');
  }

  close(): void {
    this.database.close();
  }

  #placeOf(table: 'customer' | 'product' | 'purchase', id: string): Place | undefined {
    const found = this.database.first<[number, number]>(`SELECT file, line FROM ${table} WHERE id = ?`, id);
    return found && { file: found[0], line: found[1] };
  }

  #counted(): void {
    this.#unfinished++;
    if (this.#unfinished < ROWS_AT_ONCE) return;
    this.#unfinished = 0;
    this.database.exec('COMMIT; BEGIN');
  }
}
