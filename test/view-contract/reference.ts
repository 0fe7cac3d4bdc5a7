/**
 * What a view's answers must be, computed in the plainest way and sharing no code with the engines; and generated
 * documents and questions to compare them on.
 */
import fc from 'fast-check';
import type { Condition, Doc, Filter, Find, Group, Scalar, Sort, ViewSpec } from '../../views/view-store.ts';

export const THINGS: ViewSpec = {
  name: 'things',
  indexes: [['n'], ['s'], ['b', 'n'], ['s', 'n'], ['tags'], ['tags', 'n'], ['lines.p', 's'], ['o.y'], ['m']],
  lists: ['tags', 'lines.p'],
  filtered: ['o.x'],
  totals: { by: [['b'], ['s', 2]], sums: ['small'] },
};

export const idsOf = (docs: readonly Doc[]) => docs.map(({ _id }) => _id);

export type Thing = Doc & Readonly<Record<string, unknown>>;

export function referenceFind(docs: readonly Thing[], find: Find): readonly Thing[] {
  const sort = withId(find.sort ?? []);
  const compare = (a: readonly Scalar[], b: readonly Scalar[]) => {
    for (const [i, [, direction]] of sort.entries()) {
      const order = compareValues(a[i] ?? null, b[i] ?? null);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
  const key = (doc: Thing) => sort.map(([field]) => valuesAt(doc, field.split('.'))[0] ?? null);
  const after = find.after;
  return docs
    .filter((doc) => meets(doc, find.filter ?? {}))
    .filter((doc) => after === undefined || compare(key(doc), after) > 0)
    .sort((a, b) => compare(key(a), key(b)))
    .slice(0, find.limit ?? 1000);
}

export function referenceCursor(doc: Thing, sort: Sort): readonly Scalar[] {
  return withId(sort).map(([field]) => valuesAt(doc, field.split('.'))[0] ?? null);
}

export function referenceGroups(
  docs: readonly Thing[],
  by: string | null,
  prefix: number | undefined,
  sum: string,
): Group[] {
  const groups = new Map<Scalar, Thing[]>();
  for (const doc of docs) {
    let key = by === null ? null : (valuesAt(doc, by.split('.'))[0] ?? null);
    if (typeof key === 'string' && prefix !== undefined) key = [...key].slice(0, prefix).join('');
    groups.set(key, [...(groups.get(key) ?? []), doc]);
  }
  return [...groups]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([key, members]) => {
      const numbers = members
        .map((doc) => valuesAt(doc, sum.split('.'))[0])
        .filter((value) => typeof value === 'number');
      return { key, count: members.length, sums: { [sum]: numbers.reduce((sum, number) => sum + BigInt(number), 0n) } };
    });
}

function withId(sort: Sort): Sort {
  return sort.some(([field]) => field === '_id') ? sort : [...sort, ['_id', sort[0]?.[1] ?? 1]];
}

function meets(doc: Thing, filter: Filter): boolean {
  return Object.entries(filter).every(([path, condition]) => {
    if (path === '$and') return (condition as readonly Filter[]).every((one) => meets(doc, one));
    if (path === '$or') return (condition as readonly Filter[]).some((one) => meets(doc, one));
    return meetsCondition(valuesAt(doc, path.split('.')), condition as Condition);
  });
}

function meetsCondition(values: readonly Scalar[], condition: Condition): boolean {
  if (typeof condition !== 'object' || condition === null) return values.includes(condition);
  const ordered = (operand: Scalar, accept: (order: number) => boolean) =>
    values.some((value) => rank(value) === rank(operand) && accept(compareValues(value, operand)));
  const { $eq, $ne, $in, $gt, $gte, $lt, $lte, $regex } = condition;
  return (
    ($eq === undefined || values.includes($eq)) &&
    ($ne === undefined || !values.includes($ne)) &&
    ($in === undefined || $in.some((one) => values.includes(one))) &&
    ($gt === undefined || ordered($gt, (order) => order > 0)) &&
    ($gte === undefined || ordered($gte, (order) => order >= 0)) &&
    ($lt === undefined || ordered($lt, (order) => order < 0)) &&
    ($lte === undefined || ordered($lte, (order) => order <= 0)) &&
    ($regex === undefined || values.some((value) => typeof value === 'string' && new RegExp($regex).test(value)))
  );
}

/** All values a path leads to: through every element of arrays, null where an object lacks the field. */
function valuesAt(value: unknown, path: readonly string[]): readonly Scalar[] {
  const [part, ...rest] = path;
  if (part === undefined) {
    if (Array.isArray(value)) return value.filter((element) => typeof element !== 'object' || element === null);
    if (value === undefined) return [null];
    return typeof value === 'object' && value !== null ? [] : [value as Scalar];
  }
  if (Array.isArray(value)) {
    return value.flatMap((element) => (typeof element === 'object' && element !== null ? valuesAt(element, path) : []));
  }
  if (typeof value !== 'object' || value === null) return [null];
  return valuesAt((value as Readonly<Record<string, unknown>>)[part], rest);
}

function rank(value: Scalar): number {
  return ['null', 'number', 'string', 'boolean'].indexOf(value === null ? 'null' : typeof value);
}

function compareValues(a: Scalar, b: Scalar): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0;
}

// U+E000 and U+FFFD come after surrogates in UTF-16, and before what those encode in UTF-8.
const STRINGS = [
  '',
  'a',
  'ab',
  'b',
  'ä',
  'A',
  'a.b',
  'a*',
  '\ue000',
  '\u{1f600}',
  '\u{10ffff}',
  '\ufffd',
  'a\u{1f600}',
  'a\ue000',
  'a\u{1f601}b',
];
const INTEGERS = [-1, 0, 1, 2, 3, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

const text = fc.oneof(
  { arbitrary: fc.constantFrom(...STRINGS), weight: 4 },
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const integer = fc.oneof({ arbitrary: fc.constantFrom(...INTEGERS), weight: 4 }, fc.maxSafeInteger());
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, integer, fc.boolean(), fc.constant(null));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 5 });

const fields = fc.record(
  {
    n: orNull(integer),
    s: orNull(text),
    b: orNull(fc.boolean()),
    m: scalar,
    small: fc.integer({ min: -1000, max: 1000 }),
    tags: fc.array(scalar, { maxLength: 3 }),
    o: orNull(fc.record({ x: orNull(fc.integer({ min: -9, max: 9 })), y: orNull(text) }, { requiredKeys: [] })),
    lines: fc.array(fc.record({ p: orNull(text), q: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: [] }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: [] },
);

/** Ids are unique and not in order of anything. */
export const things: fc.Arbitrary<readonly Thing[]> = fc
  .uniqueArray(fc.tuple(text, fields), { maxLength: 14, size: 'max', selector: ([id]) => id })
  .map((entries) => entries.map(([_id, rest]) => ({ ...rest, _id })));

/** A prefix expression, written by hand here: every character that is not a letter or digit as a class of its own would be no prefix to MongoDB. */
const prefix = text.map(
  (value) => `^${[...value.replaceAll('\0', '')].map((c) => (/[!-/:-@[-`{-~]/.test(c) ? `\\${c}` : c)).join('')}`,
);

/** Mostly of the type that the field has, or few documents would match. */
function conditionOn(own: fc.Arbitrary<Scalar>): fc.Arbitrary<Condition> {
  const value = fc.oneof({ arbitrary: own, weight: 6 }, scalar);
  return fc.oneof(
    value,
    fc.record({ $eq: value }),
    fc.record({ $ne: value }),
    fc.record({ $in: fc.array(value, { maxLength: 4 }) }),
    fc.record({ $gt: value }),
    fc.record({ $gte: value }),
    fc.record({ $lt: value }),
    fc.record({ $lte: value }),
    fc.record({ $gte: value, $lt: value }),
    fc.record({ $gt: value, $lte: value, $ne: value }),
    // Asks nothing.
    fc.constant<Condition>({}),
  );
}

const onText = (path: string) =>
  fc
    .oneof({ arbitrary: conditionOn(orNull(text)), weight: 4 }, fc.record({ $regex: prefix }))
    .map((one) => ({ [path]: one }));
const onOther = (path: string, own: fc.Arbitrary<Scalar>) => conditionOn(own).map((one) => ({ [path]: one }));
const small = fc.integer({ min: -3, max: 3 });
const simple: fc.Arbitrary<Filter> = fc
  .array(
    fc.oneof(
      ...['s', 'o.y', 'lines.p', '_id', 'm', 'tags'].map(onText),
      ...['n', 'm', 'tags'].map((path) => onOther(path, orNull(integer))),
      ...['o.x', 'lines.q', 'small'].map((path) => onOther(path, orNull(small))),
      ...['b', 'absent', 'tags', 'tags.x', 'n.x'].map((path) => onOther(path, orNull(fc.boolean()))),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((conditions) => Object.assign({}, ...conditions));
export const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: simple, weight: 6 },
    fc.constant({}),
    fc.record({ $and: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ $or: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
})).filter;

/** Ranges of the text whose beginnings `THINGS` keeps totals of, most of them with nothing else. */
export const ranges: fc.Arbitrary<Filter> = fc
  .record(
    { $gt: text, $gte: text, $lt: text, $lte: text, $ne: text },
    // One bound or more, seldom all.
    { requiredKeys: [] },
  )
  .chain((s) =>
    fc.constantFrom<Filter>({ s }, { s, b: true }, { $and: [{ s }, { b: { $ne: false } }] }, { s, small: 1 }),
  );

export const sorts: fc.Arbitrary<Sort> = fc.uniqueArray(
  fc.tuple(fc.constantFrom('n', 's', 'b', 'o.y', 'small', '_id'), fc.constantFrom<1 | -1>(1, -1)),
  { maxLength: 2, selector: ([field]) => field },
);
