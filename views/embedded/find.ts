/**
 * Finds a page: by walking an index in the order asked for, or by gathering what the shortest lead holds and sorting it,
 * whichever is expected to look at fewer documents. A walk that was expected to be short and is not gives way to the other.
 */
import { checkCursor, compareBy, cursorOf, fullSort } from '../keyset.ts';
import type { Cursor, Doc, Find, Sort } from '../view-store.ts';
import { decodeScalar } from './column-value.ts';
import { allOf, anyOf, type Compiled, compile } from './conditions.ts';
import type { Database } from './database.ts';
import { documentsAt, matching, parsed } from './documents.ts';
import type { ViewLayout } from './layout.ts';
import { type Effort, elementsOf, type Lead, shortestLead, USUAL } from './leads.ts';
import { matcher, type Part, partsOf } from './match.ts';
import { Query } from './query.ts';
import {
  type Found,
  merged,
  segmentsAfter,
  shortestWalk,
  tailOf,
  type Walked,
  type WalkOptions,
  walk,
} from './walk.ts';

const DEFAULT_LIMIT = 1000;
/** Elements that begin with a prefix, for which as many walks are made. */
const MOST_WALKS = 64;
/** Found at once where documents have to be looked at themselves. */
const AT_ONCE = 256;

interface Search {
  readonly db: Database;
  readonly layout: ViewLayout;
  readonly find: Find;
  readonly parts: readonly Part[];
  readonly order: Sort;
  readonly effort: Effort;
}

/** The documents as JSON, in order. @throws {RangeError} when the filter or the cursor is none of this view's */
export function findIn(db: Database, layout: ViewLayout, find: Find, effort: Effort = USUAL): readonly string[] {
  const { filter, after, limit = DEFAULT_LIMIT } = find;
  const order = fullSort(find.sort);
  if (after !== undefined) checkCursor(after, order);
  const parts = partsOf(filter);
  const search = { db, layout, find, parts, order, effort };
  const matches = matcher(filter);
  if (limit <= 0) return [];
  const source = new Query(layout, undefined);
  if (order.some(([field]) => source.scalar(field) === undefined)) {
    return firstOf(matching(db, layout, filter ?? {}), order, after, limit).map((doc) => JSON.stringify(doc));
  }
  const { exact } = compile(parts, layout, source);
  if (exact) {
    const page: string[] = [];
    for (const some of documentsAt(
      db,
      layout,
      foundIn(search, after, limit).map(({ k }) => k),
    ))
      page.push(...some);
    return page;
  }
  return filtered(search, matches, limit);
}

/** Columns cannot tell all that the filter asks for: batch after batch, until enough of the documents match. */
function filtered(search: Search, matches: (doc: Doc) => boolean, limit: number): readonly string[] {
  const page: string[] = [];
  let { after } = search.find;
  for (let atOnce = AT_ONCE; ; atOnce *= 4) {
    const found = foundIn(search, after, atOnce);
    for (const some of documentsAt(
      search.db,
      search.layout,
      found.map(({ k }) => k),
    )) {
      for (const json of some) {
        if (matches(parsed(json)) && page.push(json) === limit) return page;
      }
    }
    if (found.length < atOnce) return page;
    after = found.at(-1)?.cursor;
  }
}

/** The first so many documents of which columns do not say that they do not match. */
function foundIn(
  { db, layout, parts, order, effort }: Search,
  after: Cursor | undefined,
  limit: number,
): readonly Found[] {
  const documents = Number(db.first(`SELECT max(k) FROM ${layout.rows}`)?.[0] ?? 0);
  const lead = shortestLead(db, layout, parts, effort);
  if (lead?.entries === 0) return [];
  const candidates = lead?.entries ?? documents;
  const way = shortestWalk(db, layout, parts, order, { documents, enough: effort.enough });
  // With matches spread evenly, a page is full after looking at this many.
  const expected = way && Math.min(way.entries, (limit * way.entries) / Math.max(candidates, 1));
  if (way !== undefined && expected !== undefined) {
    const all = parts.every(({ leaf }) => leaf !== undefined && way.met.has(leaf));
    if (all || expected <= candidates) {
      const walked = walk(db, layout, way, { order, after, limit, parts, patience: effort.patience });
      if (walked !== 'too long') return walked;
    }
  }
  if (lead !== undefined && candidates >= effort.enough) {
    const walked = walksByElement(db, layout, lead, { order, after, limit, parts, patience: effort.patience });
    if (walked !== 'too long') return walked;
  }
  return gathered({ db, layout, parts, order }, lead, after, limit);
}

/** A walk for each element that begins with the prefix of the lead, where its index has the order asked for behind it. */
function walksByElement(db: Database, layout: ViewLayout, { index, met, repeats }: Lead, options: WalkOptions): Walked {
  const [leaf] = met;
  const { order } = options;
  if (!repeats || index === undefined || leaf?.operator !== '$regex') return 'too long';
  if (order.some(([, direction]) => direction !== order[0]?.[1])) return 'too long';
  if (tailOf(order).join('/') !== index.fields.slice(1).join('/')) return 'too long';
  const elements = elementsOf(db, index, leaf, MOST_WALKS + 1);
  if (elements.length > MOST_WALKS) return 'too long';
  const lists: (readonly Found[])[] = [];
  for (const element of elements) {
    const patience = Math.ceil(options.patience / elements.length);
    const walked = walk(db, layout, { index, head: [element], met }, { ...options, patience });
    if (walked === 'too long') return walked;
    lists.push(walked);
  }
  return merged(lists, order, options.limit);
}

function gathered(
  { db, layout, parts, order }: Pick<Search, 'db' | 'layout' | 'parts' | 'order'>,
  lead: Lead | undefined,
  after: Cursor | undefined,
  limit: number,
): readonly Found[] {
  const query = new Query(layout, lead);
  const rest = parts.filter(({ leaf }) => leaf === undefined || !lead?.met.has(leaf));
  const compiled: Compiled = compile(rest, layout, query);
  const columns = order.map(([field]) => query.scalar(field) ?? 'NULL');
  const behind = after === undefined ? [] : [anyOf(segmentsAfter(columns, order, after))];
  const { text, params } = query.from(allOf([compiled.where, ...behind]));
  const ordered = columns.map((column, i) => `${column} ${order[i]?.[1] === -1 ? 'DESC' : 'ASC'}`);
  return db
    .all(`SELECT ${[query.k, ...columns].join()} ${text} ORDER BY ${ordered.join()} LIMIT ${limit}`, params)
    .map(([k, ...values]) => ({ k: Number(k), cursor: values.map(decodeScalar) }));
}

/** Top k: the first documents in order, with no more than those in memory. */
function firstOf(docs: Iterable<Doc>, order: Sort, after: Cursor | undefined, limit: number): readonly Doc[] {
  const compare = compareBy(order);
  let first: { readonly doc: Doc; readonly cursor: Cursor }[] = [];
  let bar: Cursor | undefined;
  const settle = () => {
    first.sort((a, b) => compare(a.cursor, b.cursor));
    first = first.slice(0, limit);
    if (first.length === limit) bar = first.at(-1)?.cursor;
  };
  for (const doc of docs) {
    const cursor = cursorOf(doc, order);
    if (after !== undefined && compare(cursor, after) <= 0) continue;
    if (bar !== undefined && compare(cursor, bar) >= 0) continue;
    if (first.push({ doc, cursor }) >= 2 * limit + 100) settle();
  }
  settle();
  return first.map(({ doc }) => doc);
}
