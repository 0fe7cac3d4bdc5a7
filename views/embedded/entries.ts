/** What is taken out of a document for the tables of its view. */
import { compareScalars, fieldOf, isScalar } from '../keyset.ts';
import type { Doc, Scalar } from '../view-store.ts';
import { encodeScalar, encodeText, listColumn, type SqlValue } from './column-value.ts';
import type { ViewLayout } from './layout.ts';

export interface Entries {
  /** The columns of scalars and of lists, in the order of the layout. */
  readonly columns: readonly SqlValue[];
  /** For each index its entries, each with the values of the fields and the id. */
  readonly indexes: readonly (readonly (readonly SqlValue[])[])[];
  /** Of which group of the totals it is a member, and what it adds to the sums. */
  readonly member: { readonly by: readonly SqlValue[]; readonly sums: readonly bigint[] };
}

/** @throws {RangeError} for an array where the view's specification names none */
export function entriesOf({ name, scalars, lists, indexes, totals }: ViewLayout, doc: Doc): Entries {
  const values = new Map([...scalars.keys()].map((path) => [path, scalarIn(name, doc, path)]));
  const elements = new Map([...lists.keys()].map((path) => [path, elementsAt(doc, path)]));
  const id = encodeText(doc._id);
  return {
    columns: [...[...values.values()].map(encodeScalar), ...[...elements.values()].map(listColumn)],
    indexes: indexes.map(({ fields: [first = '', ...rest], list }) => {
      const heads = list ? (elements.get(first) ?? []) : [values.get(first) ?? null];
      const tail = [...rest.map((path) => encodeScalar(values.get(path) ?? null)), id];
      return heads.map((head) => [encodeScalar(head), ...tail]);
    }),
    member: {
      by: totals.by.map(({ path, prefix }) => encodeScalar(firstCharacters(values.get(path) ?? null, prefix))),
      sums: totals.sums.map((path) => {
        const value = values.get(path);
        return typeof value === 'number' ? BigInt(value) : 0n;
      }),
    },
  };
}

/** Of a text its first `count` characters; all else as it is. */
export function firstCharacters(value: Scalar, count: number | undefined): Scalar {
  if (count === undefined || typeof value !== 'string' || value.length <= count) return value;
  // A code point has at most two units, so this many hold the characters asked for.
  return Array.from(value.slice(0, 2 * count))
    .slice(0, count)
    .join('');
}

/** The scalars at a path that leads through arrays, each once and in order. What is missing in an element is null. */
function elementsAt(doc: Doc, path: string): readonly Scalar[] {
  const values = new Set<Scalar>();
  const parts = path.split('.');
  const collect = (value: unknown, depth: number): void => {
    const part = parts[depth];
    if (part === undefined) {
      for (const one of Array.isArray(value) ? value : [value ?? null]) if (isScalar(one)) values.add(one);
    } else if (Array.isArray(value)) {
      for (const element of value) if (typeof element === 'object' && element !== null) collect(element, depth);
    } else if (typeof value === 'object' && value !== null) collect(fieldOf(value, part), depth + 1);
    else values.add(null);
  };
  collect(doc, 0);
  return [...values].sort(compareScalars);
}

/** @throws {RangeError} */
function scalarIn(view: string, doc: Doc, path: string): Scalar {
  let value: unknown = doc;
  for (const part of path.includes('.') ? path.split('.') : [path]) {
    value = fieldOf(value, part);
    if (Array.isArray(value))
      throw new RangeError(`${path} leads through an array in a document of ${view}: name it in the view's lists`);
  }
  return isScalar(value) ? value : null;
}
