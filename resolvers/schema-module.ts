/** A module of the schema, as the files of this room give it: the resolvers, and who may ask for what they answer. */
import type { Resolvers } from '../schema/types.generated.ts';
import type { Doc } from '../views/view-store.ts';
import type { ArgumentRights, SomeFieldRights } from './rights.ts';
import type { Shown } from './shown.ts';

export interface SchemaModule {
  readonly resolvers: Resolvers;
  readonly rights: SomeFieldRights;
  readonly argumentRights?: ArgumentRights;
}

/** An aggregate's module. `D` is its document. */
export interface AggregateModule<D extends Doc> extends SchemaModule {
  /** What `counterfoil verify` compares. */
  readonly shown: Shown<D>;
}

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/**
 * The rules of all modules as one table, root fields first. The compiler knows which fields have a rule, so that a table with
 * a gap is no `FieldRights`.
 */
export function fieldRightsOf<P extends SchemaModule>(modules: readonly P[]): Intersection<P['rights']> {
  const roots = {
    Query: rootOf('Query', modules),
    Mutation: rootOf('Mutation', modules),
    Subscription: rootOf('Subscription', modules),
  };
  // What each module has is in the whole: the type says no more than this.
  return { ...roots, ...Object.assign({}, ...modules.map(({ rights }) => rights)), ...roots } as Intersection<
    P['rights']
  >;
}

function rootOf(kind: 'Query' | 'Mutation' | 'Subscription', modules: readonly SchemaModule[]): object {
  return Object.assign({}, ...modules.map(({ rights }) => rights[kind] ?? {}));
}
