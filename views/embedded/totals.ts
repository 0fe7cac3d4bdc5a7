/** Counts and groups: from the totals that are kept, from columns, or from the documents, in this order. */
import { compareScalars, scalarAt } from '../keyset.ts';
import { startsWith } from '../prefix.ts';
import type { Filter, Group, GroupSums, Scalar } from '../view-store.ts';
import { decodeScalar, isEscaped } from './column-value.ts';
import { ALWAYS, allOf, compile, type Source, type Sql, scalarCondition } from './conditions.ts';
import type { Database, SqlRow } from './database.ts';
import { matching } from './documents.ts';
import { firstCharacters } from './entries.ts';
import type { ViewLayout } from './layout.ts';
import { shortestLead } from './leads.ts';
import { type Part, partsOf } from './match.ts';
import { Query } from './query.ts';

/** How many documents match. */
export function countOf(db: Database, layout: ViewLayout, filter: Filter): number {
  const [all] = groupsOf(db, layout, { filter, by: null, sums: [] });
  return all?.count ?? 0;
}

/** Groups in ascending order of key. */
export function groupsOf(db: Database, layout: ViewLayout, question: GroupSums): readonly Group[] {
  const parts = partsOf(question.filter);
  const groups = new Groups(question);
  const asked = { db, layout, question, groups };
  const done = addKept(asked, parts) || addKeptBetween(asked, parts) || addFromColumns(asked, parts);
  if (!done) {
    for (const doc of matching(db, layout, question.filter ?? {})) {
      const key = question.by === null ? null : scalarAt(doc, question.by);
      const values = question.sums.map((field) => scalarAt(doc, field));
      groups.add(
        key,
        1,
        values.map((value) => (typeof value === 'number' ? BigInt(value) : 0n)),
      );
    }
  }
  return groups.all();
}

class Groups {
  readonly #groups = new Map<Scalar, { count: number; readonly sums: bigint[] }>();
  readonly #question: GroupSums;

  constructor(question: GroupSums) {
    this.#question = question;
  }

  add(value: Scalar, count: number, sums: readonly bigint[]): void {
    if (count === 0) return;
    const key = firstCharacters(value, this.#question.prefix);
    const group = this.#groups.get(key) ?? { count: 0, sums: sums.map(() => 0n) };
    this.#groups.set(key, group);
    group.count += count;
    for (const [i, sum] of sums.entries()) group.sums[i] = (group.sums[i] ?? 0n) + sum;
  }

  all(): readonly Group[] {
    return [...this.#groups]
      .sort(([a], [b]) => compareScalars(a, b))
      .map(([key, { count, sums }]) => ({
        key,
        count,
        sums: Object.fromEntries(this.#question.sums.map((field, i) => [field, sums[i] ?? 0n])),
      }));
  }
}

interface Asked {
  readonly db: Database;
  readonly layout: ViewLayout;
  readonly question: GroupSums;
  /** What has been found. */
  readonly groups: Groups;
}

/** Whether the totals that are kept could answer. @param within of the kept groups only these */
function addKept({ db, layout, question, groups }: Asked, parts: readonly Part[], within: Sql = ALWAYS): boolean {
  const { totals } = layout;
  const { by, prefix, sums } = question;
  const at = totals.by.findIndex((one) => one.path === by);
  const kept = totals.by[at];
  if (by !== null) {
    if (kept === undefined) return false;
    if (kept.prefix !== undefined && (prefix === undefined || prefix > kept.prefix)) return false;
  }
  const columns = sums.map((field) => totals.sums.indexOf(field));
  if (columns.includes(-1)) return false;
  const source: Source = {
    scalar(path) {
      const dimension = totals.by.findIndex((one) => one.path === path && one.prefix === undefined);
      return dimension === -1 ? undefined : `d${dimension}`;
    },
    list: () => undefined,
  };
  const compiled = compile(parts, layout, source);
  if (!compiled.exact) return false;
  const where = allOf([compiled.where, within]);
  const selected = [by === null ? 'NULL' : `d${at}`, 'n', ...columns.map((column) => `s${column}`)];
  for (const [key, count, ...values] of db.all(
    `SELECT ${selected.join()} FROM ${totals.table} WHERE ${where.text}`,
    where.params,
  )) {
    groups.add(
      by === null ? null : decodeScalar(key),
      Number(count),
      values.map((value) => BigInt(String(value))),
    );
  }
  return true;
}

const BOUNDS = ['$gt', '$gte', '$lt', '$lte'];

/**
 * Whether totals that are kept by the beginnings of a text could answer for a range of it (purchases of a month, which are kept by
 * day): the groups between its ends, and by columns what begins as an end does. A text whose beginning is another one than the
 * bound's is above or below the bound as its beginning is.
 */
function addKeptBetween(asked: Asked, parts: readonly Part[]): boolean {
  const { by } = asked.layout.totals;
  const at = by.findIndex(({ path, prefix }) => prefix !== undefined && parts.some((part) => isBound(part, path)));
  const { path, prefix } = by[at] ?? {};
  if (path === undefined || prefix === undefined) return false;
  const [bounds, others] = [parts.filter((part) => isBound(part, path)), parts.filter((part) => !isBound(part, path))];
  const ends = new Set<string>();
  const within = bounds.map(({ leaf }) => {
    const end = String(firstCharacters(String(leaf?.operand), prefix));
    ends.add(end);
    // Above or below all that begins as the bound does.
    return scalarCondition(`d${at}`, { operator: leaf?.operator.startsWith('$g') ? '$gt' : '$lt', operand: end });
  });
  // No expression says a beginning with that character in it.
  if ([...ends].some((end) => end.includes('\0')) || !addKept(asked, others, allOf(within))) return false;
  for (const end of ends) {
    // A text that is shorter than what is kept of one stands for itself alone.
    const whole = Array.from(end).length < prefix;
    const condition = whole
      ? { operator: '$eq', operand: end }
      : { operator: '$regex', operand: startsWith(end).$regex };
    if (!addFromColumns(asked, [...parts, { leaf: { path, ...condition } }]))
      throw new Error(`${asked.layout.name} keeps totals by ${path} and has no column of it`);
  }
  return true;
}

function isBound({ leaf }: Part, path: string): boolean {
  return leaf?.path === path && BOUNDS.includes(leaf.operator) && typeof leaf.operand === 'string';
}

/** Sums are added in two parts, so that neither outgrows the 64 bits of SQLite's integers, nor the 53 of a number. */
const LOW = 2 ** 26;

/** Whether columns could answer. */
function addFromColumns({ db, layout, question, groups }: Asked, parts: readonly Part[]): boolean {
  const { by, prefix, sums } = question;
  const lead = shortestLead(db, layout, parts);
  const query = new Query(layout, lead);
  const { where, exact } = compile(
    parts.filter(({ leaf }) => leaf === undefined || !lead?.met.has(leaf)),
    layout,
    query,
  );
  if (!exact) return false;
  const key = by === null ? "''" : query.scalar(by);
  const columns = sums.map((field) => query.scalar(field));
  if (key === undefined || columns.includes(undefined)) return false;
  const parted = columns.flatMap((column) => [
    `sum(CASE typeof(${column}) WHEN 'integer' THEN ${column} / ${LOW} ELSE 0 END)`,
    `sum(CASE typeof(${column}) WHEN 'integer' THEN ${column} % ${LOW} ELSE 0 END)`,
  ]);
  const from = query.from(where);
  const rows = (characters: number | undefined): readonly SqlRow[] => {
    const grouped =
      characters === undefined
        ? key
        : `CASE typeof(${key}) WHEN 'text' THEN substr(${key}, 1, ${characters}) ELSE ${key} END`;
    const group = by === null ? '' : ' GROUP BY 1';
    return db.all(`SELECT ${[grouped, 'count(*)', ...parted].join()} ${from.text}${group}`, from.params);
  };
  let found = rows(prefix);
  // Characters that are written as two may have been cut apart: twice as many hold enough of them.
  if (prefix !== undefined && found.some(([value]) => typeof value === 'string' && isEscaped(value)))
    found = rows(2 * prefix);
  for (const [value, count, ...parts] of found) {
    groups.add(
      by === null ? null : decodeScalar(value),
      Number(count),
      sums.map((_, i) => BigInt(Number(parts[2 * i] ?? 0)) * BigInt(LOW) + BigInt(Number(parts[2 * i + 1] ?? 0))),
    );
  }
  return true;
}
