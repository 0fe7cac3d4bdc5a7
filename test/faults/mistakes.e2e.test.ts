/** Every mistake that the fault runs are tried with can still be made in the server as it is built now. */
import { describe, expect, it } from 'vitest';
import { buildServer } from './system/build.ts';
import { checkMistakes } from './system/mistakes.ts';

describe('the mistakes', () => {
  it('change code that stands there', async () => {
    await expect(checkMistakes(await buildServer())).resolves.toBeUndefined();
  });
});
