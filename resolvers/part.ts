/** A part of the schema, as the files of this room give it: the resolvers, and who may ask for what they answer. */
import type { Resolvers } from '../schema/types.generated.ts';
import type { Doc } from '../views/view-store.ts';
import type { ArgumentRights, SomeFieldRights } from './rights.ts';
import type { Shown } from './shown.ts';

export interface Part {
  readonly resolvers: Resolvers;
  readonly rights: SomeFieldRights;
  readonly argumentRights?: ArgumentRights;
}

/** An aggregate's part. `D` is its document. */
export interface AggregatePart<D extends Doc> extends Part {
  /** What `counterfoil verify` compares. */
  readonly shown: Shown<D>;
}

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/**
 * The rules of all parts as one table, root fields first. The compiler knows which fields have a rule, so that a table with
 * a gap is no `FieldRights`.
 */
export function fieldRightsOf<P extends Part>(parts: readonly P[]): Intersection<P['rights']> {
  const roots = {
    Query: rootOf('Query', parts),
    Mutation: rootOf('Mutation', parts),
    Subscription: rootOf('Subscription', parts),
  };
  // What each part has is in the whole: the type says no more than this.
  return { ...roots, ...Object.assign({}, ...parts.map(({ rights }) => rights)), ...roots } as Intersection<
    P['rights']
  >;
}

function rootOf(kind: 'Query' | 'Mutation' | 'Subscription', parts: readonly Part[]): object {
  return Object.assign({}, ...parts.map(({ rights }) => rights[kind] ?? {}));
}
