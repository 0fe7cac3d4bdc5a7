/** Filters as SQL over the rows of a view, or over an index of it. */
import { prefixOf } from '../prefix.ts';
import type { Filter, Scalar } from '../view-store.ts';
import {
  afterPrefix,
  elementMark,
  encodeScalar,
  encodeText,
  FIRST_BLOB,
  FIRST_TEXT,
  NULL,
  prefixMark,
  type SqlValue,
} from './column-value.ts';
import type { ViewLayout } from './layout.ts';
import { type Leaf, listOperand, type Part, partsOf, scalarOperand } from './match.ts';

export interface Sql {
  readonly text: string;
  readonly params: readonly SqlValue[];
}

export const ALWAYS: Sql = { text: '1', params: [] };
const NEVER: Sql = { text: '0', params: [] };

export function sql(text: string, ...params: readonly SqlValue[]): Sql {
  return { text, params };
}

export function allOf(conditions: readonly Sql[]): Sql {
  return joined(
    conditions.filter((condition) => condition !== ALWAYS),
    ' AND ',
    ALWAYS,
  );
}

export function anyOf(conditions: readonly Sql[]): Sql {
  return joined(conditions, ' OR ', NEVER);
}

function joined(conditions: readonly Sql[], by: string, none: Sql): Sql {
  const [only] = conditions;
  if (only === undefined) return none;
  if (conditions.length === 1) return only;
  return {
    text: conditions.map(({ text }) => `(${text})`).join(by),
    params: conditions.flatMap(({ params }) => params),
  };
}

/** Where the values of a path stand in the query that is being made; undefined: nowhere. */
export interface Source {
  /** Of a path to a scalar. */
  scalar(path: string): string | undefined;
  /** Of a path through arrays: the column that holds all elements. */
  list(path: string): string | undefined;
}

export interface Compiled {
  readonly where: Sql;
  /** false: it also lets documents pass that the filter does not match. */
  readonly exact: boolean;
}

/** @throws {RangeError} when the filter is not in the language of the port. */
export function compile(parts: readonly Part[], layout: ViewLayout, source: Source): Compiled {
  const compiled = parts.map((part): Compiled => {
    if (part.leaf !== undefined) {
      const where = leafCondition(part.leaf, layout, source);
      return where === undefined ? { where: ALWAYS, exact: false } : { where, exact: true };
    }
    const branches = part.any.map((branch: Filter) => compile(partsOf(branch), layout, source));
    return {
      where: anyOf(branches.map(({ where }) => where)),
      exact: branches.every(({ exact }) => exact),
    };
  });
  return { where: allOf(compiled.map(({ where }) => where)), exact: compiled.every(({ exact }) => exact) };
}

function leafCondition(leaf: Leaf, layout: ViewLayout, source: Source): Sql | undefined {
  const scalar = source.scalar(leaf.path);
  if (scalar !== undefined) return scalarCondition(scalar, leaf);
  const list = source.list(leaf.path);
  return list === undefined ? undefined : listCondition(list, leaf, layout);
}

/** The condition on a column of scalars, or on the first field of an index. @throws {RangeError} */
export function scalarCondition(column: string, { operator, operand }: Omit<Leaf, 'path'>): Sql {
  switch (operator) {
    case '$eq':
      return equals(column, scalarOperand(operand));
    case '$ne':
      return sql(`${column} <> ?`, encodeScalar(scalarOperand(operand)));
    case '$in': {
      const values = [...new Set(listOperand(operand))].map(encodeScalar);
      if (values.length === 0) return NEVER;
      return sql(`${column} IN (${values.map(() => '?').join()})`, ...values);
    }
    case '$gt':
      return above(column, '>', scalarOperand(operand));
    case '$gte':
      return above(column, '>=', scalarOperand(operand));
    case '$lt':
      return below(column, '<', scalarOperand(operand));
    case '$lte':
      return below(column, '<=', scalarOperand(operand));
    case '$regex': {
      const from = encodeText(prefixOf(String(operand)));
      return sql(`${column} >= ? AND ${column} < ?`, from, afterPrefix(from) ?? FIRST_BLOB);
    }
    default:
      throw new RangeError(`no operator of filters: ${operator}`);
  }
}

export function equals(column: string, value: Scalar): Sql {
  return sql(`${column} = ?`, encodeScalar(value));
}

/** Values of the operand's type above it. */
function above(column: string, operator: '>' | '>=', operand: Scalar): Sql {
  if (operand === null) return operator === '>' ? NEVER : equals(column, null);
  const bound = encodeScalar(operand);
  if (typeof operand === 'boolean') return sql(`${column} ${operator} ?`, bound);
  return sql(`${column} ${operator} ? AND ${column} < ?`, bound, typeof operand === 'string' ? FIRST_BLOB : FIRST_TEXT);
}

function below(column: string, operator: '<' | '<=', operand: Scalar): Sql {
  if (operand === null) return operator === '<' ? NEVER : equals(column, null);
  const bound = encodeScalar(operand);
  if (typeof operand === 'number') return sql(`${column} > ? AND ${column} ${operator} ?`, NULL, bound);
  return sql(
    `${column} >= ? AND ${column} ${operator} ?`,
    typeof operand === 'string' ? FIRST_TEXT : FIRST_BLOB,
    bound,
  );
}

/** Marks of equal elements, and of beginnings, are looked for in the column; for ranges the index has to be asked. */
function listCondition(column: string, leaf: Leaf, layout: ViewLayout): Sql | undefined {
  const holds = (value: Scalar) => sql(`instr(${column}, ?) > 0`, elementMark(value));
  switch (leaf.operator) {
    case '$eq':
      return holds(scalarOperand(leaf.operand));
    case '$ne':
      return sql(`instr(${column}, ?) = 0`, elementMark(scalarOperand(leaf.operand)));
    case '$in':
      return anyOf(listOperand(leaf.operand).map(holds));
    case '$regex': {
      const mark = prefixMark(prefixOf(String(leaf.operand)));
      if (mark !== undefined) return sql(`instr(${column}, ?) > 0`, mark);
    }
  }
  const index = layout.indexes.find(({ fields }) => fields[0] === leaf.path);
  if (index === undefined) return undefined;
  const { text, params } = scalarCondition('f0', leaf);
  return { text: `r.k IN (SELECT k FROM ${index.table} WHERE ${text})`, params };
}
