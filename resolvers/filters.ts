/** From the schema's filters to the views' filters. */

import { exactInteger } from '../views/exact-integer.ts';
import { startsWith } from '../views/prefix.ts';
import type { Filter } from '../views/view-store.ts';
import { wordsOf } from '../views/words.ts';
import { badInput } from './errors.ts';

/** Characters of a text that is searched for. */
export const MAX_TEXT = 200;
/** Words of it: each is looked up by itself. */
export const MAX_WORDS = 20;
/** Values of a list of which a document must have one. */
export const MAX_VALUES = 100;

/** What every filter of a list is made of; what is absent does not filter. */
export function all(...given: readonly (Filter | undefined)[]): Filter {
  const filters = given.filter((filter) => filter !== undefined);
  const [first] = filters;
  if (first === undefined) return {};
  return filters.length === 1 ? first : { $and: filters };
}

/**
 * Each word must be the beginning of one of the document's.
 * @throws {GraphQLError} BAD_USER_INPUT for more text than `MAX_TEXT` and `MAX_WORDS`
 */
export function text(words: string | null | undefined): Filter | undefined {
  if (words && words.length > MAX_TEXT) throw badInput('filter.text', `text may have at most ${MAX_TEXT} characters`);
  const prefixes = wordsOf(words ?? '');
  if (prefixes.length > MAX_WORDS) throw badInput('filter.text', `text may have at most ${MAX_WORDS} words`);
  return prefixes.length === 0 ? undefined : all(...prefixes.map((prefix) => ({ words: startsWith(prefix) })));
}

export function equal(path: string, value: string | number | boolean | null | undefined): Filter | undefined {
  return value === null || value === undefined ? undefined : { [path]: value };
}

/** @throws {GraphQLError} BAD_USER_INPUT for more than `MAX_VALUES`: engines take so many, and each is compared */
export function oneOf(path: string, values: readonly string[] | null | undefined): Filter | undefined {
  const [field = path] = path.split('.');
  if (values && values.length > MAX_VALUES)
    throw badInput(`filter.${field}`, `${field} may have at most ${MAX_VALUES} values`);
  return values ? { [path]: { $in: values } } : undefined;
}

interface Range<T> {
  readonly from?: T | null;
  readonly to?: T | null;
}

/** Money for a field of numbers; beyond 2^53 no longer exact, and far beyond what such a field may hold. */
export function asNumber(money: bigint | null | undefined): number | null | undefined {
  return money === null || money === undefined ? money : Number(money);
}

/** Ends of a range for a field of numbers. One beyond what such a field can hold still lies on its side of all of them. */
export function asNumbers(range: Range<bigint> | null | undefined): Range<number> | undefined {
  return range ? mapped(range, Number) : undefined;
}

/** Ends of a range for a field of exact integers. */
export function asExact(range: Range<bigint> | null | undefined): Range<string> | undefined {
  return range ? mapped(range, exactInteger) : undefined;
}

function mapped<T, U>({ from, to }: Range<T>, each: (end: T) => U): Range<U> {
  const end = (value: T | null | undefined) => (value === null || value === undefined ? null : each(value));
  return { from: end(from), to: end(to) };
}

/** Both ends belong to the range. */
export function between(path: string, range: Range<string | number> | null | undefined): Filter | undefined {
  const from = range?.from ?? undefined;
  const to = range?.to ?? undefined;
  if (from === undefined && to === undefined) return undefined;
  return { [path]: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) } };
}
