/**
 * The tables of a view:
 *
 * | table         | one row for                   | holds                                                                     |
 * | ------------- | ----------------------------- | ------------------------------------------------------------------------- |
 * | `rows_N`      | a document                    | `k`, its number; `id`; `cI`, the scalars that are asked for; `lI`, lists   |
 * | `docs_N`      | a document                    | `k`; the document as JSON                                                 |
 * | `index_N_I`   | a document, or a list element | `fI`, the index's fields; `id`; `k`. Ordered by all but `k`               |
 * | `totals_N`    | the documents alike in `dI`   | how many they are, and `sI`, their sums                                   |
 *
 * `rows_N` is narrow, so that a scan of all of a million documents takes a fraction of a second. Indexes are tables of their
 * own, since SQLite's have one entry per row and those of lists need one per element.
 */
import type { ViewSpec } from '../view-store.ts';

export interface IndexTable {
  readonly table: string;
  readonly fields: readonly string[];
  /** The first field leads through arrays: a document has an entry for each different element. */
  readonly list: boolean;
}

export interface TotalsTable {
  readonly table: string;
  /** Documents alike in these are counted together; of a text only the first `prefix` characters count. */
  readonly by: readonly { readonly path: string; readonly prefix: number | undefined }[];
  readonly sums: readonly string[];
}

export interface ViewLayout {
  readonly name: string;
  readonly rows: string;
  readonly docs: string;
  /** Column of each path to a scalar. */
  readonly scalars: ReadonlyMap<string, string>;
  /** Column of each path that leads through arrays. */
  readonly lists: ReadonlyMap<string, string>;
  readonly indexes: readonly IndexTable[];
  readonly totals: TotalsTable;
}

/** @throws {RangeError} for an index that has a list anywhere but in front */
export function layoutOf(spec: ViewSpec, number: number): ViewLayout {
  const { name, indexes, lists = [], filtered = [], totals = { by: [], sums: [] } } = spec;
  for (const fields of indexes) {
    if (fields.slice(1).some((path) => lists.includes(path)))
      throw new RangeError(`an index of ${name} has a list behind its first field: ${fields.join(', ')}`);
  }
  const paths = new Set([...indexes.flat(), ...filtered, ...totals.by.map(([path]) => path), ...totals.sums]);
  const scalars = [...paths].filter((path) => !lists.includes(path));
  return {
    name,
    rows: `rows_${number}`,
    docs: `docs_${number}`,
    scalars: new Map(scalars.map((path, i) => [path, `c${i}`])),
    lists: new Map(lists.map((path, i) => [path, `l${i}`])),
    indexes: indexes.map((fields, i) => ({
      table: `index_${number}_${i}`,
      fields,
      list: lists.includes(fields[0] ?? ''),
    })),
    totals: {
      table: `totals_${number}`,
      by: totals.by.map(([path, prefix]) => ({ path, prefix })),
      sums: totals.sums,
    },
  };
}

/** Columns have no type where documents decide it: SQLite then keeps values as they are given. */
export function tablesOf({ rows, docs, scalars, lists, indexes, totals }: ViewLayout): readonly string[] {
  const columns = [...scalars.values(), ...lists.values()].map((column) => `, ${column}`).join('');
  const [dimensions, sums] = [totals.by.map((_, i) => `d${i}`), totals.sums.map((_, i) => `s${i}`)];
  return [
    `CREATE TABLE ${rows} (k INTEGER PRIMARY KEY, id TEXT NOT NULL${columns})`,
    `CREATE UNIQUE INDEX ${rows}_id ON ${rows} (id)`,
    `CREATE TABLE ${docs} (k INTEGER PRIMARY KEY, doc TEXT NOT NULL)`,
    ...indexes.map(({ table, fields }) => {
      const keys = [...fields.map((_, i) => `f${i}`), 'id'].join(', ');
      return `CREATE TABLE ${table} (${fields.map((_, i) => `f${i}`).join(', ')}, id TEXT, k INTEGER, PRIMARY KEY (${keys})) WITHOUT ROWID`;
    }),
    `CREATE TABLE ${totals.table} (key TEXT PRIMARY KEY, n INTEGER NOT NULL${[...dimensions, ...sums].map((column) => `, ${column}`).join('')}) WITHOUT ROWID`,
  ];
}
