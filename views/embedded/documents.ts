/** Documents by number, as JSON; and all of a search, where SQL alone cannot tell which they are. */
import type { Doc, Filter } from '../view-store.ts';
import { compile } from './conditions.ts';
import type { Database } from './database.ts';
import type { ViewLayout } from './layout.ts';
import { shortestLead } from './leads.ts';
import { matcher, partsOf } from './match.ts';
import { Query } from './query.ts';

/** Parameters of a statement; few different numbers of them, since each makes a statement of its own. */
const AT_ONCE = 64;
/** Documents that are held at once where all of them are read. */
const READ_AT_ONCE = 500;

/** In the order of the numbers given. */
export function* documentsAt(
  db: Database,
  { docs }: ViewLayout,
  numbers: readonly number[],
): Generator<readonly string[]> {
  for (let start = 0; start < numbers.length; start += AT_ONCE) {
    const some = numbers.slice(start, start + AT_ONCE);
    const places = some.length === AT_ONCE ? AT_ONCE : 2 ** Math.ceil(Math.log2(some.length));
    const params = Array.from({ length: places }, (_, i) => BigInt(some[i] ?? some[0] ?? 0));
    const found = db.all(`SELECT k, doc FROM ${docs} WHERE k IN (${params.map(() => '?').join()})`, params);
    const byNumber = new Map(found.map(([k, doc]) => [Number(k), String(doc)]));
    yield some.flatMap((k) => byNumber.get(k) ?? []);
  }
}

export function parsed(json: string): Doc {
  // What was stored is a document; of which type is known by the view's name alone.
  return JSON.parse(json) as Doc;
}

/** Every document that matches, in no order. */
export function* matching(db: Database, layout: ViewLayout, filter: Filter): Generator<Doc> {
  const parts = partsOf(filter);
  const query = new Query(layout, shortestLead(db, layout, parts));
  const { text, params } = query.from(compile(parts, layout, query).where);
  const numbers = db.all(`SELECT ${query.k} ${text}`, params).map(([k]) => Number(k));
  const matches = matcher(filter);
  for (const some of documentsAt(db, layout, numbers)) {
    for (const json of some) {
      const doc = parsed(json);
      if (matches(doc)) yield doc;
    }
  }
}

/** All documents with their numbers, in the order of those. */
export function* documentsFrom(db: Database, { docs }: ViewLayout): Generator<readonly [k: bigint, doc: Doc]> {
  for (let last = -1n; ; ) {
    const some = db.all(`SELECT k, doc FROM ${docs} WHERE k > ? ORDER BY k LIMIT ${READ_AT_ONCE}`, [last]);
    for (const [k, json] of some) {
      last = BigInt(Number(k));
      yield [last, parsed(String(json))];
    }
    if (some.length < READ_AT_ONCE) return;
  }
}
