/** From the schema's filters to the views' filters. */

import { asPrinted } from '../domain/index.ts';
import { exactInteger } from '../views/exact-integer.ts';
import { startsWith } from '../views/prefix.ts';
import type { Filter } from '../views/view-store.ts';
import { prefixesOf, type Term, termsOf } from '../views/words.ts';
import { badInput } from './errors.ts';
import { optional } from './input.ts';

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

const NOTHING: Filter = { _id: { $in: [] } };

/**
 * Each word must be the beginning of one of the document's. Symbols alone find nothing, and no text at all does not filter.
 * @throws {GraphQLError} BAD_USER_INPUT for more text than `MAX_TEXT` and `MAX_WORDS`
 */
export function text(search: string | null | undefined): Filter | undefined {
  if (!search?.trim()) return undefined;
  if (search.length > MAX_TEXT) throw badInput('filter.text', `text may have at most ${MAX_TEXT} characters`);
  const terms = termsOf(search);
  if (prefixesOf(terms).length > MAX_WORDS) throw badInput('filter.text', `text may have at most ${MAX_WORDS} words`);
  return terms.length === 0 ? NOTHING : all(...terms.map(holding));
}

function holding({ whole, parts: [first, ...others] }: Term): Filter {
  if (others.length === 0) return beginning(whole);
  // The whole begins with the first part, too: said by itself, that lets an index narrow the search.
  return all(beginning(first), { $or: [beginning(whole), all(...others.map(beginning))] });
}

function beginning(prefix: string): Filter {
  return { words: startsWith(prefix) };
}

export function equal(path: string, value: string | number | boolean | null | undefined): Filter | undefined {
  return value === null || value === undefined ? undefined : { [path]: value };
}

/** A number that the shop prints, as it is kept. */
export function number(text: string | null | undefined): string | undefined {
  return text === null || text === undefined ? undefined : asPrinted(text);
}

/** @throws {GraphQLError} BAD_USER_INPUT for more than `MAX_VALUES`: engines take so many, and each is compared */
export function oneOf(path: string, values: readonly string[] | null | undefined): Filter | undefined {
  const [field = path] = path.split('.');
  if (values && values.length > MAX_VALUES)
    throw badInput(`filter.${field}`, `${field} may have at most ${MAX_VALUES} values`);
  return values ? { [path]: { $in: values } } : undefined;
}

export interface Range<T> {
  readonly from?: T | null | undefined;
  readonly to?: T | null | undefined;
  /** An end that does not belong to the range. */
  readonly before?: T | undefined;
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

/** What lies in the range, `from` and `to` included. */
export function between(path: string, range: Range<string | number> | null | undefined): Filter | undefined {
  const condition = {
    ...optional('$gte', range?.from),
    ...optional('$lte', range?.to),
    ...optional('$lt', range?.before),
  };
  return Object.keys(condition).length === 0 ? undefined : { [path]: condition };
}
