/**
 * What a rule of the table of field rights says, and which rules the schema asks for. The rules themselves stand beside the
 * resolvers of what they are about; `index.ts` puts them together to the one table, `guarded.ts` holds every field to it, and
 * `npx counterfoil rules` prints it. Mutations that are commands have no rule here: theirs is in the aggregate's definition.
 */
import type { AggregateName, CommandsOf, Role } from '../domain/index.ts';
import type { EntityResolvers, Resolvers } from '../schema/types.generated.ts';

export interface FieldRight {
  /** The least role that may ask for it. */
  readonly least: Role;
  /** A customer gets what is its own, and nothing else exists for it. See `access.ts`. */
  readonly own?: true;
  /** Who may not have it gets null; else an error FORBIDDEN. */
  readonly elseNull?: true;
  /** It is shown to whoever may see the object that it is a field of: the object's own rule is the only one. */
  readonly asItsObject?: true;
}

/** A root field is of no object. */
export type RootRight = FieldRight & { readonly asItsObject?: never };

export const EVERYONE: RootRight = { least: 'visitor' };
export const OWN: RootRight = { least: 'customer', own: true };
/** Anyone who has signed in: what is within asks for more. */
export const SIGNED_IN: RootRight = { least: 'customer' };
export const STAFF: RootRight = { least: 'staff' };
export const STAFF_ELSE_NULL: RootRight = { least: 'staff', elseNull: true };
export const ADMIN: RootRight = { least: 'admin' };
export const AS_ITS_OBJECT: FieldRight = { least: 'visitor', asItsObject: true };

type Root = 'Query' | 'Mutation' | 'Subscription';
type ObjectType = Exclude<keyof Resolvers, 'DateTime' | 'Entity' | 'JSON' | 'Money' | 'SafeInt' | 'Share' | 'TimeZone'>;
type FieldsOf<T extends ObjectType> = Exclude<keyof NonNullable<Resolvers[T]>, '__isTypeOf'>;
type Command = { readonly [A in AggregateName]: keyof CommandsOf<A> }[AggregateName];
type RightsOf<T extends ObjectType> = {
  readonly [F in Exclude<FieldsOf<T>, Command>]: T extends Root ? RootRight : FieldRight;
};
/** What an aggregate's entity is called in the schema: `Customer`. */
type EntityType = Exclude<Awaited<ReturnType<EntityResolvers['__resolveType']>>, null | undefined>;
/** Types that need a rule for each field, so that a new field is shown to nobody unthought of; the others may have one for all. */
type FieldByField = Root | EntityType | 'Transaction' | 'Viewer';

/** The whole table: a rule for each field of the schema. */
export type FieldRights = {
  readonly [T in ObjectType]: T extends FieldByField ? RightsOf<T> : FieldRight | RightsOf<T>;
};

/** Some of the table: of each type all fields, or none; of the roots any. */
export type SomeFieldRights = {
  readonly [T in ObjectType]?: T extends Root ? Partial<FieldRights[T]> : FieldRights[T];
};

export interface ArgumentRight {
  readonly least: Role;
  /** Only these values ask for it; default: any but null. */
  readonly values?: readonly unknown[];
  /** A customer may give its own user id. */
  readonly own?: true;
}

type RootField = { readonly [R in Root]: `${R}.${Extract<FieldsOf<R>, string>}` }[Root];
/** Arguments that ask for more than their field does: by field, then by the path within the field's arguments. */
export type ArgumentRights = { readonly [F in RootField]?: Readonly<Record<string, ArgumentRight>> };
