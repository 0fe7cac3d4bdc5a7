/** Words of a search on the page: found by the server's own code, and marked where they stand. */
import { fold } from '../../../views/fold.ts';
import { type Beginning, beginningsOf, holds, joined, prefixesOf, termsOf, wordsOf } from '../../../views/words.ts';

/** What a search looks for: beginnings of words, folded. */
export const searchWords = (text: string): readonly string[] => prefixesOf(termsOf(text));

/** Whether the server finds the text by this search. One of spaces alone does not filter. */
export const matches = (text: string, search: string): boolean =>
  search.trim() === '' || holds(wordsOf(text), termsOf(search));

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
  /** Where it begins in the whole text. */
  readonly start: number;
}

/** From where to where. */
type Span = readonly [from: number, to: number];

/** A character with its marks. */
const CHARACTER = /\P{M}\p{M}*|\p{M}+/gsu;

/** Cuts a text into pieces, with the beginnings of words that the search (of `searchWords`) matched marked. */
export function markedPieces(text: string, words: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const add = (to: number, marked: boolean) => {
    if (to > end) pieces.push({ text: text.slice(end, to), marked, start: end });
    end = to;
  };
  for (const [from, to] of words.length === 0 ? [] : foundIn(text, words)) {
    add(from, false);
    add(to, true);
  }
  add(text.length, false);
  return pieces;
}

/** What is found, in order and apart from each other. A character that folds to several is found as a whole. */
function foundIn(text: string, words: readonly string[]): readonly Span[] {
  const { folded, places } = foldedInPlace(text);
  const found: Span[] = [];
  for (const beginning of beginningsOf(folded)) {
    const all = joined(beginning);
    const longest = words.reduce((most, word) => (all.startsWith(word) ? Math.max(most, word.length) : most), 0);
    const [first] = beginning;
    if (longest === 0 || first === undefined) continue;
    const [from] = places[first.at] ?? [0, 0];
    const [, to] = places[endOf(beginning, longest)] ?? [0, 0];
    const before = found.at(-1);
    if (before === undefined || before[1] < from) found.push([from, to]);
    else if (before[1] < to) found[found.length - 1] = [before[0], to];
  }
  return found;
}

/** Where the last of the first `length` units of the parts stands; what stands between the parts does not count. */
function endOf(parts: Beginning, length: number): number {
  let rest = length;
  for (const { text, at } of parts) {
    if (text.length >= rest) return at + rest - 1;
    rest -= text.length;
  }
  return 0;
}

/** The text folded character by character, and for each unit of the result the character that it comes from. */
function foldedInPlace(text: string): { readonly folded: string; readonly places: readonly Span[] } {
  const places: Span[] = [];
  let folded = '';
  for (const { 0: character, index } of text.matchAll(CHARACTER)) {
    const own = fold(character);
    folded += own;
    for (let unit = 0; unit < own.length; unit++) places.push([index, index + character.length]);
  }
  // Where characters fold otherwise together than alone, it is not known what stands where.
  return folded === fold(text) ? { folded, places } : { folded: '', places: [] };
}
