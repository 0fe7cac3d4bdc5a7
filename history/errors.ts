/** What the past cannot be asked for, with the way out. */
import { BusError } from '../transactions/errors.ts';

/** The index of the log does not know yet what the views show. */
export class IndexBehind extends BusError {
  override readonly name = 'IndexBehind';
  readonly code = 'UNAVAILABLE';
  override readonly retryAfter = 2;

  constructor(entity: string) {
    super(`the index of the log does not hold all events of ${entity} yet: ask again in 2 s, or for what is now`);
  }
}

/** More events would have to be read than one request may. */
export class TooLongAgo extends BusError {
  override readonly name = 'TooLongAgo';
  readonly code = 'LIMIT_EXCEEDED';

  constructor(entity: string, most: number) {
    super(
      `${entity} is made of more than ${most} events then, and at most so many are folded: ask for version ${most} or less, or read its history`,
    );
  }
}

/** A version that there has not been. */
export class NoSuchVersion extends BusError {
  override readonly name = 'NoSuchVersion';
  readonly code = 'BAD_USER_INPUT';
  override readonly field = 'version';

  constructor(entity: string, version: number, newest: number) {
    super(`${entity} has the versions 1 to ${newest}, not ${version}`);
  }
}

/** The events on the log do not add up to the version asked for. */
export class EventsMissing extends Error {
  override readonly name = 'EventsMissing';

  constructor(entity: string, version: number) {
    super(
      `an event of ${entity} behind version ${version} is missing or cannot be read: counterfoil verify tells which`,
    );
  }
}

/** A cursor that was not given out with these events. */
export class CursorRefused extends BusError {
  override readonly name = 'CursorRefused';
  readonly code = 'BAD_USER_INPUT';
  override readonly field = 'after';

  constructor() {
    super('after is not a cursor of these events: take it from an event of this aggregate, on this server');
  }
}

/** As many follow the log through this gateway as may. */
export class TooManyFollowers extends BusError {
  override readonly name = 'TooManyFollowers';
  readonly code = 'UNAVAILABLE';
  override readonly retryAfter = 30;

  constructor(most: number) {
    super(`${most} subscriptions follow the log through this gateway, and there may be no more: try again in 30 s`);
  }
}
