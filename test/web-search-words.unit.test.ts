/** Search words on the page: they match what the server finds, and are marked where they stand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold as foldOfServer, wordsOf } from '../views/words.ts';
import { fold, markedPieces, matches, searchWords } from '../web/src/text/search-words';

/** Texts with accents apart and together, ligatures, characters of two units, and ends of words. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('a', 'E', 'é', 'e\u0301', 'ß', 'ﬁ', 'İ', '각', '\u{2F800}', '𐐀', '7', ' ', '-', "'"),
  }),
);
const marked = (of: string, query: string): string =>
  markedPieces(of, searchWords(query))
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join('');

describe('search words', () => {
  it('are folded and found as the server does it, in every text', () => {
    fc.assert(
      fc.property(text, text, (of, query) => {
        expect(fold(of)).toBe(foldOfServer(of));
        const found = wordsOf(query).every((word) => wordsOf(of).some((stored) => stored.startsWith(word)));
        expect(matches(of, searchWords(query))).toBe(found);
      }),
    );
  });

  it('find the beginnings of words, whatever case and accents', () => {
    expect(matches('Königlich Essen', searchWords('ESS konig'))).toBe(true);
    expect(matches('Ko\u0308niglich Essen', searchWords('konig'))).toBe(true);
    expect(matches('Königlich Essen', searchWords('glich'))).toBe(false);
    expect(matches('Königlich Essen', searchWords('konig wurst'))).toBe(false);
    expect(matches('anything', searchWords(' - '))).toBe(true);
  });
});

describe('marked words', () => {
  it('leave the text as it is, in every text', () => {
    fc.assert(
      fc.property(text, text, (of, query) => {
        const pieces = markedPieces(of, searchWords(query));
        expect(pieces.map((piece) => piece.text).join('')).toBe(of);
        expect(pieces.every((piece) => of.startsWith(piece.text, piece.start) && piece.text !== '')).toBe(true);
      }),
    );
  });

  it('are always beginnings that one of the words matches', () => {
    fc.assert(
      fc.property(text, text, (of, query) => {
        const words = searchWords(query);
        for (const piece of markedPieces(of, words)) if (piece.marked) expect(words).toContain(fold(piece.text));
      }),
    );
  });

  it('stand where they stand, also after characters that fold to more or fewer', () => {
    expect(marked('Königlich Essen', 'konig ess')).toBe('[König]lich [Ess]en');
    expect(marked('ﬁne Tea', 'tea')).toBe('ﬁne [Tea]');
    expect(marked('\u{2F800} Tea', 'tea')).toBe('\u{2F800} [Tea]');
    expect(marked('각 Tea', 'tea')).toBe('각 [Tea]');
  });

  it('mark the longest of the words that match', () => {
    expect(marked('Chai', 'c chai ch')).toBe('[Chai]');
  });

  it('mark nothing without a search', () => {
    expect(marked('Chai', '')).toBe('Chai');
    expect(markedPieces('', ['a'])).toEqual([]);
  });
});
