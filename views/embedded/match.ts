/** Filters over single documents, for what the tables have no column for. */
import { compareScalars, fieldOf, isScalar } from '../keyset.ts';
import { prefixOf } from '../prefix.ts';
import type { Condition, Doc, Filter, Scalar } from '../view-store.ts';

type ValueTest = (value: Scalar) => boolean;

/** One operator of a filter on one path. */
export interface Leaf {
  readonly path: string;
  readonly operator: string;
  readonly operand: unknown;
}

/** @throws {RangeError} when the filter is not in the language of the port. */
export function matcher(filter: Filter = {}): (doc: Doc) => boolean {
  const tests = partsOf(filter).map((part): ((doc: Doc) => boolean) => {
    if (part.any !== undefined) {
      const branches = part.any.map(matcher);
      return (doc) => branches.some((matches) => matches(doc));
    }
    return leafTest(part.leaf);
  });
  return (doc) => tests.every((test) => test(doc));
}

/** What all must hold: a leaf, or any one of some filters. */
export type Part =
  | { readonly leaf: Leaf; readonly any?: undefined }
  | { readonly any: readonly Filter[]; readonly leaf?: undefined };

/** The filter as a list of what all must hold; a condition that is undefined is none. */
export function partsOf(filter: Filter = {}): readonly Part[] {
  return Object.entries(filter).flatMap(([path, condition]): readonly Part[] => {
    if (condition === undefined) return [];
    if (isFilters(condition)) return path === '$or' ? [{ any: condition }] : condition.flatMap(partsOf);
    if (isScalar(condition)) return [{ leaf: { path, operator: '$eq', operand: condition } }];
    return Object.entries(condition).flatMap(([operator, operand]) =>
      operand === undefined ? [] : [{ leaf: { path, operator, operand } }],
    );
  });
}

function isFilters(condition: Condition | readonly Filter[]): condition is readonly Filter[] {
  return Array.isArray(condition);
}

function leafTest({ path, operator, operand }: Leaf): (doc: Doc) => boolean {
  const parts = path.split('.');
  if (operator === '$ne') {
    const equal = valueTest('$eq', operand);
    return (doc) => !someAt(doc, parts, equal);
  }
  const test = valueTest(operator, operand);
  return (doc) => someAt(doc, parts, test);
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

/** What an operator asks of one value. As in MongoDB, values of another type are neither greater nor smaller. */
function valueTest(operator: string, operand: unknown): ValueTest {
  switch (operator) {
    case '$eq':
      return (value) => value === operand;
    case '$in': {
      const set = new Set<unknown>(listOperand(operand));
      return (value) => set.has(value);
    }
    case '$gt':
      return ranged(operand, (order) => order > 0);
    case '$gte':
      return ranged(operand, (order) => order >= 0);
    case '$lt':
      return ranged(operand, (order) => order < 0);
    case '$lte':
      return ranged(operand, (order) => order <= 0);
    case '$regex': {
      const prefix = prefixOf(String(operand));
      return (value) => typeof value === 'string' && value.startsWith(prefix);
    }
    default:
      throw new RangeError(`no operator of filters: ${operator}`);
  }
}

function ranged(operand: unknown, accepts: (order: number) => boolean): ValueTest {
  const bound = scalarOperand(operand);
  return (value) =>
    (value === null ? bound === null : typeof value === typeof bound) && accepts(compareScalars(value, bound));
}

/** @throws {RangeError} */
export function scalarOperand(operand: unknown): Scalar {
  if (isScalar(operand)) return operand;
  throw new RangeError(`not a value to compare with: ${JSON.stringify(operand)}`);
}

/** @throws {RangeError} */
export function listOperand(operand: unknown): readonly Scalar[] {
  if (Array.isArray(operand)) return operand.filter(isScalar);
  throw new RangeError('$in needs a list');
}
