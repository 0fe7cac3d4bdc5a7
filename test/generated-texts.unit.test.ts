/** What is generated into docs, settings and the page is what the registry says now. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedTexts } from '../scripts/generated-texts.ts';

describe('the generated part', () => {
  it.each(generatedTexts)('of $path is up to date', ({ path, renewed }) => {
    const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    expect(text, 'run npm run generate').toBe(renewed(text));
  });

  it.each(generatedTexts)('of $path, made of itself, stays as it is', ({ path, renewed }) => {
    const made = renewed(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
    expect(renewed(made)).toBe(made);
  });
});
