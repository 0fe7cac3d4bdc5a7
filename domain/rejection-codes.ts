/**
 * The codes of rejections, each with its meaning: the one list of them. The compiler holds `Rejection.code` to it; a test
 * holds the page's words and `docs/errors.md` to it. A code stands on the log for ever, so it is never renamed.
 */
export const REJECTION_CODES = {
  INVALID_INPUT: 'A field of the input is malformed or out of its limits.',
  NOT_FOUND: 'There is no entity with this id.',
  ALREADY_EXISTS: 'There is an entity with this id already.',
  VERSION_CONFLICT: 'The entity is no longer at the version that `ifVersion` asked for.',
  CUSTOMER_REMOVED: 'The customer has been removed, and takes no command.',
  CUSTOMER_NOT_FOUND: 'The purchase names a customer that does not exist.',
  PRODUCT_NOT_FOUND: 'The purchase names a product that does not exist.',
  DISCONTINUED: 'The product is discontinued, and cannot be bought any more.',
  ALREADY_DISCONTINUED: 'The product is discontinued already.',
  INSUFFICIENT_STOCK: 'Fewer units of the product are free than the purchase asks for.',
  STOCK_TOO_LARGE: 'The product would have more units than can be counted.',
  NOT_CANCELLABLE: 'The purchase has been cancelled or rejected already.',
  CANCELLED: 'The purchase was cancelled before it was confirmed; this ends the transaction that placed it.',
  TIMED_OUT: 'The purchase was pending for longer than `PURCHASE_TIMEOUT`.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key stands for another command already.',
  FORBIDDEN: 'The issuer of the command has no right to it.',
  UNREADABLE: 'The command on the log cannot be read, so nobody can decide it.',
} as const;

export type RejectionCode = keyof typeof REJECTION_CODES;
