/** Holds resolvers to the table of rights: who may not have a field gets an error, or null, and its resolver is not called. */
import type { GraphQLFieldResolver } from 'graphql';
import { atLeast, type Role } from '../domain/index.ts';
import { roleOf } from '../transactions/viewer.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { forbidden } from './errors.ts';
import { ARGUMENTS, type ArgumentRight, FIELDS, type FieldRight } from './rights.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;
type ResolverMap = Readonly<Record<string, unknown>>;

/** The right to a field: undefined where there is no rule for it. Commands have theirs in the domain. */
export function rightTo(type: string, field: string): FieldRight | undefined {
  const ofType: unknown = Reflect.get(FIELDS, type);
  if (isRight(ofType)) return ofType;
  const right: unknown = typeof ofType === 'object' && ofType !== null ? Reflect.get(ofType, field) : undefined;
  return isRight(right) ? right : undefined;
}

function isRight(value: unknown): value is FieldRight {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'least') === 'string';
}

/** The same resolvers, each of which first asks for the right to its field and its arguments. */
export function guarded<R extends ResolverMap>(resolvers: R): R {
  const names = new Set([...Object.keys(FIELDS), ...Object.keys(ARGUMENTS).map((field) => field.split('.')[0] ?? '')]);
  const all: Record<string, unknown> = { ...resolvers };
  for (const type of names) {
    const given: Readonly<Record<string, unknown>> = Object(resolvers[type]);
    const fields = isRight(Reflect.get(FIELDS, type))
      ? Object.keys(given)
      : Object.keys(Object(Reflect.get(FIELDS, type)));
    const guards = new Set([...Object.keys(given), ...fields]);
    all[type] = Object.fromEntries([...guards].flatMap((field) => guardedField(type, field, given[field])));
  }
  // The same names and, by the table, at least the same fields: what is added stands for GraphQL's own default.
  return all as R;
}

function guardedField(type: string, field: string, given: unknown): readonly (readonly [string, unknown])[] {
  const right = rightTo(type, field);
  const asked = ARGUMENTS[`${type}.${field}`];
  const open = (right === undefined || right.least === 'visitor') && asked === undefined;
  if (open) return given === undefined ? [] : [[field, given]];
  const guard = (inner: Resolver): Resolver => {
    return (parent, args, context, info) => {
      if (right !== undefined && !atLeast(roleOf(context.viewer), right.least)) {
        if (right.elseNull) return null;
        throw forbidden(field, right.least);
      }
      checkArguments(asked ?? {}, args, context.viewer);
      return inner(parent, args, context, info);
    };
  };
  if (typeof given === 'function') return [[field, guard(given as Resolver)]];
  if (given === undefined) return [[field, guard((parent) => Reflect.get(Object(parent), field))]];
  // A subscription: what it yields has been let through already.
  const { subscribe, ...rest } = Object(given);
  return [[field, { ...rest, subscribe: guard(subscribe) }]];
}

/** @throws {GraphQLError} FORBIDDEN, with the first argument that asks for more */
function checkArguments(
  asked: Readonly<Record<string, ArgumentRight>>,
  args: Readonly<Record<string, unknown>>,
  viewer: ViewerIdentity,
): void {
  const role: Role = roleOf(viewer);
  for (const [path, { least, values, own }] of Object.entries(asked)) {
    const value = path.split('.').reduce<unknown>((at, name) => Reflect.get(Object(at), name), args);
    const asksForMore = values === undefined ? value !== undefined && value !== null : values.includes(value);
    if (!asksForMore || (own === true && value === viewer.id)) continue;
    if (!atLeast(role, least)) throw forbidden(path, least);
  }
}
