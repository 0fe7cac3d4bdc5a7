/** Which index narrows a search most: that with the fewest entries for what the filter says of its fields. */
import { prefixOf } from '../prefix.ts';
import type { Filter, Scalar } from '../view-store.ts';
import { afterPrefix, decodeScalar, encodeText, FIRST_BLOB } from './column-value.ts';
import { allOf, anyOf, type Sql, scalarCondition, sql } from './conditions.ts';
import type { Database } from './database.ts';
import type { IndexTable, ViewLayout } from './layout.ts';
import { type Leaf, type Part, partsOf, scalarOperand } from './match.ts';

/** Entries of an index `i`, or of the rows `r` by id, that hold every document which meets some of the filter's conditions. */
export interface Lead {
  /** undefined: the rows. */
  readonly index: IndexTable | undefined;
  readonly where: Sql;
  /** The conditions that need not be looked at again. */
  readonly met: ReadonlySet<Leaf>;
  /** true: a document may have several of these entries. */
  readonly repeats: boolean;
  /** How many entries there are, up to `enough`. */
  readonly entries: number;
}

/** How far a search goes before it looks for a better way. */
export interface Effort {
  /** Most entries of an index that are counted. */
  readonly enough: number;
  /** Most entries that a walk looks at. */
  readonly patience: number;
}

/** A walk may take some 50 ms. */
export const USUAL: Effort = { enough: 10_000, patience: 30_000 };

/** The shortest lead; undefined when no index helps. */
export function shortestLead(
  db: Database,
  layout: ViewLayout,
  parts: readonly Part[],
  effort: Effort = USUAL,
): Lead | undefined {
  const leaves = parts.flatMap(({ leaf }) => (leaf === undefined ? [] : [leaf]));
  let best: Lead | undefined;
  for (const lead of possibleLeads(db, layout, leaves)) {
    const from = lead.index === undefined ? `${layout.rows} r` : `${lead.index.table} i`;
    const entries = entriesUpTo(effort.enough, db, from, lead.where);
    if (best === undefined || entries < best.entries) best = { ...lead, entries };
    if (entries === 0) return best;
  }
  for (const { any } of parts) {
    const lead = any && leadOfAny(db, layout, any, effort);
    if (lead !== undefined && lead.entries < (best?.entries ?? Number.POSITIVE_INFINITY)) best = lead;
  }
  return best;
}

/** Of a choice of filters: the entries that each of them leads to, together; undefined when one has no lead. */
function leadOfAny(db: Database, layout: ViewLayout, any: readonly Filter[], effort: Effort): Lead | undefined {
  const where: Sql[] = [];
  let entries = 0;
  for (const filter of any) {
    const lead = shortestLead(db, layout, partsOf(filter), effort);
    if (lead === undefined) return undefined;
    entries += lead.entries;
    const { text, params } = lead.where;
    const ofIndex = { text: `r.k IN (SELECT i.k FROM ${lead.index?.table} i WHERE ${text})`, params };
    where.push(lead.index === undefined ? lead.where : ofIndex);
  }
  return { index: undefined, where: anyOf(where), met: new Set(), repeats: false, entries };
}

type UncountedLead = Omit<Lead, 'entries'>;

function* possibleLeads(db: Database, layout: ViewLayout, leaves: readonly Leaf[]): Generator<UncountedLead> {
  const ids = leaves.filter((leaf) => leaf.path === '_id' && narrows(leaf));
  if (ids.length > 0) {
    const where = allOf(ids.map((leaf) => scalarCondition('r.id', leaf)));
    yield { index: undefined, where, met: new Set(ids), repeats: false };
  }
  for (const index of layout.indexes) {
    const ofFirst = leaves.filter(({ path }) => path === index.fields[0]);
    if (!index.list) {
      if (ofFirst.some(narrows)) yield leadOf(index, leaves, ofFirst, ofFirst.find(isEqual)?.operand);
      continue;
    }
    // Each condition on a list by itself: different elements may meet them.
    for (const leaf of ofFirst) if (narrows(leaf)) yield listLead(db, index, leaves, leaf);
  }
}

function narrows({ operator }: Leaf): boolean {
  return operator !== '$ne';
}

function isEqual({ operator }: Leaf): boolean {
  return operator === '$eq';
}

/** Goes on to the index's next fields for as long as those before them have one value. */
function leadOf(index: IndexTable, leaves: readonly Leaf[], ofFirst: readonly Leaf[], equal: unknown): UncountedLead {
  const conditions = ofFirst.map((leaf) => scalarCondition('i.f0', leaf));
  const met = new Set(ofFirst);
  for (let at = 1, go = equal !== undefined; go && at < index.fields.length; at++) {
    const own = leaves.filter(({ path }) => path === index.fields[at]);
    conditions.push(...own.map((leaf) => scalarCondition(`i.f${at}`, leaf)));
    for (const leaf of own) met.add(leaf);
    go = own.some(isEqual);
  }
  return { index, where: allOf(conditions), met, repeats: false };
}

function listLead(db: Database, index: IndexTable, leaves: readonly Leaf[], leaf: Leaf): UncountedLead {
  const element = onlyElement(db, index, leaf);
  if (element === undefined) {
    return { index, where: scalarCondition('i.f0', leaf), met: new Set([leaf]), repeats: true };
  }
  const lead = leadOf(index, leaves, [{ path: leaf.path, operator: '$eq', operand: element }], element);
  return { ...lead, met: new Set([...lead.met, leaf]) };
}

/** The one element that meets the condition: then a document has one entry, and the entries are in order behind it. */
export function onlyElement(db: Database, index: IndexTable, leaf: Leaf): Scalar | undefined {
  if (leaf.operator === '$eq') return scalarOperand(leaf.operand);
  const [only, another] = leaf.operator === '$regex' ? elementsOf(db, index, leaf, 2) : [];
  return another === undefined ? only : undefined;
}

/** The different elements that begin with a prefix, at most so many. */
export function elementsOf(db: Database, index: IndexTable, { operand }: Leaf, most: number): readonly string[] {
  const from = encodeText(prefixOf(String(operand)));
  const to = afterPrefix(from) ?? FIRST_BLOB;
  const elements: string[] = [];
  for (let beyond = sql('f0 >= ?', from); elements.length < most; ) {
    const row = db.first(`SELECT f0 FROM ${index.table} WHERE ${beyond.text} AND f0 < ? ORDER BY f0 LIMIT 1`, [
      ...beyond.params,
      to,
    ]);
    const element = row?.[0];
    if (typeof element !== 'string') break;
    elements.push(String(decodeScalar(element)));
    beyond = sql('f0 > ?', element);
  }
  return elements;
}

/** How many entries there are, up to `most`. */
export function entriesUpTo(most: number, db: Database, from: string, { text, params }: Sql): number {
  const counted = db.first(`SELECT count(*) FROM (SELECT 1 FROM ${from} WHERE ${text} LIMIT ${most})`, params);
  return Number(counted?.[0]);
}
