/**
 * How customers, products and purchases take and give back the numbers that the shop prints. Each number of each aggregate has
 * an owner, an entity of `numbers`, which is decided in one partition of the log: so one of two that want it at the same
 * moment gets it, whichever processes decide them. Here is what is asked of that owner; its rules are in `number.ts`.
 */
import { v5 } from 'uuid';
import { z } from 'zod';
import type { FollowUp } from './aggregate.ts';
import { ask } from './follow-up.ts';

/** A namespace of our own (RFC 9562, 6.6). Never to be changed: ids on the log were made with it. */
const NUMBERS = 'f3f0e2c5-2d0b-4b0e-8a55-0c0a7f6f1b52';

/** The aggregates whose entities have numbers. */
export type Numbered = 'customers' | 'products' | 'purchases';

/** What one entity holds of a number, by the id of the claim. */
export const heldNumber = z.object({ number: z.string(), claim: z.string() });
export type HeldNumber = z.infer<typeof heldNumber>;

/** The id of a number's owner: the same for the same aggregate and text, for ever. */
export function ownerOfNumber(kind: Numbered, number: string): string {
  return v5(`${kind}/${number.toWellFormed()}`, NUMBERS);
}

/** Asks the number's owner to take a claim back. */
export function release(kind: Numbered, held: HeldNumber | undefined): readonly FollowUp[] {
  if (held === undefined) return [];
  const numberId = ownerOfNumber(kind, held.number);
  return [ask('numbers', numberId, 'releaseNumber', { numberId, claim: held.claim })];
}

/** Of an entity's state: its number, and the claim by which it holds it; null: it has none, or holds it no more. */
interface Holder {
  readonly number: string | null;
  readonly claim: string | null;
}

/** What an event tells of a change of number. Without `number`, it stays as it was. */
interface Renumbering {
  readonly number?: string | null;
  readonly claim?: string;
  readonly release?: HeldNumber;
}

/** Whether a change asks for a number that the entity does not have: then its owner is to be asked first. */
export function wantsNumber(was: Holder, number: string | null | undefined): number is string {
  return typeof number === 'string' && number !== was.number;
}

/** What a change of number comes to. @param claim by which the number is held, where it had to be asked for */
export function renumbering(was: Holder, number: string | null | undefined, claim?: string): Renumbering {
  if (number === undefined) return {};
  // Another change has brought the same number meanwhile: the claim of that one stands.
  if (number === was.number) return claim === undefined ? {} : { release: { number: was.number ?? '', claim } };
  return {
    number,
    ...(claim === undefined ? {} : { claim }),
    ...heldBy(was),
  };
}

/** The number that an entity gives back when it holds one. */
export function heldBy({ number, claim }: Holder): { readonly release?: HeldNumber } {
  return number === null || claim === null ? {} : { release: { number, claim } };
}

/** The entity's number and claim after an event. */
export function renumbered(
  was: Holder,
  { number, claim }: { readonly [F in keyof Renumbering]?: Renumbering[F] | undefined },
): Holder {
  return number === undefined ? { number: was.number, claim: was.claim } : { number, claim: claim ?? null };
}
