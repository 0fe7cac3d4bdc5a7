/** Search words on the page: they match what the server finds, and are marked where they stand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../views/fold.ts';
import { markedPieces, matches, searchWords } from '../web/src/text/search-words';

/** Texts with accents apart and together, ligatures, characters of two units, scripts without spaces, and ends of words. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      ...[
        'a',
        'E',
        'é',
        'e\u0301',
        'ß',
        'ﬁ',
        'İ',
        '각',
        '\u{2F800}',
        '𐐀',
        '7',
        ' ',
        '-',
        "'",
        '’',
        '東',
        '京',
        'が',
        'ก',
      ],
    ),
  }),
);
const marked = (of: string, query: string): string =>
  markedPieces(of, searchWords(query))
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join('');

describe('a search on the page', () => {
  it('finds the beginnings of words, whatever case and accents', () => {
    expect(matches('Königlich Essen', 'ESS konig')).toBe(true);
    expect(matches('Ko\u0308niglich Essen', 'konig')).toBe(true);
    expect(matches('Königlich Essen', 'glich')).toBe(false);
    expect(matches('Königlich Essen', 'konig wurst')).toBe(false);
  });

  it('finds everything when it is blank, and nothing when it holds symbols alone', () => {
    expect(matches('anything', ' ')).toBe(true);
    expect(matches('anything - at all', ' - ')).toBe(false);
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

  it('always hold one of the words', () => {
    fc.assert(
      fc.property(text, text, (of, query) => {
        const words = searchWords(query);
        for (const piece of markedPieces(of, words)) {
          const letters = fold(piece.text).replaceAll(/['-]/g, '');
          if (piece.marked) expect(words.some((word) => letters.includes(word))).toBe(true);
        }
      }),
    );
  });

  it('stand where they stand, also after characters that fold to more or fewer', () => {
    expect(marked('Königlich Essen', 'konig ess')).toBe('[König]lich [Ess]en');
    expect(marked('ﬁne Tea', 'tea')).toBe('ﬁne [Tea]');
    expect(marked('\u{2F800} Tea', 'tea')).toBe('\u{2F800} [Tea]');
    expect(marked('각 Tea', 'tea')).toBe('각 [Tea]');
  });

  it('hold a character as a whole that folds to several', () => {
    expect(marked('Anna Straßer', 'stras')).toBe('Anna [Straß]er');
    expect(marked('ﬁne Tea', 'f')).toBe('[ﬁ]ne Tea');
    expect(marked('Ærø', 'ae')).toBe('[Æ]rø');
  });

  it('go on over apostrophes and hyphens, and begin behind them', () => {
    expect(marked("Sinéad O'Connor", 'oconn')).toBe("Sinéad [O'Conn]or");
    expect(marked("Sinéad O'Connor", 'conn')).toBe("Sinéad O'[Conn]or");
    expect(marked('Jean-Luc', 'jean-luc')).toBe('[Jean-Luc]');
    expect(marked('Jean Luc', 'jean-luc')).toBe('[Jean] [Luc]');
  });

  it('stand in the middle where there are no spaces', () => {
    expect(marked('東京タワー', 'タワー')).toBe('東京[タワー]');
    expect(marked('北京烤鸭店', '北京烤鸭店')).toBe('[北京烤鸭店]');
    expect(marked('김철수', '철ㅅ')).toBe('김[철수]');
  });

  it('mark the longest of the words that match', () => {
    expect(marked('Chai', 'c chai ch')).toBe('[Chai]');
  });

  it('mark nothing without a search', () => {
    expect(marked('Chai', '')).toBe('Chai');
    expect(markedPieces('', ['a'])).toEqual([]);
  });
});
