/**
 * The words of a text, as views hold them, and of a search, each of which must be the beginning of one. The same code on the
 * server, on every engine, and on the page; see docs/decisions/words-of-a-search.md. Pure.
 */
import { fold } from './fold.ts';

/** Nothing that is searched is longer: names and e-mail addresses have limits of their own. */
const LONGEST_TEXT = 10_000;
/** How many parts of a compound, or characters of a script without spaces, stand together in a word. */
const REACH = 4;

/** Scripts that put no spaces between words, or, as Korean, not between those that people search for. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .concat('\\u30fc')
  .join('');
const UNSPACED_RUN = `(?:(?=[\\p{L}\\p{N}])[${UNSPACED}]\\p{M}*)+`;
const SPACED_RUN = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}]\\p{M}*)+`;
const WORD = new RegExp(`(${UNSPACED_RUN})|${SPACED_RUN}(?:['-]${SPACED_RUN})*`, 'gu');
/** A character with its marks. Folding takes Korean syllables apart, so that they are found while they are being typed. */
const CHARACTER = /[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11ff\ud7b0-\ud7fb]*\p{M}*|.\p{M}*/gsu;
const PART = /[^'-]+/g;

/** A part of a compound, or a character of a script without spaces. */
interface Part {
  readonly text: string;
  /** Where it begins in the folded text. */
  readonly at: number;
}

/** Parts that stand together from one of them on: `luc` and `jean`, `luc` of `Jean-Luc`. */
export type Beginning = readonly Part[];

/** The parts of each word of a folded text. */
function* partsOf(folded: string): Generator<{ readonly parts: readonly Part[]; readonly unspaced: boolean }> {
  for (const { 0: word, 1: run, index } of folded.matchAll(WORD)) {
    const found = word.matchAll(run === undefined ? PART : CHARACTER);
    yield {
      parts: Array.from(found, ({ 0: text, index: at }) => ({ text, at: index + at })),
      unspaced: run !== undefined,
    };
  }
}

/** All places of a folded text at which a search may begin, each with what a search may then hold. */
export function* beginningsOf(folded: string): Generator<Beginning> {
  for (const { parts } of partsOf(folded)) {
    for (const start of parts.keys()) yield parts.slice(start, start + REACH);
  }
}

/** The parts without what stands between them: `jean`, `luc` → `jeanluc`. */
export function joined(parts: readonly Part[]): string {
  return parts.length === 1 ? (parts[0]?.text ?? '') : parts.map(({ text }) => text).join('');
}

/**
 * The different words of some texts, to be found by their beginnings: `O'Connor` → `oconnor`, `connor`; `Jean-Luc` → `jeanluc`,
 * `luc`; `東京タワー` → `東京タワ`, `京タワー`, `タワー`, `ワー`, `ー`.
 */
export function wordsOf(...texts: readonly string[]): readonly string[] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const beginning of beginningsOf(fold(text.slice(0, LONGEST_TEXT)))) words.add(joined(beginning));
  }
  return [...words];
}

/** A word that is searched for. It is found where `whole` is, or where all of `parts` are. */
export interface Term {
  /** `jean-luc` → `jeanluc` */
  readonly whole: string;
  /** Of a compound with hyphens, which others write with spaces: `jean-luc` → `jean`, `luc`. Else `whole` alone. */
  readonly parts: readonly [string, ...string[]];
}

/** The different words that a text searches for; none: it holds symbols alone, or nothing. */
export function termsOf(text: string): readonly Term[] {
  const terms = new Map<string, Term>();
  const add = (first: string, ...others: readonly string[]) =>
    terms.set([first, ...others].join('-'), { whole: [first, ...others].join(''), parts: [first, ...others] });
  const folded = fold(text.slice(0, LONGEST_TEXT));
  for (const { parts, unspaced } of partsOf(folded)) {
    if (unspaced) for (const piece of piecesOf(parts)) add(piece);
    else {
      const [first = '', ...others] = hyphenated(folded, parts);
      add(first, ...others);
    }
  }
  return [...terms.values()];
}

/** Characters in pieces as long as words are. The last overlaps the one before it, since a shorter one would be found anywhere. */
function piecesOf(characters: readonly Part[]): readonly string[] {
  const last = Math.max(0, characters.length - REACH);
  const starts = Array.from({ length: Math.ceil(last / REACH) }, (_, i) => i * REACH);
  return [...starts, last].map((start) => joined(characters.slice(start, start + REACH)));
}

/** Parts with an apostrophe between them are one, as far as a word reaches: few people write a space for it. */
function hyphenated(folded: string, parts: readonly Part[]): readonly string[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    if (group !== undefined && folded[part.at - 1] === "'" && group.length < REACH) group.push(part);
    else groups.push([part]);
  }
  return groups.map(joined);
}

/** What has to be looked up for the terms, each once. */
export function prefixesOf(terms: readonly Term[]): readonly string[] {
  return [...new Set(terms.flatMap(({ whole, parts }) => [whole, ...parts]))];
}

/** Whether words of `wordsOf` hold what is searched for, as the views' engines answer it. No terms find nothing. */
export function holds(words: readonly string[], terms: readonly Term[]): boolean {
  const found = (prefix: string) => words.some((word) => word.startsWith(prefix));
  return terms.length > 0 && terms.every(({ whole, parts }) => found(whole) || parts.every(found));
}
