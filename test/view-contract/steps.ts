/** Steps: documents and positions together or not at all, and a step twice has no effect. */
import { describe, expect, it, vi } from 'vitest';
import type { ViewStore } from '../../views/view-store.ts';
import type { Account, Note, ViewsUnderTest } from './under-test.ts';

export function stepsContract(suite: ViewsUnderTest): void {
  const { move, putAll, idsOf } = suite;
  describe('steps', () => {
    it('shows the documents and the position of an applied step', async () => {
      const outcome = await suite.store.step([move(0, 7)], (tx) =>
        tx.put('accounts', [{ _id: 'a', balance: 5 } as Account]),
      );
      expect(outcome).toBe('applied');
      expect(await suite.store.get<Account>('accounts', ['a', 'b'])).toEqual(
        new Map([['a', { _id: 'a', balance: 5 }]]),
      );
      expect(await suite.store.position('accounts.state', 0)).toBe(7);
      expect(await suite.store.position('accounts.state', 1)).toBe(0);
      const places = [2, 0, 1].map((partition) => ({ topic: 'accounts.state', partition }));
      expect(await suite.store.positions(places)).toEqual([0, 7, 0]);
    });

    it('refuses a step that is applied already, and changes nothing', async () => {
      const deposit = async (from: number, next: number) =>
        suite.store.step([move(from, next)], async (tx) => {
          const balance = (await tx.get<Account>('accounts', ['a'])).get('a')?.balance ?? 0;
          await tx.put('accounts', [{ _id: 'a', balance: balance + 10 } as Account]);
        });
      expect(await deposit(0, 3)).toBe('applied');
      expect(await deposit(0, 3)).toBe('refused');
      expect((await suite.store.get<Account>('accounts', ['a'])).get('a')?.balance).toBe(10);
      expect(await suite.store.position('accounts.state', 0)).toBe(3);
      expect(await deposit(3, 4)).toBe('applied');
    });

    it('refuses a step of which any move starts elsewhere', async () => {
      await suite.store.step([move(0, 2, 0)], async () => {});
      const run = vi.fn(async () => {});
      expect(await suite.store.step([move(2, 3, 0), move(1, 3, 1)], run)).toBe('refused');
      expect(await suite.store.step([move(0, 3, 0), move(0, 3, 1)], run)).toBe('refused');
      expect(run).not.toHaveBeenCalled();
      expect(await suite.store.position('accounts.state', 0)).toBe(2);
      expect(await suite.store.position('accounts.state', 1)).toBe(0);
      expect(await suite.store.step([move(2, 3, 0), move(0, 3, 1)], run)).toBe('applied');
    });

    it('changes nothing when the step throws, and throws what it threw', async () => {
      await putAll('accounts', [{ _id: 'kept', balance: 1 } as Account]);
      const attempt = suite.store.step([move(0, 1)], async (tx) => {
        await tx.put('accounts', [{ _id: 'a', balance: 5 } as Account]);
        await tx.remove('accounts', ['kept']);
        await tx.find('accounts', {});
        throw new RangeError('no');
      });
      await expect(attempt).rejects.toThrow(RangeError);
      expect(idsOf(await suite.store.find('accounts', {}))).toEqual(['kept']);
      expect(await suite.store.position('accounts.state', 0)).toBe(0);
      expect(await suite.store.step([move(0, 1)], async () => {})).toBe('applied');
    });

    it('reads its own writes, by id and by filter', async () => {
      await putAll('accounts', [{ _id: 'a', balance: 1 } as Account, { _id: 'b', balance: 2 } as Account]);
      await suite.store.step([], async (tx) => {
        await tx.put('accounts', [{ _id: 'a', balance: 9 } as Account, { _id: 'c', balance: 3 } as Account]);
        await tx.remove('accounts', ['b']);
        expect((await tx.get<Account>('accounts', ['a'])).get('a')?.balance).toBe(9);
        expect((await tx.get('accounts', ['a', 'b', 'c'])).size).toBe(2);
        expect(idsOf(await tx.find('accounts', { sort: [['balance', 1]] }))).toEqual(['c', 'a']);
        expect(idsOf(await tx.find('accounts', { filter: { balance: { $lt: 9 } }, limit: 1 }))).toEqual(['c']);
        await tx.put('accounts', [{ _id: 'b', balance: 4 } as Account]);
        const rest = await tx.find('accounts', { sort: [['balance', 1]], after: [3, 'c'], limit: 1 });
        expect(idsOf(rest)).toEqual(['b']);
        // Nobody else sees any of it yet.
        expect((await suite.store.get<Account>('accounts', ['a'])).get('a')?.balance).toBe(1);
      });
      expect(idsOf(await suite.store.find('accounts', {}))).toEqual(['a', 'b', 'c']);
    });

    it('fills a page within a step although it removed or moved what was first', async () => {
      const stored = ['a', 'b', 'c', 'd'].map((_id, i): Account => ({ _id, balance: i }));
      await putAll('accounts', stored);
      await suite.store.step([], async (tx) => {
        await tx.remove('accounts', ['a']);
        await tx.put('accounts', [{ _id: 'b', balance: 9 } as Account]);
        expect(idsOf(await tx.find('accounts', { sort: [['balance', 1]], limit: 1 }))).toEqual(['c']);
      });
    });

    it('allows reads in parallel within a step', async () => {
      await putAll('accounts', [{ _id: 'a', balance: 1 } as Account]);
      await putAll('notes', [{ _id: 'n', day: null, rank: 1 } as Note]);
      let sizes: readonly number[] = [];
      await suite.store.step([], async (tx) => {
        const reads = [tx.get('accounts', ['a']), tx.get('notes', ['n']), tx.get('things', ['t'])];
        sizes = (await Promise.all(reads)).map(({ size }) => size);
      });
      expect(sizes).toEqual([1, 1, 0]);
    });

    it('loses no update when steps that read and write the same document run at the same time', async () => {
      const deposit = (through: ViewStore, i: number) =>
        through.step([{ topic: 't', partition: i, from: 0, next: 1 }], async (tx) => {
          const balance = (await tx.get<Account>('accounts', ['shared'])).get('shared')?.balance ?? 0;
          await tx.put('accounts', [{ _id: 'shared', balance: balance + 1 } as Account]);
        });
      const outcomes = await Promise.all(
        Array.from({ length: 24 }, (_, i) => deposit(i % 2 === 0 ? suite.store : suite.peer, i)),
      );
      expect(new Set(outcomes)).toEqual(new Set(['applied']));
      expect((await suite.store.get<Account>('accounts', ['shared'])).get('shared')?.balance).toBe(24);
    });

    it('applies one of several steps from the same position', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 === 0 ? suite.store : suite.peer).step([move(0, 5)], (tx) =>
            tx.put('accounts', [{ _id: `by-${i}`, balance: i } as Account]),
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
      expect(await suite.store.count('accounts', {})).toBe(1);
    });

    it('keeps a document as it was put, whatever is done to the objects', async () => {
      const words = ['one'];
      await putAll('notes', [{ _id: 'n', day: null, rank: 1, words } as Note]);
      words.push('two');
      const read = (await suite.store.get<Note>('notes', ['n'])).get('n');
      expect(read?.words).toEqual(['one']);
      try {
        (read?.words as string[] | undefined)?.push('three');
      } catch {
        // A frozen array refuses, a copied one does not care.
      }
      expect((await suite.store.get<Note>('notes', ['n'])).get('n')?.words).toEqual(['one']);
    });

    it('names the view that does not exist', async () => {
      await expect(suite.store.find('nothing', {})).rejects.toThrow(/nothing/);
    });
  });
}
