/**
 * Rejections in words that say what to change. The words come with the codes, from the domain, by `npm run generate`. A code
 * that is unknown here, of a newer server, gets the server's message.
 */
import { REJECTIONS } from '../text/rejections.generated';

export interface RejectionWords {
  /** What happened, a sentence. */
  readonly what: string;
  /** What to change, a sentence; null for a code that is not known here. */
  readonly remedy: string | null;
}

/** `rejection.message` is the server's sentence; it names the thing, so it is kept unless the words for the code say more. */
export function rejectionWords(rejection: { readonly code: string; readonly message: string }): RejectionWords {
  const known = REJECTIONS[rejection.code];
  return { what: known?.happened ?? asSentence(rejection.message), remedy: known?.remedy ?? null };
}

/** A rejection code as a short title: `INSUFFICIENT_STOCK` → `Not enough stock`. */
export const codeTitle = (code: string): string =>
  REJECTIONS[code]?.title ?? asSentence(code.replaceAll('_', ' ').toLowerCase(), '');

function asSentence(text: string, end = '.'): string {
  const trimmed = text.trim();
  const closed = end === '' || /[.!?]$/.test(trimmed) ? trimmed : trimmed + end;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
