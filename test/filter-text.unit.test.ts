/** How much text a filter searches for, and how many values. */
import { describe, expect, it } from 'vitest';
import { MAX_TEXT, MAX_VALUES, MAX_WORDS, oneOf, text } from '../resolvers/filters.ts';

const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');

describe('the text of a filter', () => {
  it('may have as many characters and words as the limits, and no more', () => {
    expect(text('x'.repeat(MAX_TEXT))).toBeDefined();
    expect(text(words(MAX_WORDS))).toBeDefined();
    expect(() => text('x'.repeat(MAX_TEXT + 1))).toThrow('text may have at most 200 characters');
    expect(() => text(words(MAX_WORDS + 1))).toThrow('text may have at most 20 words');
  });

  it('finds nothing when it holds symbols alone, and does not filter when it holds nothing', () => {
    for (const symbols of ['***', '-', "'", '€', '🍵']) expect(text(symbols)).toEqual({ _id: { $in: [] } });
    for (const nothing of ['', ' ', '\t\n', null, undefined]) expect(text(nothing)).toBeUndefined();
  });

  it('counts the ways in which a compound may be written', () => {
    const compounds = (count: number) => Array.from({ length: count }, (_, i) => `a${i}-b${i}`).join(' ');
    expect(text(compounds(6))).toBeDefined();
    expect(() => text(compounds(7))).toThrow('text may have at most 20 words');
  });

  it('of one character that stands for many is cut before it grows', () => {
    // One code point that folds to 18 letters in several words.
    expect(() => text('\ufdfa '.repeat(MAX_TEXT))).toThrow('text may have at most 200 characters');
  });
});

it('a list of values may have as many as the limit, and no more', () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `CODE_${i}`);
  expect(oneOf('rejection.code', values(MAX_VALUES))).toEqual({ 'rejection.code': { $in: values(MAX_VALUES) } });
  // More than 32,000 were an error of the engine, which clients were told to try again.
  expect(() => oneOf('rejection.code', values(MAX_VALUES + 1))).toThrow('rejection may have at most 100 values');
});
