/**
 * Filters over documents in memory. mingo reads the filter; how one value is compared is ours, because mingo differs from
 * MongoDB there: it orders strings by UTF-16 unit, does not find missing fields inside arrays by null, nor by `$gte: null`.
 */
import { Context } from 'mingo/core';
import { $and, $or } from 'mingo/operators/query/logical';
import { Query } from 'mingo/query';
import { compareScalars, fieldOf, isScalar } from '../keyset.ts';
import { prefixOf } from '../prefix.ts';
import type { Condition, Doc, Filter, Scalar } from '../view-store.ts';

type ValueTest = (value: Scalar) => boolean;

/** @throws when the filter is not in the language of the port. */
export function matcher(filter: Filter = {}): (doc: Doc) => boolean {
  const plain = forMingo(filter);
  if (Object.keys(plain).length === 0) return () => true;
  const query = new Query<Doc>(plain, { context });
  return (doc) => query.test(doc);
}

/** Whether `test` holds for a value at the path: of each element where there are arrays, null where a field is missing. */
function someAt(value: unknown, path: readonly string[], test: ValueTest, depth = 0): boolean {
  const part = path[depth];
  if (part === undefined) {
    if (Array.isArray(value)) return value.some((element) => isScalar(element) && test(element));
    return value === undefined ? test(null) : isScalar(value) && test(value);
  }
  if (Array.isArray(value)) {
    return value.some((element) => isObject(element) && someAt(element, path, test, depth));
  }
  return isObject(value) ? someAt(fieldOf(value, part), path, test, depth + 1) : test(null);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What each operator asks of one value. As in MongoDB, values of another type are neither greater nor smaller. */
const valueTests = {
  $eq:
    (operand: unknown): ValueTest =>
    (value) =>
      value === operand,
  $in: (operand: unknown): ValueTest => {
    if (!Array.isArray(operand)) throw new RangeError('$in needs a list');
    const set = new Set<unknown>(operand);
    return (value) => set.has(value);
  },
  $gt: (operand: unknown): ValueTest => ranged(operand, (order) => order > 0),
  $gte: (operand: unknown): ValueTest => ranged(operand, (order) => order >= 0),
  $lt: (operand: unknown): ValueTest => ranged(operand, (order) => order < 0),
  $lte: (operand: unknown): ValueTest => ranged(operand, (order) => order <= 0),
  $regex: (operand: unknown): ValueTest => {
    const prefix = prefixOf(String(operand));
    return (value) => typeof value === 'string' && value.startsWith(prefix);
  },
};

function ranged(operand: unknown, accepts: (order: number) => boolean): ValueTest {
  if (!isScalar(operand)) throw new RangeError(`not a value to compare with: ${JSON.stringify(operand)}`);
  return (value) =>
    (value === null ? operand === null : typeof value === typeof operand) && accepts(compareScalars(value, operand));
}

const operatorFrom =
  (valueTest: (operand: unknown) => ValueTest) =>
  // mingo types an operator's arguments as those of all its own operators at once; they are path, operand, options.
  (...[path, operand]: readonly unknown[]): ((doc: unknown) => boolean) => {
    const parts = String(path).split('.');
    const test = valueTest(operand);
    return (doc) => someAt(doc, parts, test);
  };

const equal = operatorFrom(valueTests.$eq);
const context = Context.init({
  query: {
    $and,
    $or,
    $eq: equal,
    $ne: (...args: readonly unknown[]) => {
      const test = equal(...args);
      return (doc: unknown) => !test(doc);
    },
    $in: operatorFrom(valueTests.$in),
    $gt: operatorFrom(valueTests.$gt),
    $gte: operatorFrom(valueTests.$gte),
    $lt: operatorFrom(valueTests.$lt),
    $lte: operatorFrom(valueTests.$lte),
    $prefix: operatorFrom(valueTests.$regex),
  },
});

/** One thing that every matching document must fulfil, whatever else the filter says. */
export interface Conjunct {
  readonly path: string;
  readonly operator: string;
  readonly operand: unknown;
}

/** The conditions of a filter that are joined by "and": an index on any one of them narrows the search. */
export function conjuncts(filter: Filter = {}): readonly Conjunct[] {
  return Object.entries(filter).flatMap(([path, condition]): readonly Conjunct[] => {
    if (condition === undefined || path === '$or') return [];
    if (isFilters(condition)) return condition.flatMap(conjuncts);
    if (isScalar(condition)) return [{ path, operator: '$eq', operand: condition }];
    return Object.entries(condition).flatMap(([operator, operand]) =>
      operand === undefined ? [] : [{ path, operator, operand }],
    );
  });
}

function isFilters(condition: Condition | readonly Filter[]): condition is readonly Filter[] {
  return Array.isArray(condition);
}

/**
 * An undefined condition is none at all, as the MongoDB driver has it with `ignoreUndefined`. And `$regex` takes another
 * name, because mingo would make a RegExp of it before any operator sees it.
 */
function forMingo(filter: Filter): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (condition === undefined) continue;
    if (isFilters(condition)) plain[path] = condition.map(forMingo);
    else if (isScalar(condition)) plain[path] = condition;
    else {
      const operators = Object.entries(condition).filter(([, operand]) => operand !== undefined);
      plain[path] = Object.fromEntries(
        operators.map(([name, operand]) => [name === '$regex' ? '$prefix' : name, operand]),
      );
    }
  }
  return plain;
}
