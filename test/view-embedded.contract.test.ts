/** The embedded view engine against the contract of all view engines. */
import { describe, expect, it } from 'vitest';
import { openEmbeddedViews } from '../views/embedded/embedded-views.ts';
import { viewStoreContract } from './view-contract/index.ts';
import { THINGS } from './view-contract/reference.ts';

viewStoreContract(
  'the embedded engine',
  async (views) => {
    const store = openEmbeddedViews({ views });
    return { store, peer: store, close: () => store.close() };
  },
  { runs: 1000 },
);

describe('the embedded engine', () => {
  it('is not shared with other processes', () => {
    expect(openEmbeddedViews({ views: [] }).shared).toBe(false);
  });

  it('refuses filters that are not in the language of the port', async () => {
    const store = openEmbeddedViews({ views: [THINGS] });
    await expect(store.find('things', { filter: { s: { $regex: 'a.*b' } } })).rejects.toThrow(/prefix/);
    await expect(store.find('things', { filter: { s: { $regex: '^a.*b' } } })).rejects.toThrow(/prefix/);
    await store.close();
  });
});
