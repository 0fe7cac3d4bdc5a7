/** `asOf` and `version`: an entity as it was. Its own state is of then; what its document joins from others is as now. */
import type { Catalogue, Decider, Versioned } from '../domain/index.ts';
import type { Moment } from '../history/state-then.ts';
import type { Doc } from '../views/view-store.ts';
import type { Context } from './context.ts';
import { badInput } from './errors.ts';
import { type GivenTime, momentOf } from './given-time.ts';

export interface MomentArgs {
  readonly asOf?: GivenTime | null | undefined;
  readonly version?: number | null | undefined;
}

/** Undefined: what is now. @throws {GraphQLError} BAD_USER_INPUT when both are given, or no version has that number */
export function momentAsked({ asOf, version }: MomentArgs): Moment | undefined {
  const given = version ?? undefined;
  if (given !== undefined && given < 1) throw badInput('version', `versions begin with 1, and ${given} was asked for`);
  if (!asOf) return given === undefined ? undefined : { version: given };
  if (given !== undefined) throw badInput('version', 'give either asOf or version: both name a moment');
  return { asOf: momentOf(asOf) };
}

/**
 * The document as it was at the moment; null: the entity did not exist yet. What of it the viewer may see is for the
 * caller to say.
 * @param now the document as it is, which the viewer may see
 * @throws {BusError} as `History.stateThen`
 */
export async function docThen<
  C extends Catalogue,
  E extends Catalogue,
  S extends Versioned,
  P,
  D extends Doc & { readonly version: number },
>(
  { history }: Pick<Context, 'history'>,
  decider: Decider<C, E, S, P>,
  now: D,
  moment: Moment | undefined,
  shownAs: (state: S) => D,
): Promise<D | null> {
  if (moment === undefined) return now;
  const state = await history.stateThen(decider, { id: now._id, version: now.version }, moment);
  return state === undefined ? null : shownAs(state);
}
