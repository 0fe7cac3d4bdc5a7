/**
 * Words of a search, matched as the server matches them (`views/words.ts`): each must be the beginning of a word, whatever
 * its case and accents.
 */

const WORD = /[\p{L}\p{N}]+/gu;

/** Lower case without accents: `Königlich` → `koniglich`. The same as the server's. */
export const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a text, folded. */
export const searchWords = (text: string): string[] => fold(text).match(WORD) ?? [];

/** Whether each word (of `searchWords`) is the beginning of one of the text's. */
export function matches(text: string, words: readonly string[]): boolean {
  const textWords = searchWords(text);
  return words.every((word) => textWords.some((textWord) => textWord.startsWith(word)));
}

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
  /** Where it begins in the whole text. */
  readonly start: number;
}

/**
 * Folds one character for one, so that positions stay the same. A character that folds to another number of UTF-16
 * units (a ligature, a lone accent) stays as it is: it is never marked, but what comes after it is marked rightly.
 */
const foldInPlace = (text: string): string =>
  Array.from(text, (char) => {
    const folded = fold(char);
    return folded.length === char.length ? folded : char;
  }).join('');

/** Cuts a text into pieces, with the beginnings of words that the search (of `searchWords`) matched marked. */
export function markedPieces(text: string, words: readonly string[]): Piece[] {
  const folded = foldInPlace(text);
  const pieces: Piece[] = [];
  let end = 0;
  const add = (to: number, marked: boolean) => {
    if (to > end) pieces.push({ text: text.slice(end, to), marked, start: end });
    end = to;
  };
  for (const match of folded.matchAll(WORD)) {
    const length = words
      .filter((word) => match[0].startsWith(word))
      .reduce((longest, word) => Math.max(longest, word.length), 0);
    if (length === 0) continue;
    add(match.index, false);
    add(match.index + length, true);
  }
  add(text.length, false);
  return pieces;
}
