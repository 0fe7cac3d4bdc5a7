/**
 * Amounts of money: decimal strings as the API has them, and whole hundredths (`minor`) to reckon with. Never a binary
 * fraction: 0.1 + 0.2 is 0.30.
 */

/**
 * An amount in hundredths: `12.5` → `1250n`.
 * @throws {RangeError} when it is no amount of at most two decimals
 */
export const toMinor = (money: string): bigint => {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(money.trim());
  if (match === null) throw new RangeError(`"${money}" is not an amount`);
  return BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
};

/** Hundredths, not negative, as an amount with two decimals: `1250n` → `12.50`. */
export const fromMinor = (minor: bigint): string => {
  const digits = minor.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** What a reader typed as an amount, as the schema wants it; null when it is none. */
export function parseMoney(text: string): string | null {
  const plain = text.trim().replace(/[\s,']/g, '');
  return /^\d{1,30}(\.\d{1,2})?$/.test(plain) ? fromMinor(toMinor(plain)) : null;
}
