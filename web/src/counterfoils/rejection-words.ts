/**
 * Rejections in words that say what to change. A test compares the codes with those of the domain, which the page may not
 * import. A code that is unknown here, of a newer server, gets the server's message.
 */

export interface RejectionWords {
  /** What happened, a sentence. */
  readonly what: string;
  /** What to change, a sentence; null for a code that is not known here. */
  readonly remedy: string | null;
}

export const WORDS: Readonly<Record<string, { readonly what?: string; readonly remedy: string }>> = {
  NOT_FOUND: { remedy: 'It may have been removed, or the id is mistyped. Choose one that exists.' },
  ALREADY_EXISTS: { what: 'This id is taken already.', remedy: 'Choose another id, or leave it empty to get one.' },
  VERSION_CONFLICT: {
    what: 'Someone else changed it in the meantime.',
    remedy: 'Look at it as it is now; trying again applies your change to the newest version.',
  },
  INSUFFICIENT_STOCK: { remedy: 'Ask for fewer, or restock the product.' },
  DISCONTINUED: { remedy: 'Take the product out of the basket, or choose another one.' },
  ALREADY_DISCONTINUED: { remedy: 'There is nothing left to do.' },
  CUSTOMER_REMOVED: { what: 'The customer has been removed.', remedy: 'Choose another customer.' },
  TIMED_OUT: { what: 'Not every answer came in time.', remedy: 'What was reserved has been given back. Try again.' },
  CANCELLED: {
    what: 'The purchase was cancelled before it was confirmed.',
    remedy: 'Place it again if it is still wanted.',
  },
  NOT_CANCELLABLE: { remedy: 'Only a pending or confirmed purchase can be cancelled.' },
  STOCK_TOO_LARGE: { remedy: 'Add fewer units.' },
  CUSTOMER_NOT_FOUND: { remedy: 'Choose a customer that exists.' },
  PRODUCT_NOT_FOUND: { remedy: 'Choose a product that exists.' },
  INVALID_INPUT: { remedy: 'Correct it and send it again.' },
  IDEMPOTENCY_KEY_REUSED: { remedy: 'Nothing was changed by this one. Send it again with a new key if it is wanted.' },
  FORBIDDEN: { what: 'You have no right to do this.', remedy: 'Ask someone of the staff, or an admin.' },
  UNREADABLE: { remedy: 'Nothing was changed. Send it again.' },
};

/** `rejection.message` is the server's sentence; it names the thing, so it is kept unless ours says more. */
export function rejectionWords(rejection: { readonly code: string; readonly message: string }): RejectionWords {
  const known = WORDS[rejection.code];
  return { what: known?.what ?? asSentence(rejection.message), remedy: known?.remedy ?? null };
}

const codeTitles: Record<string, string> = {
  NOT_FOUND: 'Not found',
  CUSTOMER_NOT_FOUND: 'Unknown customer',
  PRODUCT_NOT_FOUND: 'Unknown product',
  INSUFFICIENT_STOCK: 'Not enough stock',
  DISCONTINUED: 'Discontinued product',
  CUSTOMER_REMOVED: 'Customer removed',
  TIMED_OUT: 'Timed out',
};

/** A rejection code as a short title: `INSUFFICIENT_STOCK` → `Not enough stock`. */
export const codeTitle = (code: string): string =>
  codeTitles[code] ?? asSentence(code.replaceAll('_', ' ').toLowerCase(), '');

function asSentence(text: string, end = '.'): string {
  const trimmed = text.trim();
  const closed = end === '' || /[.!?]$/.test(trimmed) ? trimmed : trimmed + end;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
