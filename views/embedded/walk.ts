/**
 * Walks: the documents of a search in the order asked for, entry by entry of an index that has this order, until enough
 * are found. Fast when the filter lets many pass, and given up when it turns out to let few pass.
 */
import { compareBy } from '../keyset.ts';
import type { Cursor, Scalar, Sort } from '../view-store.ts';
import { decodeScalar, encodeScalar } from './column-value.ts';
import { ALWAYS, allOf, compile, equals, type Source, type Sql, sql } from './conditions.ts';
import type { Database, SqlRow } from './database.ts';
import type { IndexTable, ViewLayout } from './layout.ts';
import { entriesUpTo, onlyElement } from './leads.ts';
import type { Leaf, Part } from './match.ts';

export interface Walk {
  /** undefined: the rows by id. */
  readonly index: IndexTable | undefined;
  /** The first fields of the index have these values. */
  readonly head: readonly Scalar[];
  /** The conditions that need not be looked at again. */
  readonly met: ReadonlySet<Leaf>;
  /** How many entries there are, up to `enough` where the head narrows them. */
  readonly entries: number;
}

/** A document that was found, and the cursor behind it. */
export interface Found {
  readonly k: number;
  readonly cursor: Cursor;
}

export type Walked = readonly Found[] | 'too long';

/** The shortest walk in this full order; undefined when no index has it. */
export function shortestWalk(
  db: Database,
  layout: ViewLayout,
  parts: readonly Part[],
  order: Sort,
  { documents, enough }: { readonly documents: number; readonly enough: number },
): Walk | undefined {
  if (order.some(([, direction]) => direction !== order[0]?.[1])) return undefined;
  const tail = tailOf(order);
  const leaves = parts.flatMap(({ leaf }) => (leaf === undefined ? [] : [leaf]));
  let best: Walk | undefined;
  if (tail.length === 0) best = { index: undefined, head: [], met: new Set(), entries: documents };
  for (const index of layout.indexes) {
    const length = index.fields.length - tail.length;
    if (length < 0 || (length === 0 && index.list)) continue;
    if (tail.some((field, i) => field !== index.fields[length + i])) continue;
    const head = headOf(db, index, leaves, length);
    if (head === undefined) continue;
    const where = allOf(head.values.map((value, i) => equals(`i.f${i}`, value)));
    const entries = length === 0 ? documents : entriesUpTo(enough, db, `${index.table} i`, where);
    if (best === undefined || entries < best.entries) {
      best = { index, head: head.values, met: head.met, entries };
    }
  }
  return best;
}

/** The fields of a sort but for the id at its end. */
export function tailOf(order: Sort): readonly string[] {
  const fields = order.map(([field]) => field);
  return fields.at(-1) === '_id' ? fields.slice(0, -1) : fields;
}

/** The one value that the filter asks for in each of the first fields. */
function headOf(db: Database, index: IndexTable, leaves: readonly Leaf[], length: number) {
  const values: Scalar[] = [];
  const met = new Set<Leaf>();
  for (const [at, path] of index.fields.slice(0, length).entries()) {
    for (const leaf of leaves) {
      if (leaf.path !== path || values.length > at) continue;
      const value = at === 0 && index.list ? onlyElement(db, index, leaf) : onlyValue(leaf);
      if (value === undefined) continue;
      values.push(value);
      met.add(leaf);
    }
    if (values.length <= at) return undefined;
  }
  return { values, met };
}

function onlyValue({ operator, operand }: Leaf): Scalar | undefined {
  if (operator === '$in' && Array.isArray(operand) && operand.length === 1) return operand[0];
  return operator === '$eq' ? (operand as Scalar) : undefined;
}

export interface WalkOptions {
  readonly order: Sort;
  readonly after: Cursor | undefined;
  readonly limit: number;
  /** The other conditions; null: those that columns cannot tell are left out. */
  readonly parts: readonly Part[];
  /** Most entries to look at. */
  readonly patience: number;
}

/** The first documents of the walk that meet the conditions. */
export function walk(
  db: Database,
  layout: ViewLayout,
  { index, head, met }: Omit<Walk, 'entries'>,
  { order, after, limit, parts, patience }: WalkOptions,
): Walked {
  const [table, idColumn] = index === undefined ? [layout.rows, 'id'] : [index.table, 'id'];
  const fields = index?.fields ?? [];
  const columns = [...fields.slice(head.length).map((_, i) => `f${head.length + i}`), idColumn];
  const [needsRows, source] = sourceOf(layout, index);
  const rest = parts.filter(({ leaf }) => leaf === undefined || !met.has(leaf));
  const { where } = compile(rest, layout, source);
  const heads = head.map((value, i) => equals(`f${i}`, value));
  const direction = order[0]?.[1] === -1 ? 'DESC' : 'ASC';
  const ordered = `ORDER BY ${columns.map((column) => `${column} ${direction}`).join()}`;
  const entryColumns = [...fields.map((_, i) => `f${i}`), 'id', 'k'].join();
  const found: Found[] = [];
  let left = patience;
  for (const segment of after === undefined ? [ALWAYS] : segmentsAfter(columns, order, after)) {
    const missing = limit - found.length;
    if (missing <= 0) break;
    const within = allOf([...heads, segment]);
    const most = where === ALWAYS ? missing : left;
    const entries = `SELECT ${entryColumns} FROM ${table} WHERE ${within.text} ${ordered} LIMIT ${most}`;
    const join = needsRows() ? ` CROSS JOIN ${layout.rows} r ON r.k = i.k` : '';
    const rows = db.all(
      `SELECT i.k, ${columns.map((column) => `i.${column}`).join()} FROM (${entries}) i${join} WHERE ${where.text} LIMIT ${missing}`,
      [...within.params, ...where.params],
    );
    found.push(...rows.map((row) => foundIn(row, order)));
    if (where === ALWAYS || rows.length === missing) continue;
    left -= Number(db.first(`SELECT count(*) FROM (${entries})`, within.params)?.[0]);
    if (left <= 0) return 'too long';
  }
  return found;
}

function foundIn([k, ...values]: SqlRow, order: Sort): Found {
  return { k: Number(k), cursor: order.map((_, i) => decodeScalar(values[i])) };
}

/** Where the conditions find their values; and whether they asked for any of the rows. */
function sourceOf(layout: ViewLayout, index: IndexTable | undefined): readonly [() => boolean, Source] {
  let asked = false;
  const ofRow = (column: string | undefined) => {
    if (column !== undefined) asked = true;
    return column && `r.${column}`;
  };
  return [
    () => asked,
    {
      scalar(path) {
        if (path === '_id') return 'i.id';
        const at = index?.fields.indexOf(path) ?? -1;
        if (at > 0 || (at === 0 && index?.list === false)) return `i.f${at}`;
        return ofRow(layout.scalars.get(path));
      },
      list: (path) => ofRow(layout.lists.get(path)),
    },
  ];
}

/**
 * What lies behind a cursor, in parts that follow each other in this order: first what ties in all fields but the last,
 * and so on. Each is one range of an index.
 */
export function segmentsAfter(columns: readonly string[], order: Sort, cursor: Cursor): readonly Sql[] {
  const ties = columns.map((column, i) => equals(column, cursor[i] ?? null));
  return columns
    .map((column, i) => {
      const operator = order[i]?.[1] === -1 ? '<' : '>';
      return allOf([...ties.slice(0, i), sql(`${column} ${operator} ?`, encodeScalar(cursor[i] ?? null))]);
    })
    .reverse();
}

/** One list of several in the same order, each document once. */
export function merged(lists: readonly (readonly Found[])[], order: Sort, limit: number): readonly Found[] {
  const compare = compareBy(order);
  const all = lists.flat().sort((a, b) => compare(a.cursor, b.cursor));
  return all.filter(({ k }, i) => k !== all[i - 1]?.k).slice(0, limit);
}
