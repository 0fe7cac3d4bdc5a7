/**
 * An index of a view: the keys of all documents in order of some fields, several for a document whose fields hold arrays.
 * It narrows a search to what lies in ranges of keys, and walks documents in order.
 */
import { compareScalars, fieldOf, isScalar } from '../keyset.ts';
import { prefixOf } from '../prefix.ts';
import type { Doc, Scalar } from '../view-store.ts';
import type { Conjunct } from './match.ts';
import { compareKeys, type Gap, type Key, type Locate, OrderedKeys } from './ordered-keys.ts';

export interface Range {
  readonly from: Gap;
  readonly to: Gap;
}

export class ViewIndex {
  readonly fields: readonly string[];
  readonly #paths: readonly (readonly string[])[];
  readonly #keys = new OrderedKeys();

  constructor(fields: readonly string[]) {
    this.fields = fields;
    this.#paths = fields.map((field) => field.split('.'));
  }

  replace(before: Doc | undefined, after: Doc | undefined): void {
    const old = before === undefined ? [] : this.#keysOf(before);
    const fresh = after === undefined ? [] : this.#keysOf(after);
    if (old.length === fresh.length && old.every((key, i) => sameKey(key, fresh[i]))) return;
    for (const key of old) this.#keys.delete(key);
    for (const key of fresh) this.#keys.add(key);
  }

  /** The keys whose first fields are `equal`, and which `locate` finds among those. */
  range(equal: readonly Scalar[], locate: Locate = () => 0): Range {
    const where: Locate = (key) => {
      for (let i = 0; i < equal.length; i++) {
        const order = compareScalars(key[i] ?? null, equal[i] ?? null);
        if (order !== 0) return order;
      }
      return locate(key);
    };
    return { from: this.#keys.gap(where), to: this.#keys.gap(where, true) };
  }

  /** The part of a range beyond a key, in the direction of the walk. */
  beyond(range: Range, key: Key, direction: 1 | -1): Range {
    const where: Locate = (other) => compareKeys(other, key);
    return direction === 1
      ? { from: later(range.from, this.#keys.gap(where, true)), to: range.to }
      : { from: range.from, to: earlier(range.to, this.#keys.gap(where)) };
  }

  count(ranges: readonly Range[]): number {
    return ranges.reduce((sum, { from, to }) => sum + this.#keys.count(from, to), 0);
  }

  /** Ids in order of the keys; a document whose fields hold arrays may come several times. */
  *ids({ from, to }: Range, direction: 1 | -1 = 1): Generator<string> {
    const keys = direction === 1 ? this.#keys.forwards(from, to) : this.#keys.backwards(from, to);
    for (const key of keys) yield String(key.at(-1));
  }

  /** The ranges of keys that hold every document which meets the condition on the first field; none when it is no help. */
  rangesOf({ operator, operand }: Conjunct): readonly Range[] | undefined {
    if (operator === '$in' && Array.isArray(operand)) {
      return [...new Set(operand.filter(isScalar))].map((value) => this.range([value]));
    }
    if (operator === '$regex') return [this.range([], locatePrefix(prefixOf(String(operand))))];
    if (!isScalar(operand)) return undefined;
    const locate = locateCompared(operator, operand);
    return locate === undefined ? undefined : [this.range([], locate)];
  }

  #keysOf(doc: Doc): readonly Key[] {
    let keys: Scalar[][] = [[]];
    for (const path of this.#paths) {
      const values = valuesAt(doc, path);
      keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    }
    for (const key of keys) key.push(doc._id);
    return keys;
  }
}

/** All scalars at a path, each once, at least one: null stands for what is missing or no scalar. */
function valuesAt(doc: Doc, path: readonly string[]): readonly Scalar[] {
  const values = new Set<Scalar>();
  const collect = (value: unknown, depth: number): void => {
    const part = path[depth];
    if (Array.isArray(value)) for (const element of value) collect(element, depth);
    else if (part === undefined) values.add(isScalar(value) ? value : null);
    else collect(fieldOf(value, part), depth + 1);
  };
  collect(doc, 0);
  if (values.size === 0) values.add(null);
  return [...values];
}

function sameKey(a: Key, b: Key | undefined): boolean {
  return b !== undefined && a.every((value, i) => value === b[i]);
}

function locatePrefix(prefix: string): Locate {
  return ([value = null]) =>
    typeof value === 'string' && value.startsWith(prefix) ? 0 : compareScalars(value, prefix);
}

/** Values of the operand's type on the right side of it. */
function locateCompared(operator: string, operand: Scalar): Locate | undefined {
  const order = ([value = null]: Key): number => compareScalars(value, operand);
  const sameType = ([value = null]: Key): boolean =>
    (value === null) === (operand === null) && typeof value === typeof operand;
  switch (operator) {
    case '$eq':
      return order;
    case '$gt':
    case '$gte':
      return (key) => (sameType(key) ? Math.min(order(key), 0) : order(key));
    case '$lt':
    case '$lte':
      return (key) => (sameType(key) ? Math.max(order(key), 0) : order(key));
    default:
      return undefined;
  }
}

function later(a: Gap, b: Gap): Gap {
  return a.block > b.block || (a.block === b.block && a.index > b.index) ? a : b;
}

function earlier(a: Gap, b: Gap): Gap {
  return later(a, b) === a ? b : a;
}
