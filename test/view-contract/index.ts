/** What every view engine must do, as tests: run with `viewStoreContract` by the suite of each engine. */
import { describe, expect, it } from 'vitest';
import { localDaysContract } from './local-days.ts';
import { namesContract } from './names.ts';
import { searchesContract } from './searches.ts';
import { stepsContract } from './steps.ts';
import { type OpenViews, viewsUnderTest } from './under-test.ts';
import { watchingContract } from './watching.ts';

/** @param runs cases of each property */
export function viewStoreContract(name: string, open: OpenViews, { runs }: { readonly runs: number }): void {
  describe(`${name} as a view store`, () => {
    const suite = viewsUnderTest(open, runs);
    stepsContract(suite);
    searchesContract(suite);
    namesContract(suite);
    localDaysContract(suite);
    watchingContract(suite);

    it('answers a ping', async () => {
      await expect(suite.store.ping()).resolves.toBeUndefined();
    });
  });
}
