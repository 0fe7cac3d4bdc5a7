/** The embedded view engine against the contract of all view engines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedViews, openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { viewStoreContract } from './view-contract/index.ts';
import { THINGS } from './view-contract/reference.ts';

const PLACE = { topic: 'things.state', partition: 0 };

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
  it('is empty once it is to be rebuilt, tells who fills it, and is not read until it is filled, nor emptied again at the next start', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'views-'));
    const wiped: string[] = [];
    const open = () =>
      openEmbeddedViews({ dir, views: [THINGS], shape: 'one', onWiped: (reason) => void wiped.push(reason) });
    const ends = [{ topic: 'things.state', partition: 0, offset: 1 }];
    const fill = (from: Awaited<ReturnType<typeof open>>) =>
      from.step([{ ...PLACE, from: 0, next: 1 }], (tx) => tx.put('things', [{ _id: 'a' }]));
    const store = await open();
    await store.fitTo('log one', ends);
    await fill(store);
    const moved: number[] = [];
    store.onMoved(() => void moved.push(1));

    // Behind the step that is under way: that one is gone as well.
    const under = store.step([{ ...PLACE, from: 1, next: 2 }], (tx) => tx.put('things', [{ _id: 'b' }]));
    await store.rebuild();
    expect(await under).toBe('applied');
    expect([moved, await store.position('things.state', 0)]).toEqual([[1], 0]);
    await expect(store.get('things', ['a'])).rejects.toThrow(/being built from the log/);
    await fill(store);
    expect(await store.filled(ends)).toBe(true);
    expect([...(await store.get('things', ['a', 'b'])).keys()]).toEqual(['a']);
    await store.close();

    const again = await open();
    await again.fitTo('log one', ends);
    expect(await again.count('things', {})).toBe(1);
    expect(wiped).toEqual(['a rebuild was asked for']);
    await again.close();
    await rm(dir, { recursive: true });
  });

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
