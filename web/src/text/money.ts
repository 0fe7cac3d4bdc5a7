/**
 * Amounts of money: decimal strings as the API has them, and whole hundredths (`minor`) to reckon with. Never a binary
 * fraction: 0.1 + 0.2 is 0.30.
 */
import { formatter } from './writing';

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

const MOST_DIGITS = 30;

/** As the API writes it: taken in every locale. */
const PLAIN = /^\d+(?:\.\d{1,2})?$/;
/** A comma before every three digits or, as in India, before every two and the last three. */
const WITH_COMMAS = /^(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})(?:\.\d{1,2})?$/;
/** A decimal comma, with or without a point before every three digits. */
const WITH_DECIMAL_COMMA = /^(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{1,2})?$/;

const hasDecimalComma = formatter(
  ({ locale }) => locale !== undefined && new Intl.NumberFormat(locale).format(0.5).includes(','),
);

/** An amount without separators, with a decimal point; null when it is none. */
function withoutSeparators(typed: string): string | null {
  if (PLAIN.test(typed)) return typed;
  if (hasDecimalComma()) {
    return WITH_DECIMAL_COMMA.test(typed) ? typed.replaceAll('.', '').replace(',', '.') : null;
  }
  return WITH_COMMAS.test(typed) ? typed.replaceAll(',', '') : null;
}

/**
 * What a reader typed as an amount, as the schema wants it; null when it is none. A decimal comma is taken where the shop's
 * own locale (`LOCALE`) has one. Elsewhere `1,50` may mean 1.50, so it is no amount.
 */
export function parseMoney(text: string): string | null {
  const plain = withoutSeparators(text.trim().replace(/[\s'’]/g, ''));
  if (plain === null) return null;
  const [whole = ''] = plain.split('.');
  return whole.length <= MOST_DIGITS ? fromMinor(toMinor(plain)) : null;
}
