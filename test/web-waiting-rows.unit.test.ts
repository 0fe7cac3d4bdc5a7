/** What a newer reading of a list would change under the reader's eyes. */
import { describe, expect, it } from 'vitest';
import { countNew, ROWS_AT_ONCE, sameOrder } from '../web/src/graph/waiting-rows';

const rows = (ids: string) => [...ids].map((id) => ({ id }));
const reading = (ids: string) => ({ edges: rows(ids).map((node) => ({ node })) });

describe('a newer reading of a list', () => {
  it('can be shown at once when every row stands where it stood', () => {
    expect(sameOrder(rows('abc'), reading('abc'))).toBe(true);
  });

  it('can be shown at once when it is the beginning of a longer list', () => {
    const many = Array.from({ length: 2 * ROWS_AT_ONCE }, (_, index) => ({ id: `${index}` }));
    const beginning = { edges: many.slice(0, ROWS_AT_ONCE).map((node) => ({ node })) };
    expect(sameOrder(many, beginning)).toBe(true);
  });

  it.each([
    ['a new row', 'xabc'],
    ['another order', 'acb'],
    ['a row less', 'ab'],
    ['another row at the end', 'abx'],
    ['a further row', 'abcd'],
  ])('waits for %s', (_what, ids) => {
    expect(sameOrder(rows('abc'), reading(ids))).toBe(false);
  });

  it('is shown in full where nothing was', () => {
    expect(sameOrder([], reading('a'))).toBe(false);
    expect(countNew([], reading('ab'))).toBe(2);
  });

  it('counts the rows that are new, and tells another order from them', () => {
    expect(countNew(rows('abc'), reading('xayb'))).toBe(2);
    expect(countNew(rows('abc'), reading('cba'))).toBe('order');
    expect(countNew(rows('abc'), reading('ab'))).toBe('order');
  });
});
