/**
 * What is said of a rejection's code, and the codes that every aggregate may give. A code of one aggregate's own stands in
 * that aggregate's definition; `registry.ts` has the table of all of them. A code stands on the log for ever, so it is never
 * renamed. `npm run generate` makes the table in docs/errors.md and the page's words of it.
 */

export interface RejectionWords {
  /** What it means, a sentence, for those who write programs. It may hold Markdown. */
  readonly meaning: string;
  /** What can be done about it, a sentence, for everyone. */
  readonly remedy: string;
  /** A few words in place of the code: only where `INSUFFICIENT_STOCK`, read as `Insufficient stock`, would not do. */
  readonly title?: string;
  /** What happened, a sentence for people: only where it says more than the rejection's own message does. */
  readonly happened?: string;
}

export type RejectionCodes = Readonly<Record<string, RejectionWords>>;
/** Of an aggregate that gives the codes of all alone. */
export type NoRejectionCodes = Readonly<Record<never, never>>;

export const COMMON_REJECTION_CODES = {
  INVALID_INPUT: {
    meaning: 'A field of the input is malformed or out of its limits.',
    remedy: 'Correct it and send it again.',
  },
  NOT_FOUND: {
    meaning: 'There is no entity with this id.',
    remedy: 'It may have been removed, or the id is mistyped. Choose one that exists.',
  },
  ALREADY_EXISTS: {
    meaning: 'There is an entity with this id already.',
    remedy: 'Choose another id, or leave it empty to get one.',
    happened: 'This id is taken already.',
  },
  VERSION_CONFLICT: {
    meaning: 'The entity is no longer at the version that `ifVersion` asked for.',
    remedy: 'Look at it as it is now; trying again applies your change to the newest version.',
    happened: 'Someone else changed it in the meantime.',
  },
  TIMED_OUT: {
    meaning: 'The entity was pending for longer than the setting `*_TIMEOUT` of its kind allows.',
    remedy: 'It has ended without effect. Try again.',
    happened: 'Not every answer came in time.',
  },
  CANCELLED: {
    meaning: 'The entity was cancelled while it was pending; this ends the transaction that brought it about.',
    remedy: 'Begin it again if it is still wanted.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    meaning: 'The idempotency key stands for another command already, of the transaction that the message names.',
    remedy: 'Nothing was changed by this one. Send it again with a new key if it is wanted.',
  },
  FORBIDDEN: {
    meaning: 'The issuer of the command has no right to it.',
    remedy: 'Ask someone of the staff, or an admin.',
    happened: 'You have no right to do this.',
  },
  UNREADABLE: {
    meaning: 'The command on the log cannot be read, so nobody can decide it: it is among the dead letters.',
    remedy: 'Nothing was changed. Send it again.',
  },
} as const satisfies RejectionCodes;
