/**
 * Errors of the command bus. They carry the code that clients go by and know nothing of GraphQL: `resolvers/errors.ts`
 * makes its errors of them.
 */

export abstract class BusError extends Error {
  /** One of the codes in the schema's description. */
  abstract readonly code: string;
  /** The field of the input that would have to change, as a path: `input.lines[0].quantity`. */
  readonly field?: string;
  /** When it is worth while to try again, in seconds. */
  readonly retryAfter?: number;
}

/** A mutation that no state could make right. Nothing was written. */
export class InvalidInput extends BusError {
  override readonly name = 'InvalidInput';
  readonly code = 'BAD_USER_INPUT';
  override readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** A mutation that who asks has no right to. Nothing was written. */
export class Forbidden extends BusError {
  override readonly name = 'Forbidden';
  readonly code = 'FORBIDDEN';
}

/** A mutation of one who has begun more than has ended. Nothing was written. */
export class TooManyUnfinished extends BusError {
  override readonly name = 'TooManyUnfinished';
  readonly code = 'RATE_LIMITED';
  override readonly retryAfter = 5;

  constructor(most: number) {
    super(
      `this user has ${most} transactions that have not ended, and may begin no more: try again once some have, in 5 s or later`,
    );
  }
}

/** Ends a stream whose reader may have missed something. */
export class UpdatesMissed extends BusError {
  override readonly name = 'UpdatesMissed';
  readonly code = 'RESUBSCRIBE';

  /** @param why what went wrong, as the beginning of a sentence */
  constructor(why: string) {
    super(`${why}: subscribe again, and read again what you show`);
  }
}
