/**
 * Whole numbers without a limit, as documents hold them: sums of money may outgrow what a JSON number holds exactly
 * (2^53), and both engines must store, compare and sort them alike. So they are text whose order by code point is the
 * order of the numbers: for 0 and above, how many digits there are, in three digits, a colon, and the digits. Below 0 a
 * minus comes first, and every digit is the complement to 9, so that the larger amount comes earlier.
 */
const MAX_DIGITS = 999;

declare const exact: unique symbol;
/** `18000` is `"005:18000"`. Made by `exactInteger`, read by `valueOfExact`. */
export type ExactInteger = string & { readonly [exact]: true };

/** @throws {RangeError} for a number of 1,000 digits or more, or a `number` that is no safe integer. */
export function exactInteger(value: bigint | number): ExactInteger {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is not exact`);
  const digits = String(value).replace('-', '');
  if (digits.length > MAX_DIGITS) throw new RangeError(`a number of ${digits.length} digits`);
  const length = String(digits.length).padStart(3, '0');
  return (value < 0 ? `-${complement(length)}:${complement(digits)}` : `${length}:${digits}`) as ExactInteger;
}

/** @throws {RangeError} for text that `exactInteger` did not make. */
export function valueOfExact(text: ExactInteger): bigint {
  const match = /^(-?)\d{3}:(\d+)$/.exec(text);
  if (match?.[2] === undefined) throw new RangeError(`${JSON.stringify(text)} is no exact integer`);
  return match[1] === '-' ? -BigInt(complement(match[2])) : BigInt(match[2]);
}

/** `text` plus `by`. */
export function addExact(text: ExactInteger, by: bigint): ExactInteger {
  return exactInteger(valueOfExact(text) + by);
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}
