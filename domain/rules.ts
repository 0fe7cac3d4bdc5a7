/** Rules that more than one aggregate has: limits of text, money and quantity, existence and versions. */
import type { Rejection, Versioned } from './aggregate.ts';
import { isSealed, type Personal } from './personal.ts';

const MAX_NAME = 200;
const MAX_USER = 200;
const MAX_NUMBER = 64;
/** 1,000,000.00 in minor units; with MAX_UNITS a purchase's total stays below 2^53. */
const MAX_PRICE = 100_000_000;

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** Half of a surrogate pair has no form in UTF-8: JSON would keep it by an escape, while a view's store replaces it. NUL ends a text in many places. */
const ILL_FORMED = 'must be well-formed Unicode, without NUL and without half of a surrogate pair';

function isWellFormed(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function invalid(field: string, message: string): Rejection {
  return { code: 'INVALID_INPUT', message: `${field} ${message}`, field };
}

export function checkId(field: string, id: string): Rejection | undefined {
  return ID.test(id) ? undefined : invalid(field, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -');
}

/** A personal name that is sealed has been checked before it was. */
export function checkName(field: string, name: Personal | undefined): Rejection | undefined {
  if (name === undefined || isSealed(name)) return undefined;
  if (name.trim() === '') return invalid(field, 'must not be blank');
  if (!isWellFormed(name)) return invalid(field, ILL_FORMED);
  return name.length > MAX_NAME
    ? invalid(field, `must have at most ${MAX_NAME} characters, it has ${name.length}`)
    : undefined;
}

/** A name that not everybody has, such as a first name: without characters it says that there is none. */
export function checkNameOrNone(field: string, name: Personal | undefined): Rejection | undefined {
  return name === '' ? undefined : checkName(field, name);
}

/** One that is sealed has been checked before it was. */
export function checkEmail(field: string, email: Personal | null | undefined): Rejection | undefined {
  if (email === null || email === undefined || isSealed(email)) return undefined;
  if (email.length > 254) return invalid(field, 'must have at most 254 characters');
  if (!isWellFormed(email)) return invalid(field, ILL_FORMED);
  return EMAIL.test(email) ? undefined : invalid(field, 'must be an e-mail address such as ada@example.com');
}

/**
 * A number that the shop prints, such as an order number: free text. It is compared as it is, so two texts that look the same
 * must be the same: without space around it, and in Unicode's normal form C.
 */
export function checkNumber(field: string, number: string | null | undefined): Rejection | undefined {
  if (number === null || number === undefined) return undefined;
  if (number.trim() === '') return invalid(field, 'must not be blank');
  if (!isWellFormed(number)) return invalid(field, ILL_FORMED);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(number)) return invalid(field, 'must not hold control characters or line breaks');
  if (number !== asPrinted(number))
    return invalid(field, 'must have no space around it, and be in Unicode normal form C');
  return number.length > MAX_NUMBER
    ? invalid(field, `must have at most ${MAX_NUMBER} characters, it has ${number.length}`)
    : undefined;
}

/** The text in the form in which a number is kept and compared. */
export function asPrinted(text: string): string {
  return text.trim().normalize('NFC');
}

/** A user, as the `sub` of tokens names it. */
export function checkUserId(field: string, user: string | null | undefined): Rejection | undefined {
  if (user === null || user === undefined) return undefined;
  if (user.trim() === '') return invalid(field, 'must not be blank');
  if (!isWellFormed(user)) return invalid(field, ILL_FORMED);
  return user.length > MAX_USER ? invalid(field, `must have at most ${MAX_USER} characters`) : undefined;
}

/** A price in minor units. */
export function checkPrice(field: string, price: number | undefined): Rejection | undefined {
  if (price === undefined) return undefined;
  if (price < 0) return invalid(field, 'must not be negative');
  return price > MAX_PRICE ? invalid(field, 'must be at most 1000000.00') : undefined;
}

export function checkCount(field: string, count: number, least: number, most: number): Rejection | undefined {
  return count < least || count > most ? invalid(field, `must be ${least} to ${most}, it is ${count}`) : undefined;
}

/**
 * Clock skew: by how much a time that a client gives may be ahead of the gateway's clock. Both clocks may be wrong by a
 * quarter of an hour and more; the check is there to find typing errors, such as a wrong year.
 */
const CLOCK_TOLERANCE_MS = 60 * 60 * 1000;

/**
 * Whether a text that begins with `YYYY-MM-DD` or `YYYY-MM-DDTHH` names a day and an hour that there are. `Date.parse`
 * takes 30 February for 2 March, and 24 o'clock for the next day. There is no year 0000.
 */
export function isOnCalendar(time: string): boolean {
  const [, day, year, hour] = /^((\d{4})-\d\d-\d\d)(?:T(\d\d)|$)/.exec(time) ?? [];
  const midnight = new Date(`${day}T00:00:00Z`);
  if (day === undefined || Number.isNaN(midnight.getTime())) return false;
  return midnight.toISOString().startsWith(day) && year !== '0000' && hour !== '24';
}

/** A time, ISO 8601 UTC, that is not after `now`, by clocks that may differ. */
export function checkPast(field: string, time: string | undefined, now: string): Rejection | undefined {
  if (time === undefined) return undefined;
  const at = Date.parse(time);
  if (!UTC.test(time) || Number.isNaN(at) || !isOnCalendar(time))
    return invalid(field, 'must be a time such as 2026-01-31T12:00:00Z');
  return at > Date.parse(now) + CLOCK_TOLERANCE_MS ? invalid(field, 'must not be in the future') : undefined;
}

/** The first rejection among several checks. */
export function firstOf(...checks: readonly (Rejection | undefined)[]): Rejection | undefined {
  return checks.find((check) => check !== undefined);
}

/** Rejects what may not exist yet. */
export function mustBeNew(what: string, id: string, state: Versioned): Rejection | undefined {
  return state.version === 0
    ? undefined
    : { code: 'ALREADY_EXISTS', message: `${what} ${id} exists already: choose another id`, field: 'id' };
}

/** Rejects what must exist and, where `ifVersion` is given, must still be at that version. */
export function mustExist(
  what: string,
  field: string,
  id: string,
  state: Versioned,
  ifVersion: number | undefined,
): Rejection | undefined {
  if (state.version === 0) return { code: 'NOT_FOUND', message: `there is no ${what} ${id}`, field };
  if (ifVersion !== undefined && ifVersion !== state.version) {
    return {
      code: 'VERSION_CONFLICT',
      message: `${what} ${id} is at version ${state.version} now, not ${ifVersion}: look at it again`,
      field: 'ifVersion',
    };
  }
  return undefined;
}
