/** Writes the documents of one view, with all that follows from them: columns, entries of indexes, totals. */
import { encodeText, type SqlValue } from './column-value.ts';
import type { Database } from './database.ts';
import { parsed } from './documents.ts';
import { type Entries, entriesOf } from './entries.ts';
import type { ViewLayout } from './layout.ts';
import type { Unindexed } from './unindexed.ts';

/** What a step adds to the documents that are alike. */
interface Change {
  readonly by: readonly SqlValue[];
  count: number;
  readonly sums: bigint[];
}

/** A document as it is stored. */
interface Known {
  readonly k: bigint;
  readonly json: string;
  readonly entries: Entries;
}

/**
 * Documents that are kept at hand after they were written: purchases are confirmed soon after they were placed, and all
 * of them change the same customers and products.
 */
const MOST_KNOWN = 4000;

export class StoredView {
  readonly layout: ViewLayout;
  readonly #db: Database;
  readonly #unindexed: Unindexed;
  readonly #statements: ReturnType<typeof statementsFor>;
  /** The largest number given to a document. */
  #numbers: number;
  #changes = new Map<string, Change>();
  /** By id, the last written last. */
  readonly #known = new Map<string, Known>();

  /** @param unindexed indexes that get their entries later */
  constructor(db: Database, layout: ViewLayout, unindexed: Unindexed) {
    this.#db = db;
    this.layout = layout;
    this.#unindexed = unindexed;
    this.#statements = statementsFor(layout);
    this.#numbers = Number(db.first(`SELECT max(k) FROM ${layout.rows}`)?.[0] ?? 0);
  }

  get isEmpty(): boolean {
    return this.#numbers === 0;
  }

  /** Replaces or inserts the document. */
  put(json: string): void {
    const doc = parsed(json);
    const id = encodeText(doc._id);
    const was = this.#stored(id);
    if (was?.json === json) return;
    const entries = entriesOf(this.layout, doc);
    const k = was?.k ?? BigInt(++this.#numbers);
    if (was === undefined) this.#insert(id, { k, json, entries });
    else this.#replace(was, { k, json, entries });
    this.#known.delete(id);
    this.#known.set(id, { k, json, entries });
    const [oldest] = this.#known.size > MOST_KNOWN ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** Whether there was one. */
  remove(id: string): boolean {
    const was = this.#stored(encodeText(id));
    if (was === undefined) return false;
    const { rows, docs } = this.#statements.remove;
    this.#db.run(rows, [was.k]);
    this.#db.run(docs, [was.k]);
    for (const [i, of] of was.entries.indexes.entries()) for (const entry of of) this.#removeEntry(i, entry);
    this.#count(was.entries, -1);
    this.#known.delete(encodeText(id));
    return true;
  }

  /** To be called before the step is committed. */
  writeTotals(): void {
    const { read, write, remove } = this.#statements.totals;
    for (const [key, { by, count, sums }] of this.#changes) {
      const [before, ...sumsBefore] = this.#db.first(read, [key]) ?? [0];
      const now = Number(before) + count;
      if (now === 0) this.#db.run(remove, [key]);
      else {
        // As text: sums may outgrow the 64 bits of SQLite's integers.
        const total = sums.map((sum, i) => String(sum + BigInt(String(sumsBefore[i] ?? 0))));
        this.#db.run(write, [key, BigInt(now), ...by, ...total]);
      }
    }
    this.#changes = new Map();
  }

  /** What has been put since the last commit is undone. */
  forget(): void {
    this.#changes = new Map();
    this.#known.clear();
  }

  #stored(id: string): Known | undefined {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const [number, doc] = this.#db.first(this.#statements.find, [id]) ?? [];
    if (number === undefined) return undefined;
    const json = String(doc);
    return { k: BigInt(Number(number)), json, entries: entriesOf(this.layout, parsed(json)) };
  }

  #insert(id: string, { k, json, entries }: Known): void {
    const { rows, docs } = this.#statements.insert;
    this.#db.run(rows, [k, id, ...entries.columns]);
    this.#db.run(docs, [k, json]);
    for (const [i, of] of entries.indexes.entries()) for (const entry of of) this.#addEntry(i, entry, k);
    this.#count(entries, 1);
  }

  #replace({ entries: was }: Known, { k, json, entries }: Known): void {
    const { rows, docs } = this.#statements.update;
    this.#db.run(docs, [json, k]);
    if (rows !== undefined && !alike(was.columns, entries.columns)) this.#db.run(rows, [...entries.columns, k]);
    for (const [i, of] of entries.indexes.entries()) {
      const old = was.indexes[i] ?? [];
      for (const entry of old) if (!of.some((one) => alike(one, entry))) this.#removeEntry(i, entry);
      for (const entry of of) if (!old.some((one) => alike(one, entry))) this.#addEntry(i, entry, k);
    }
    this.#count(was, -1);
    this.#count(entries, 1);
  }

  #addEntry(index: number, entry: readonly SqlValue[], k: bigint): void {
    const kept = this.#kept(index);
    if (kept !== undefined) this.#db.run(kept.add, [...entry, k]);
  }

  #removeEntry(index: number, entry: readonly SqlValue[]): void {
    const kept = this.#kept(index);
    if (kept !== undefined) this.#db.run(kept.remove, entry);
  }

  /** The statements of an index; undefined: it gets its entries later. */
  #kept(index: number) {
    const statements = this.#statements.indexes[index];
    return statements === undefined || this.#unindexed.has(statements.table) ? undefined : statements;
  }

  #count({ member: { by, sums } }: Entries, sign: 1 | -1): void {
    const key = by.map((value) => (Buffer.isBuffer(value) ? `b${value[0]}` : `${typeof value}${value}`)).join('\u0002');
    const change = this.#changes.get(key) ?? { by, count: 0, sums: sums.map(() => 0n) };
    this.#changes.set(key, change);
    change.count += sign;
    for (const [i, sum] of sums.entries()) change.sums[i] = (change.sums[i] ?? 0n) + BigInt(sign) * sum;
  }
}

function alike(a: readonly SqlValue[], b: readonly SqlValue[]): boolean {
  return a.every((value, i) => {
    const other = b[i];
    return value === other || (Buffer.isBuffer(value) && Buffer.isBuffer(other) && value.equals(other));
  });
}

function statementsFor({ rows, docs, scalars, lists, indexes, totals }: ViewLayout) {
  const columns = [...scalars.values(), ...lists.values()];
  const places = (count: number) => Array.from({ length: count }, () => '?').join();
  const kept = [...totals.by.map((_, i) => `d${i}`), ...totals.sums.map((_, i) => `s${i}`)];
  const sums = totals.sums.map((_, i) => `, s${i}`).join('');
  return {
    find: `SELECT r.k, d.doc FROM ${rows} r CROSS JOIN ${docs} d ON d.k = r.k WHERE r.id = ?`,
    insert: {
      rows: `INSERT INTO ${rows} (${['k', 'id', ...columns].join()}) VALUES (${places(columns.length + 2)})`,
      docs: `INSERT INTO ${docs} (k, doc) VALUES (?, ?)`,
    },
    update: {
      rows: columns.length > 0 ? `UPDATE ${rows} SET ${columns.map((c) => `${c} = ?`).join()} WHERE k = ?` : undefined,
      docs: `UPDATE ${docs} SET doc = ? WHERE k = ?`,
    },
    remove: { rows: `DELETE FROM ${rows} WHERE k = ?`, docs: `DELETE FROM ${docs} WHERE k = ?` },
    indexes: indexes.map(({ table, fields }) => ({
      table,
      add: `INSERT INTO ${table} VALUES (${places(fields.length + 2)})`,
      remove: `DELETE FROM ${table} WHERE ${[...fields.map((_, i) => `f${i} = ?`), 'id = ?'].join(' AND ')}`,
    })),
    totals: {
      read: `SELECT n${sums} FROM ${totals.table} WHERE key = ?`,
      write: `INSERT OR REPLACE INTO ${totals.table} (${['key', 'n', ...kept].join()}) VALUES (${places(2 + kept.length)})`,
      remove: `DELETE FROM ${totals.table} WHERE key = ?`,
    },
  };
}
