/**
 * The order of documents in a view, and pages in that order: what both engines must agree on to the last code point.
 * It is MongoDB's order: missing and null are the same and come first, then numbers, then strings by code point (which is
 * the order of their UTF-8 bytes, not of JavaScript's UTF-16 units), then false and true.
 */
import type { Cursor, Doc, Filter, Scalar, Sort } from './view-store.ts';

/** A sort that no two documents tie in: `_id` is added last, in the direction of the first field. */
export function fullSort(sort: Sort = []): Sort {
  if (sort.some(([field]) => field === '_id')) return sort;
  return [...sort, ['_id', sort[0]?.[1] ?? 1]];
}

/** The cursor after which the page goes on that ends with this document. */
export function cursorOf(doc: Doc, sort?: Sort): Cursor {
  return fullSort(sort).map(([field]) => scalarAt(doc, field));
}

/** The scalar at a dotted path; null where there is none. Sort fields hold no arrays. */
export function scalarAt(doc: unknown, path: string): Scalar {
  let value = doc;
  for (const part of path.includes('.') ? path.split('.') : [path]) value = fieldOf(value, part);
  return isScalar(value) ? value : null;
}

export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function compareScalars(a: Scalar, b: Scalar): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const byType = typeRank(a) - typeRank(b);
  if (byType !== 0) return byType;
  return Number(a) - Number(b) < 0 ? -1 : Number(a) > Number(b) ? 1 : 0;
}

function typeRank(value: Scalar): number {
  if (value === null) return 0;
  return typeof value === 'number' ? 1 : typeof value === 'string' ? 2 : 3;
}

/** By code point. Only where a surrogate meets a unit from U+E000 on does the order of UTF-16 units differ. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? weight(x) - weight(y) : x - y;
  }
  return a.length - b.length;
}

/** Surrogates after all else: they begin or end a code point beyond U+FFFF. */
function weight(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** @throws {RangeError} when a cursor cannot be from this full sort. */
export function checkCursor(cursor: Cursor, sort: Sort): void {
  if (cursor.length === sort.length) return;
  throw new RangeError(`the cursor has ${cursor.length} values and the sort ${sort.length}: it is from another sort`);
}

/** Compares as `fullSort(sort)` orders. */
export function compareBy(sort: Sort): (a: Cursor, b: Cursor) => number {
  const directions = sort.map(([, direction]) => direction);
  return (a, b) => {
    for (let i = 0; i < directions.length; i++) {
      const order = compareScalars(a[i] ?? null, b[i] ?? null);
      if (order !== 0) return order * (directions[i] ?? 1);
    }
    return 0;
  };
}

/**
 * The documents after a cursor, as a filter: those whose first sort field lies beyond the cursor's, or ties and whose
 * second lies beyond it, and so on. Relies on the values of one sort field being of one type, or null.
 */
export function afterCursor(cursor: Cursor, sort?: Sort): Filter {
  const fields = fullSort(sort);
  checkCursor(cursor, fields);
  const branches: Filter[] = [];
  const ties: Filter[] = [];
  fields.forEach(([field, direction], i) => {
    const value = cursor[i] ?? null;
    for (const beyond of beyondValue(field, direction, value)) branches.push({ $and: [...ties, beyond] });
    ties.push({ [field]: { $eq: value } });
  });
  return branches.length === 1 && branches[0] !== undefined ? branches[0] : { $or: branches };
}

/** Nulls come first, and no comparison but equality finds them, so they need a branch of their own. */
function beyondValue(field: string, direction: 1 | -1, value: Scalar): readonly Filter[] {
  if (direction === 1) return [{ [field]: value === null ? { $ne: null } : { $gt: value } }];
  return value === null ? [] : [{ [field]: { $lt: value } }, { [field]: { $eq: null } }];
}
