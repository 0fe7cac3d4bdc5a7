/**
 * Scalars as SQLite holds them, so that its order of values is that of `keyset.ts`: numbers, texts by their UTF-8 bytes, and
 * blobs last, which stand for false and true. null is the least number: SQLite's own NULL equals nothing, and may not stand in
 * the key of a table WITHOUT ROWID.
 */
import type { Scalar } from '../view-store.ts';

export type SqlValue = number | bigint | string | Buffer;

export const NULL = Number.NEGATIVE_INFINITY;
/** Before all texts. */
export const FIRST_TEXT = '';
/** After all texts, before false and true. */
export const FIRST_BLOB = Buffer.alloc(0);

/** Before and after each element of a list column. Stands in no encoded text. */
const BETWEEN = '\u0002';
/** Begins an element of a list column that is no text. Stands in no encoded text. */
const NO_TEXT = '\u0003';

/** Begins the two characters that one is written as. */
const ESCAPE = '\u0001';
/** As a pattern built from strings: control characters written in a literal one are taken for a mistake. */
const ESCAPED = new RegExp(`[\0-${NO_TEXT}]`, 'g');
const SOME_ESCAPED = new RegExp(ESCAPED.source);
const WRITTEN = new RegExp(`${ESCAPE}(.)`, 'gs');
const SHIFT = 4;

/**
 * The characters up to U+0003 take two: libsql ends texts at U+0000 when it reads them, and the others mark things in list
 * columns. The order of texts stays as it was.
 */
export function encodeText(text: string): string {
  if (!SOME_ESCAPED.test(text)) return text;
  return text.replace(ESCAPED, (character) => `${ESCAPE}${String.fromCharCode(character.charCodeAt(0) + SHIFT)}`);
}

export function decodeText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(WRITTEN, (_, character: string) => String.fromCharCode(character.charCodeAt(0) - SHIFT));
}

/** Whether some of its characters are written as two. */
export function isEscaped(text: string): boolean {
  return text.includes(ESCAPE);
}

/** Whole numbers as integers: libsql would store a `number` as a float, which takes more room. */
export function encodeScalar(value: Scalar): SqlValue {
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof value === 'boolean' ? Buffer.from([value ? 1 : 0]) : NULL;
}

export function decodeScalar(value: SqlValue | undefined): Scalar {
  if (value === NULL || value === undefined) return null;
  if (typeof value === 'string') return decodeText(value);
  return Buffer.isBuffer(value) ? value[0] === 1 : Number(value);
}

/** All elements of a list in one text, in which `elementMark` and `prefixMark` are looked for. */
export function listColumn(values: readonly Scalar[]): string {
  return `${BETWEEN}${values.map((value) => `${elementText(value)}${BETWEEN}`).join('')}`;
}

/** Stands in the column of a list that holds this element. */
export function elementMark(value: Scalar): string {
  return `${BETWEEN}${elementText(value)}${BETWEEN}`;
}

/** Stands in the column of a list that holds a text beginning like this; undefined when any text does. */
export function prefixMark(prefix: string): string | undefined {
  return prefix === '' ? undefined : `${BETWEEN}${encodeText(prefix)}`;
}

function elementText(value: Scalar): string {
  return typeof value === 'string' ? encodeText(value) : `${NO_TEXT}${value}`;
}

/** The least text after all that begin with this encoded one; undefined when there is none. */
export function afterPrefix(encoded: string): string | undefined {
  const characters = Array.from(encoded);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? 0;
    // Between U+D7FF and U+E000 lie the surrogates, which are no characters.
    if (code < 0x10ffff) return `${characters.join('')}${String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1)}`;
  }
  return undefined;
}
