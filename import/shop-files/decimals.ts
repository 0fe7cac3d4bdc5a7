/** Numbers as shop files hold them: `18.5000`, `18,50`, `1.234,50`, `€ 18`, `1 234.5`. Exact: nothing becomes a float. */
import type { CellReading } from './cell-reading.ts';

export type DecimalMark = 'comma' | 'point';

export interface Decimal {
  readonly negative: boolean;
  /** Digits before the decimal mark, without leading zeros but at least one. */
  readonly whole: string;
  /** Digits behind it, without trailing zeros. */
  readonly fraction: string;
}

const CURRENCY_AROUND = /^\p{Sc}\s*|\s*\p{Sc}$/gu;
/** Groups of three with spaces, also those that do not break, or with apostrophes as in Switzerland. */
const SPACED_GROUPS = /^\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?=[.,]|$)/u;
const DIGITS = /^\d*$/u;

/** Thousands separators and decimal marks are told apart by their places, or by `mark`. What can be read in two ways is a problem. */
export function readDecimal(text: string, mark?: DecimalMark): CellReading<Decimal> {
  const { negative, unsigned } = withoutSign(text.replace(CURRENCY_AROUND, '').trim());
  const spaced = SPACED_GROUPS.exec(unsigned)?.[0] ?? '';
  const body = spaced.replace(/\D/gu, '') + unsigned.slice(spaced.length);
  if (!/^(?:\d[\d.,]*|[.,]\d+)$/u.test(body)) return { problem: 'is not a number' };
  const at = decimalMarkAt(body, spaced !== '', mark);
  if (at === 'either') {
    return { problem: 'can be read in two ways: tell with --decimal whether its separator is the decimal mark' };
  }
  const whole = ungrouped(at === undefined ? body : body.slice(0, at));
  const fraction = at === undefined ? '' : body.slice(at + 1);
  if (whole === undefined || !DIGITS.test(fraction)) return { problem: 'is not a number' };
  return {
    value: { negative, whole: whole.replace(/^0+(?=\d)/u, '') || '0', fraction: fraction.replace(/0+$/u, '') },
  };
}

/** Negative are `-3`, with any of the dashes that programs write, `3-` and, as bookkeepers have it, `(3)`. */
function withoutSign(text: string): { readonly negative: boolean; readonly unsigned: string } {
  const [, inParentheses] = /^\((.*)\)$/u.exec(text) ?? [];
  if (inParentheses !== undefined) return { negative: true, unsigned: inParentheses.trim() };
  const unsigned = text
    .replace(/^[-\u2212\u2012\u2013]\s*|\s*-$/u, '')
    .replace(/^\p{Sc}\s*/u, '')
    .trim();
  const negative = /^[-\u2212\u2012\u2013]|-$/u.test(text);
  return { negative, unsigned: negative ? unsigned : unsigned.replace(/^\+\s*/u, '') };
}

/** Where the decimal mark stands; `undefined`: there is none. */
function decimalMarkAt(body: string, grouped: boolean, mark: DecimalMark | undefined): number | 'either' | undefined {
  const separators = [...body.matchAll(/[.,]/gu)];
  const last = separators.at(-1);
  if (last === undefined) return undefined;
  if (mark !== undefined) return last[0] === (mark === 'comma' ? ',' : '.') ? last.index : undefined;
  const [first] = separators;
  if (first?.[0] !== last[0]) return last.index;
  if (separators.length > 1) return undefined;
  // `1.234`: a group of three behind one to three digits that do not begin with 0.
  return !grouped && /^[1-9]\d{0,2}[.,]\d{3}$/u.test(body) ? 'either' : last.index;
}

/** `1.234.567` without its separators; `undefined` when they do not make groups of three. */
function ungrouped(whole: string): string | undefined {
  if (DIGITS.test(whole)) return whole;
  const groups = /^\d{1,3}(?:\.\d{3})+$|^\d{1,3}(?:,\d{3})+$/u;
  return groups.test(whole) ? whole.replace(/[.,]/gu, '') : undefined;
}

/**
 * The number with so many digits behind a point; `undefined` when it has more. Noise of floating point, as in
 * `18.499999999999998` and `0.15000000596`, is rounded away: at least four 0 or 9 behind the digits that count.
 */
export function toDigits({ whole, fraction }: Decimal, digits: number): string | undefined {
  const [kept, rest] = [fraction.slice(0, digits), fraction.slice(digits)];
  if (rest !== '' && !/^(?:0000|9999)/u.test(rest)) return undefined;
  const scaled = BigInt(whole + kept.padEnd(digits, '0')) + (rest.startsWith('9') ? 1n : 0n);
  const text = String(scaled).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
