/** Holds resolvers to the tables of rights: who may not have a field gets an error, or null, and its resolver is not called. */
import type { GraphQLFieldResolver } from 'graphql';
import { atLeast, type Role } from '../domain/index.ts';
import { roleOf } from '../transactions/viewer.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { forbidden } from './errors.ts';
import type { ArgumentRight, ArgumentRights, FieldRight, FieldRights } from './rights.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;
type ResolverMap = Readonly<Record<string, unknown>>;
/** The arguments of one field that ask for more than the field does, by their paths. */
type AskedOfArguments = Readonly<Record<string, ArgumentRight>>;

/** The right to a field: undefined where there is no rule for it. Commands have theirs in the domain. */
export function rightTo(rights: FieldRights, type: string, field: string): FieldRight | undefined {
  const ofType: unknown = Reflect.get(rights, type);
  if (isRight(ofType)) return ofType;
  const right: unknown = typeof ofType === 'object' && ofType !== null ? Reflect.get(ofType, field) : undefined;
  return isRight(right) ? right : undefined;
}

function isRight(value: unknown): value is FieldRight {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'least') === 'string';
}

/** The same resolvers, each of which first asks for the right to its field and its arguments. */
export function guarded<R extends ResolverMap>(resolvers: R, rights: FieldRights, ofArguments: ArgumentRights): R {
  const all: Record<string, unknown> = { ...resolvers };
  const byField = new Map(Object.entries(ofArguments));
  for (const [type, ofType] of Object.entries(rights)) {
    const given: Readonly<Record<string, unknown>> = Object(resolvers[type]);
    const fields = isRight(ofType) ? [] : Object.keys(ofType);
    const guards = new Set([...Object.keys(given), ...fields]);
    all[type] = Object.fromEntries(
      [...guards].flatMap((field) => {
        const asked = byField.get(`${type}.${field}`);
        return guardedField(field, given[field], rightTo(rights, type, field), asked);
      }),
    );
  }
  // The same names and, by the table, at least the same fields: what is added stands for GraphQL's own default.
  return all as R;
}

function guardedField(
  field: string,
  given: unknown,
  right: FieldRight | undefined,
  asked: AskedOfArguments | undefined,
): readonly (readonly [string, unknown])[] {
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
  asked: AskedOfArguments,
  args: Readonly<Record<string, unknown>>,
  viewer: ViewerIdentity,
): void {
  const role: Role = roleOf(viewer);
  for (const [path, { least, values, own }] of Object.entries(asked)) {
    if (atLeast(role, least)) continue;
    for (const value of valuesAt(path.split('.'), args)) {
      const asksForMore = values === undefined ? value !== undefined && value !== null : values.includes(value);
      if (asksForMore && !(own === true && value === viewer.id)) throw forbidden(path, least);
    }
  }
}

/** What is given at the path: of a list on the way, in each of its elements. */
function valuesAt([name, ...rest]: readonly string[], given: unknown): readonly unknown[] {
  if (Array.isArray(given))
    return given.flatMap((each) => valuesAt([...(name === undefined ? [] : [name]), ...rest], each));
  return name === undefined ? [given] : valuesAt(rest, Reflect.get(Object(given), name));
}
