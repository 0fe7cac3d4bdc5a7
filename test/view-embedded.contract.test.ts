/** The embedded view engine against the contract of all view engines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedViews, openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { viewStoreContract } from './view-contract/index.ts';
import { THINGS } from './view-contract/reference.ts';

viewStoreContract(
  'the embedded engine',
  async (views) => {
    const dir = await mkdtemp(join(tmpdir(), 'views-'));
    const store = await openEmbeddedViews({ dir, views, shape: 'one' });
    const close = async () => {
      await store.close();
      await rm(dir, { recursive: true });
    };
    return { store, peer: store, close };
  },
  { runs: 1000 },
);

describe('the embedded engine', () => {
  it('is not shared with other processes', async () => {
    const store = openTemporaryViews({ views: [] });
    expect(store.shared).toBe(false);
    await store.close();
  });

  it('refuses filters that are not in the language of the port', async () => {
    const store = openTemporaryViews({ views: [THINGS] });
    await expect(store.find('things', { filter: { s: { $regex: 'a.*b' } } })).rejects.toThrow(/prefix/);
    await expect(store.find('things', { filter: { s: { $regex: '^a.*b' } } })).rejects.toThrow(/prefix/);
    await store.close();
  });
});
