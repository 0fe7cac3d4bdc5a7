/** The codes of rejections are one list; what cannot import it is compared with it. */
import { describe, expect, it } from 'vitest';
import { REJECTION_CODES } from '../domain/rejection-codes.ts';
import { WORDS } from '../web/src/counterfoils/rejection-words.ts';

describe('The codes of rejections', () => {
  it('each have words on the page, and the page has words for no other', () => {
    expect(Object.keys(WORDS).sort()).toEqual(Object.keys(REJECTION_CODES).sort());
  });
});
