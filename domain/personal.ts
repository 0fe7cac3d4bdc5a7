/**
 * Text about a person: on the log it is sealed by a key of that person's, so that it can be made unreadable for ever by
 * dropping the key. Sealed or not, no rule looks into it; what sealing is and who has the keys, `sealing/` knows.
 */
import { z } from 'zod';

/** A text that only the key it names can open. */
export interface Sealed {
  readonly sealed: string;
}

/** Sealed; or as it was given: before it is sealed, and where nothing is. */
export type Personal = string | Sealed;

/** In the JSON schema of a field that is personal. */
export const PERSONAL_MARK = 'x-personal';

/** A personal field. Its type keeps rules from taking it for a text. */
export const personal: z.ZodType<Personal> = z
  .union([z.string(), z.object({ sealed: z.string() })])
  .meta({ [PERSONAL_MARK]: true });

export function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && 'sealed' in value && typeof value.sealed === 'string';
}

/** In place of a text that was never sealed and whose person was erased: what readers of the log are given. */
export const HIDDEN: Sealed = { sealed: '' };

/** Whether the text can be read by everyone who reads the log itself. No text at all tells nothing. */
export function isReadable(text: Personal | null | undefined): boolean {
  return isSealed(text) ? text.sealed === HIDDEN.sealed : typeof text === 'string' && text !== '';
}
