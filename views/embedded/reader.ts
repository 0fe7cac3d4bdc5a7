/** Answers reads on one connection, each from one state of the views. */
import { decodeText, encodeText } from './column-value.ts';
import type { Database } from './database.ts';
import { findIn } from './find.ts';
import type { ViewLayout } from './layout.ts';
import type { AnswerOf, ArgsOf, WriterRequests } from './requests.ts';
import { countOf, groupsOf } from './totals.ts';

type Reads = Pick<WriterRequests, 'get' | 'find' | 'count' | 'groups'>;
export type Read = { [N in keyof Reads]: { readonly name: N; readonly args: ArgsOf<Reads, N> } }[keyof Reads];

const IDS_AT_ONCE = 64;

/** @param layout that of the view which is asked for */
export function answerRead(db: Database, layout: ViewLayout, { name, args }: Read): unknown {
  switch (name) {
    case 'get':
      return getFrom(db, layout, args.ids);
    case 'find':
      return findIn(db, layout, args.find);
    case 'count':
      return countOf(db, layout, args.filter);
    case 'groups':
      return groupsOf(db, layout, args.question);
  }
}

/** In the order of the ids. */
function getFrom(db: Database, { rows, docs }: ViewLayout, ids: readonly string[]): AnswerOf<Reads, 'get'> {
  const found = new Map<string, string>();
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    const some = ids.slice(start, start + IDS_AT_ONCE);
    const places = some.length === 1 ? 1 : IDS_AT_ONCE;
    const params = Array.from({ length: places }, (_, i) => encodeText(some[i] ?? some[0] ?? ''));
    const text = `SELECT r.id, d.doc FROM ${rows} r CROSS JOIN ${docs} d ON d.k = r.k WHERE r.id IN (${params.map(() => '?').join()})`;
    for (const [id, doc] of db.all(text, params)) found.set(decodeText(String(id)), String(doc));
  }
  return ids.flatMap((id) => {
    const json = found.get(id);
    return json === undefined ? [] : [[id, json] as const];
  });
}
