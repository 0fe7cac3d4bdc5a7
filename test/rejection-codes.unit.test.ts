/** The codes of rejections are one list; what cannot import it is compared with it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REJECTION_CODES } from '../domain/rejection-codes.ts';
import { WORDS } from '../web/src/counterfoils/rejection-words.ts';

/** The rows of the second table of docs/errors.md: each code with its meaning. */
function documented(): Record<string, string> {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const [, table = ''] = page.split('## Rejections');
  const rows = table.matchAll(/^\| `(\w+)`\s*\| (.*?)\s*\|/gm);
  return Object.fromEntries([...rows].map(([, code = '', meaning = '']) => [code, meaning]));
}

describe('The codes of rejections', () => {
  it('each have words on the page, and the page has words for no other', () => {
    expect(Object.keys(WORDS).sort()).toEqual(Object.keys(REJECTION_CODES).sort());
  });

  it('each stand in docs/errors.md with their meaning, in the same order, and no other does', () => {
    expect(Object.entries(documented())).toEqual(Object.entries(REJECTION_CODES));
  });
});
