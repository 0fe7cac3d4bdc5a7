/** From the schema's filters to the views' filters. */

import { startsWith } from '../views/prefix.ts';
import type { Filter } from '../views/view-store.ts';
import { wordsOf } from '../views/words.ts';

/** What every filter of a list is made of; what is absent does not filter. */
export function all(...parts: readonly (Filter | undefined)[]): Filter {
  const filters = parts.filter((part) => part !== undefined);
  const [first] = filters;
  if (first === undefined) return {};
  return filters.length === 1 ? first : { $and: filters };
}

/** Each word must be the beginning of one of the document's. */
export function text(words: string | null | undefined): Filter | undefined {
  const prefixes = wordsOf(words ?? '');
  return prefixes.length === 0 ? undefined : all(...prefixes.map((prefix) => ({ words: startsWith(prefix) })));
}

export function equal(path: string, value: string | number | boolean | null | undefined): Filter | undefined {
  return value === null || value === undefined ? undefined : { [path]: value };
}

export function oneOf(path: string, values: readonly string[] | null | undefined): Filter | undefined {
  return values ? { [path]: { $in: values } } : undefined;
}

/** Both ends belong to the range. */
export function between(
  path: string,
  range: { readonly from?: string | number | null; readonly to?: string | number | null } | null | undefined,
): Filter | undefined {
  const from = range?.from ?? undefined;
  const to = range?.to ?? undefined;
  if (from === undefined && to === undefined) return undefined;
  return { [path]: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) } };
}
