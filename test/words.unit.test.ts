/** Folding and words, apart from any engine: what always holds of them, and that long texts are no work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../views/fold.ts';
import { holds, prefixesOf, termsOf, wordsOf } from '../views/words.ts';

/** Letters of many scripts, marks, and what stands between words. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      ...['a', 'E', 'é', 'e\u0301', 'ß', 'ẞ', 'ı', 'İ', 'Ø', 'ǆ', 'Σ', 'ς', 'ё', '7', ' ', '-', "'", '’', '\u00ad'],
      ...['東', '京', 'が', 'か\u3099', 'タ', 'ー', '각', 'ᄀ', 'ก', '\u0e34', 'क', '\u093f', 'أ', '\u{2F800}', '𐐀'],
    ),
  }),
);

describe('folding', () => {
  it('writes letters as people type them', () => {
    expect(fold('ÆØÅ ŁĐ ÞÐ ŒẞŊ ĦŦ ə')).toBe('aeoa ld thd oessn ht e');
    expect(fold('Ệ Ǘ ﬁ Ⅷ ½')).toBe('e u fi viii 1⁄2');
    expect(fold('ΣΊΣΥΦΟΣ Σίσυφος')).toBe('σισυφοσ σισυφοσ');
  });

  it('is done once: what is folded stays as it is', () => {
    fc.assert(
      fc.property(text, (of) => {
        expect(fold(fold(of))).toBe(fold(of));
      }),
    );
  });

  it('does not depend on case, on how accents are stored, or on what nobody sees', () => {
    fc.assert(
      fc.property(text, (of) => {
        expect(fold(of.normalize('NFD'))).toBe(fold(of));
        expect(fold(of.normalize('NFC'))).toBe(fold(of));
      }),
    );
    for (const of of ['\u1fce', '\u1fdf', '\u1fbf\u0300', '\u1ffd\u0301']) {
      expect(fold(of.normalize('NFD'))).toBe(fold(of));
      expect(fold(of.normalize('NFC'))).toBe(fold(of));
    }
    for (const name of ['Straße', 'Łódź', 'Ὀδυσσεύς', 'ﬃ', 'ǅ', 'և', 'ΐ']) {
      expect(fold(name.toUpperCase())).toBe(fold(name));
      expect(fold(name.toLowerCase())).toBe(fold(name));
    }
    expect(fold('Zu\u00adcker\u200b\ufe0f')).toBe('zucker');
  });

  it('keeps the marks that words differ by', () => {
    for (const [one, other] of [
      ['कि', 'की'],
      ['ปา', 'ป่า'],
      ['か', 'が'],
      ['ハ', 'パ'],
      ['কা', 'ক'],
    ] as const)
      expect(fold(one)).not.toBe(fold(other));
  });
});

describe('words', () => {
  it('are found by the whole text, by each of its own words, and by each beginning of it', () => {
    fc.assert(
      fc.property(text, (of) => {
        const words = wordsOf(of);
        const terms = termsOf(of);
        expect(holds(words, terms)).toBe(terms.length > 0);
        for (const word of words) expect(holds(words, [{ whole: word, parts: [word] }])).toBe(true);
        for (const term of terms) expect(holds(words, [term])).toBe(true);
      }),
    );
  });

  it('are what a search for a piece of a script without spaces needs', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('東', '京', 'タ', 'が', 'ก', 'น'), minLength: 1 }),
        fc.nat(),
        (of, n) => {
          const start = n % of.length;
          expect(holds(wordsOf(of), termsOf(of.slice(start)))).toBe(true);
        },
      ),
    );
  });

  it('grow with the text by a factor at most, and of the longest only the beginning counts', () => {
    const sizeOf = (words: readonly string[]) => words.reduce((size, word) => size + word.length, 0);
    fc.assert(
      fc.property(text, (of) => {
        expect(sizeOf(wordsOf(of))).toBeLessThanOrEqual(4 * fold(of).length);
      }),
    );
    for (const unit of ['a', 'a-', "a'", '東', 'ก\u0e34', 'e\u0301', '\u0301', "'", '\ufdfa ', '𐐀']) {
      const million = unit.repeat(1_000_000 / unit.length);
      expect(sizeOf(wordsOf(million))).toBeLessThan(1_000_000);
      expect(prefixesOf(termsOf(million)).length).toBeLessThan(10_000);
    }
  });

  it('of a compound are searched for as it is written, and as others write it', () => {
    expect(wordsOf("O'Connor")).toEqual(['oconnor', 'connor']);
    expect(wordsOf('Jean-Luc')).toEqual(['jeanluc', 'luc']);
    expect(termsOf('Jean-Luc')).toEqual([{ whole: 'jeanluc', parts: ['jean', 'luc'] }]);
    expect(wordsOf('a-b-c-d-e')).toEqual(['abcd', 'bcde', 'cde', 'de', 'e']);
    expect(holds(wordsOf("a'b'c'd'e"), termsOf("a'b'c'd'e"))).toBe(true);
    expect(wordsOf('-x- y--z')).toEqual(['x', 'y', 'z']);
  });

  it('of e-mail addresses and numbers are those between their signs', () => {
    expect(wordsOf('ada.king@example.com')).toEqual(['ada', 'king', 'example', 'com']);
    expect(wordsOf('2026-0001/A')).toEqual(['20260001', '0001', 'a']);
  });
});
