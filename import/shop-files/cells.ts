/** Readers of single cells, by what is wanted. Limits are the domain's, so that what passes here is not refused there. */
import { MAX_QUANTITY, MAX_STOCK } from '../../domain/limits.ts';
import { checkEmail, checkName, checkPast, checkPrice } from '../../domain/rules.ts';
import type { CellReader, CellReading } from './cell-reading.ts';
import type { DateFormat } from './date-formats.ts';
import { readDate } from './dates.ts';
import { type Decimal, type DecimalMark, readDecimal, toDigits } from './decimals.ts';

const MAX_ID = 64;
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;
/** What spreadsheets make of a long number. */
const SHORTENED = /^\d([.,]\d+)?E\+\d+$/iu;

/** The shop's own id: free text. */
export function readId(text: string): CellReading<string> {
  const id = text.normalize('NFC');
  if (NO_TEXT.test(id)) return { problem: 'is not an id: it holds a control character' };
  if (SHORTENED.test(id)) return { problem: 'is a number that a spreadsheet has shortened: write all its digits' };
  return id.length > MAX_ID ? { problem: `is longer than ${MAX_ID} characters` } : { value: id };
}

/** A name in one line. */
export function readName(text: string): CellReading<string> {
  const name = text.replace(/\s+/gu, ' ');
  return orRefused(name, checkName('name', name)?.message.replace(/^name /u, ''));
}

export function readEmail(text: string): CellReading<string> {
  return orRefused(text, checkEmail('email', text)?.message.replace(/^email /u, ''));
}

const YES = new Set(['1', 'true', 't', 'yes', 'y', 'x', 'wahr', 'ja', 'j', 'vrai', 'oui', 'si', 'sí']);
const NO = new Set(['0', 'false', 'f', 'no', 'n', 'falsch', 'nein', 'faux', 'non']);

export function readFlag(text: string): CellReading<boolean> {
  const word = text.toLowerCase();
  if (YES.has(word)) return { value: true };
  return NO.has(word) ? { value: false } : { problem: 'is not TRUE or FALSE, yes or no, 1 or 0' };
}

/** A decimal string with two digits. */
export function priceReader(mark?: DecimalMark): CellReader<string> {
  return decimalReader(mark, 'is not a price such as 18.00', (decimal) => {
    if (decimal.negative && isNotZero(decimal)) return { problem: 'is a price below 0' };
    const price = toDigits(decimal, 2);
    if (price === undefined) return { problem: 'has more than two digits behind the decimal mark' };
    return orRefused(price, checkPrice('price', Number(price.replace('.', '')))?.message.replace(/^price /u, ''));
  });
}

export function stockReader(mark?: DecimalMark): CellReader<number> {
  return decimalReader(mark, 'is not a whole number', (decimal) =>
    decimal.negative && isNotZero(decimal)
      ? { problem: 'is below 0: write 0 for what is sold out' }
      : wholeNumber(decimal, 0, MAX_STOCK),
  );
}

export function quantityReader(mark?: DecimalMark): CellReader<number> {
  return decimalReader(mark, 'is not a whole number', (decimal) =>
    decimal.negative && isNotZero(decimal)
      ? { problem: 'is a return: leave it out, and cancel the purchase that is given back once it has been imported' }
      : wholeNumber(decimal, 1, MAX_QUANTITY),
  );
}

/** A discount as a share of the price, from 0 to 1 with at most four digits: `0.15`, or `15 %`. */
export function shareReader(mark?: DecimalMark): CellReader<string> {
  return (text) => {
    const [, percentage] = /^(.*?)\s*%$/su.exec(text) ?? [];
    const read = readDecimal(percentage ?? text, mark);
    if ('problem' in read) return read;
    const decimal = percentage === undefined ? read.value : hundredth(read.value);
    const share = toDigits(decimal, 4);
    if (share === undefined) return { problem: 'has more than four digits behind the decimal mark' };
    if (Number(share) > 1 || (decimal.negative && isNotZero(decimal))) {
      return { problem: 'is not a share from 0 to 1, such as 0.15, nor a percentage, such as 15 %' };
    }
    return { value: share.replace(/\.?0+$/u, '') };
  };
}

function hundredth({ negative, whole, fraction }: Decimal): Decimal {
  const digits = whole.padStart(3, '0');
  return { negative, whole: digits.slice(0, -2), fraction: `${digits.slice(-2)}${fraction}`.replace(/0+$/u, '') };
}

/** ISO 8601 UTC, not in the future. */
export function dateReader(format: DateFormat | undefined, now: string): CellReader<string> {
  let [before, result]: [string | undefined, CellReading<string>] = [undefined, { problem: '' }];
  return (text) => {
    // Rows that follow each other are mostly of the same date.
    if (text !== before) [before, result] = [text, pastDate(text, format, now)];
    return result;
  };
}

function pastDate(text: string, format: DateFormat | undefined, now: string): CellReading<string> {
  const read = readDate(text, format);
  if ('problem' in read) return read;
  return orRefused(read.value, checkPast('date', read.value, now)?.message.replace(/^date /u, ''));
}

function decimalReader<T>(
  mark: DecimalMark | undefined,
  otherwise: string,
  of: (decimal: Decimal) => CellReading<T>,
): CellReader<T> {
  return (text) => {
    const read = readDecimal(text, mark);
    if ('value' in read) return of(read.value);
    return { problem: read.problem === 'is not a number' ? otherwise : read.problem };
  };
}

function wholeNumber({ whole, fraction }: Decimal, least: number, most: number): CellReading<number> {
  if (fraction !== '') return { problem: 'is not a whole number' };
  const value = Number(whole);
  return value < least || value > most ? { problem: `is not from ${least} to ${most}` } : { value };
}

function isNotZero({ whole, fraction }: Decimal): boolean {
  return whole !== '0' || fraction !== '';
}

function orRefused<T>(value: T, refusal: string | undefined): CellReading<T> {
  return refusal === undefined ? { value } : { problem: refusal };
}
