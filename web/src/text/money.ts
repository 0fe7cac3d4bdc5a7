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

/** Digits with or without a comma before every three of them, then at most two decimals. */
const TYPED = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/;
const MOST_DIGITS = 30;

/**
 * What a reader typed as an amount, as the schema wants it; null when it is none. A comma is taken only where thousands are
 * parted: `1,50` may mean 1.50, so it is no amount.
 */
export function parseMoney(text: string): string | null {
  const typed = text.trim().replace(/[\s']/g, '');
  if (!TYPED.test(typed)) return null;
  const plain = typed.replaceAll(',', '');
  const [whole = ''] = plain.split('.');
  return whole.length <= MOST_DIGITS ? fromMinor(toMinor(plain)) : null;
}
