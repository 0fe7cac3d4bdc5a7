/** Watching: every change once it can be read, in order, to everyone who watches. */
import { describe, expect, it, vi } from 'vitest';
import type { Change, Doc } from '../../views/view-store.ts';
import type { Account, Note, ViewsUnderTest } from './under-test.ts';

export function watchingContract(suite: ViewsUnderTest): void {
  const { putAll } = suite;
  describe('watching', () => {
    it('tells every change after it resolved, per document in order, and none from before', async () => {
      await putAll('notes', [{ _id: 'old', day: null, rank: 0 } as Note]);
      const changes: Change[] = [];
      const stop = await suite.store.watch(['notes'], (change) => changes.push(change));
      for (let rank = 1; rank <= 5; rank++) await putAll('notes', [{ _id: 'n', day: null, rank } as Note]);
      await putAll('accounts', [{ _id: 'not watched', balance: 1 } as Account]);
      await suite.store.step([], (tx) => tx.remove('notes', ['n', 'never was']));
      await putAll('notes', [{ _id: 'last', day: null, rank: 9 } as Note]);
      await vi.waitFor(() => expect(changes.at(-1)?.id).toBe('last'), { timeout: 10_000 });
      expect(changes).toEqual([
        ...[1, 2, 3, 4, 5].map((rank) => ({ view: 'notes', id: 'n', doc: { _id: 'n', day: null, rank } })),
        { view: 'notes', id: 'n', doc: null },
        { view: 'notes', id: 'last', doc: { _id: 'last', day: null, rank: 9 } },
      ]);
      await stop();
    });

    it('tells changes once they can be read, to everyone who watches, also in another process', async () => {
      const seen: Promise<readonly Doc[]>[] = [];
      const others: Change[] = [];
      await suite.store.watch(['accounts'], (change) =>
        seen.push(suite.store.get('accounts', [change.id]).then((found) => [...found.values()])),
      );
      await suite.peer.watch(['notes', 'accounts'], (change) => others.push(change));
      await putAll('accounts', [{ _id: 'a', balance: 3 } as Account]);
      await vi.waitFor(() => expect([seen.length, others.length]).toEqual([1, 1]), { timeout: 10_000 });
      expect(await seen[0]).toEqual([{ _id: 'a', balance: 3 }]);
    });

    it('tells nothing while the documents are being filled in, and of a gap once they can be read', async () => {
      const [changes, gaps]: [Change[], string[]] = [[], []];
      await suite.store.watch(
        ['notes'],
        (change) => changes.push(change),
        () => gaps.push('gap'),
      );
      await suite.store.filling('being filled in');
      for (let rank = 1; rank <= 5; rank++) await putAll('notes', [{ _id: `n${rank}`, day: null, rank } as Note]);
      expect(await suite.store.filled([])).toBe(true);
      await vi.waitFor(() => expect(gaps).toEqual(['gap']), { timeout: 10_000 });
      await putAll('notes', [{ _id: 'after', day: null, rank: 6 } as Note]);
      await vi.waitFor(() => expect(changes.at(-1)?.id).toBe('after'), { timeout: 10_000 });
      if (!suite.store.shared) expect(changes.map(({ id }) => id)).toEqual(['after']);
    });

    it('tells nothing of a step that threw, nor after watching was stopped', async () => {
      const stopped: Change[] = [];
      const changes: Change[] = [];
      const stop = await suite.store.watch(['notes'], (change) => stopped.push(change));
      await suite.store.watch(['notes'], (change) => changes.push(change));
      await stop();
      const failing = suite.store.step([], async (tx) => {
        await tx.put('notes', [{ _id: 'failed', day: null, rank: 1 } as Note]);
        await tx.find('notes', {});
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await putAll('notes', [{ _id: 'n', day: null, rank: 1 } as Note]);
      await vi.waitFor(() => expect(changes.map(({ id }) => id)).toEqual(['n']), { timeout: 10_000 });
      expect(stopped).toEqual([]);
    });
  });
}
