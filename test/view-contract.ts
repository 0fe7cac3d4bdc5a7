/** What every view engine must do, as tests: run with `viewStoreContract` by the suite of each engine. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exactInteger } from '../views/exact-integer.ts';
import { cursorOf } from '../views/keyset.ts';
import { startsWith } from '../views/prefix.ts';
import type { Change, Cursor, Doc, Filter, Move, Sort, ViewSpec, ViewStore } from '../views/view-store.ts';
import {
  filters,
  referenceCursor,
  referenceFind,
  referenceGroups,
  sorts,
  THINGS,
  type Thing,
  things,
} from './view-reference.ts';

export interface OpenedViews {
  readonly store: ViewStore;
  /** The same views as another process sees them; for an engine of one process, the store itself. */
  readonly peer: ViewStore;
  close(): Promise<void>;
}

export interface ContractOptions {
  /** Cases of each property. */
  readonly runs: number;
}

interface Account extends Doc {
  readonly balance: number;
}

interface Note extends Doc {
  readonly day: string | null;
  readonly rank: number;
  readonly words?: readonly string[];
}

const ACCOUNTS: ViewSpec = { name: 'accounts', indexes: [['balance']] };
const NOTES: ViewSpec = { name: 'notes', indexes: [['rank'], ['day', 'rank'], ['words', 'rank']] };

export function viewStoreContract(
  name: string,
  open: (views: readonly ViewSpec[]) => Promise<OpenedViews>,
  { runs }: ContractOptions,
): void {
  describe(`${name} as a view store`, () => {
    let opened: OpenedViews;
    let store: ViewStore;
    beforeEach(async () => {
      opened = await open([ACCOUNTS, NOTES, THINGS]);
      store = opened.store;
    });
    afterEach(() => opened.close());

    const move = (from: number, next: number, partition = 0): Move => ({
      topic: 'accounts.state',
      partition,
      from,
      next,
    });
    const putAll = (view: string, docs: readonly Doc[]) => store.step([], (tx) => tx.put(view, docs));
    const idsOf = (docs: readonly Doc[]) => docs.map(({ _id }) => _id);

    describe('steps', () => {
      it('shows the documents and the position of an applied step', async () => {
        const outcome = await store.step([move(0, 7)], (tx) =>
          tx.put('accounts', [{ _id: 'a', balance: 5 } as Account]),
        );
        expect(outcome).toBe('applied');
        expect(await store.get<Account>('accounts', ['a', 'b'])).toEqual(new Map([['a', { _id: 'a', balance: 5 }]]));
        expect(await store.position('accounts.state', 0)).toBe(7);
        expect(await store.position('accounts.state', 1)).toBe(0);
        const places = [2, 0, 1].map((partition) => ({ topic: 'accounts.state', partition }));
        expect(await store.positions(places)).toEqual([0, 7, 0]);
      });

      it('refuses a step that is applied already, and changes nothing', async () => {
        const deposit = async (from: number, next: number) =>
          store.step([move(from, next)], async (tx) => {
            const balance = (await tx.get<Account>('accounts', ['a'])).get('a')?.balance ?? 0;
            await tx.put('accounts', [{ _id: 'a', balance: balance + 10 } as Account]);
          });
        expect(await deposit(0, 3)).toBe('applied');
        expect(await deposit(0, 3)).toBe('refused');
        expect((await store.get<Account>('accounts', ['a'])).get('a')?.balance).toBe(10);
        expect(await store.position('accounts.state', 0)).toBe(3);
        expect(await deposit(3, 4)).toBe('applied');
      });

      it('refuses a step of which any move starts elsewhere', async () => {
        await store.step([move(0, 2, 0)], async () => {});
        const run = vi.fn(async () => {});
        expect(await store.step([move(2, 3, 0), move(1, 3, 1)], run)).toBe('refused');
        expect(await store.step([move(0, 3, 0), move(0, 3, 1)], run)).toBe('refused');
        expect(run).not.toHaveBeenCalled();
        expect(await store.position('accounts.state', 0)).toBe(2);
        expect(await store.position('accounts.state', 1)).toBe(0);
        expect(await store.step([move(2, 3, 0), move(0, 3, 1)], run)).toBe('applied');
      });

      it('changes nothing when the step throws, and throws what it threw', async () => {
        await putAll('accounts', [{ _id: 'kept', balance: 1 } as Account]);
        const attempt = store.step([move(0, 1)], async (tx) => {
          await tx.put('accounts', [{ _id: 'a', balance: 5 } as Account]);
          await tx.remove('accounts', ['kept']);
          await tx.find('accounts', {});
          throw new RangeError('no');
        });
        await expect(attempt).rejects.toThrow(RangeError);
        expect(idsOf(await store.find('accounts', {}))).toEqual(['kept']);
        expect(await store.position('accounts.state', 0)).toBe(0);
        expect(await store.step([move(0, 1)], async () => {})).toBe('applied');
      });

      it('reads its own writes, by id and by filter', async () => {
        await putAll('accounts', [{ _id: 'a', balance: 1 } as Account, { _id: 'b', balance: 2 } as Account]);
        await store.step([], async (tx) => {
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
          expect((await store.get<Account>('accounts', ['a'])).get('a')?.balance).toBe(1);
        });
        expect(idsOf(await store.find('accounts', {}))).toEqual(['a', 'b', 'c']);
      });

      it('fills a page within a step although it removed or moved what was first', async () => {
        const stored = ['a', 'b', 'c', 'd'].map((_id, i): Account => ({ _id, balance: i }));
        await putAll('accounts', stored);
        await store.step([], async (tx) => {
          await tx.remove('accounts', ['a']);
          await tx.put('accounts', [{ _id: 'b', balance: 9 } as Account]);
          expect(idsOf(await tx.find('accounts', { sort: [['balance', 1]], limit: 1 }))).toEqual(['c']);
        });
      });

      it('allows reads in parallel within a step', async () => {
        await putAll('accounts', [{ _id: 'a', balance: 1 } as Account]);
        await putAll('notes', [{ _id: 'n', day: null, rank: 1 } as Note]);
        let sizes: readonly number[] = [];
        await store.step([], async (tx) => {
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
          Array.from({ length: 24 }, (_, i) => deposit(i % 2 === 0 ? store : opened.peer, i)),
        );
        expect(new Set(outcomes)).toEqual(new Set(['applied']));
        expect((await store.get<Account>('accounts', ['shared'])).get('shared')?.balance).toBe(24);
      });

      it('applies one of several steps from the same position', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, i) =>
            (i % 2 === 0 ? store : opened.peer).step([move(0, 5)], (tx) =>
              tx.put('accounts', [{ _id: `by-${i}`, balance: i } as Account]),
            ),
          ),
        );
        expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
        expect(await store.count('accounts', {})).toBe(1);
      });

      it('keeps a document as it was put, whatever is done to the objects', async () => {
        const words = ['one'];
        await putAll('notes', [{ _id: 'n', day: null, rank: 1, words } as Note]);
        words.push('two');
        const read = (await store.get<Note>('notes', ['n'])).get('n');
        expect(read?.words).toEqual(['one']);
        try {
          (read?.words as string[] | undefined)?.push('three');
        } catch {
          // A frozen array refuses, a copied one does not care.
        }
        expect((await store.get<Note>('notes', ['n'])).get('n')?.words).toEqual(['one']);
      });

      it('names the view that does not exist', async () => {
        await expect(store.find('nothing', {})).rejects.toThrow(/nothing/);
      });
    });

    describe('searches', () => {
      it('always answers as the reference does', { timeout: 120_000 }, async () => {
        await fc.assert(
          fc.asyncProperty(
            things,
            fc.array(fc.tuple(filters, sorts, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 4 }),
            async (docs, questions) => {
              await replaceThings(store, docs);
              for (const [filter, sort, limit] of questions) {
                const expected = referenceFind(docs, { filter, sort });
                expect(idsOf(await store.find('things', { filter, sort }))).toEqual(idsOf(expected));
                expect(await store.count('things', filter)).toBe(expected.length);
                expect(idsOf(await pagesOf(store, { filter, sort, limit }))).toEqual(idsOf(expected));
              }
            },
          ),
          { numRuns: runs },
        );
      });

      it('always goes on after any cursor as the reference does, also from a document that is gone', {
        timeout: 120_000,
      }, async () => {
        await fc.assert(
          fc.asyncProperty(things, things, filters, sorts, async (docs, gone, filter, sort) => {
            await replaceThings(store, docs);
            for (const doc of [...docs, ...gone]) {
              const after = referenceCursor(doc, sort);
              expect(cursorOf(doc, sort)).toEqual(after);
              const found = await store.find('things', { filter, sort, after, limit: 3 });
              expect(idsOf(found)).toEqual(idsOf(referenceFind(docs, { filter, sort, after, limit: 3 })));
            }
          }),
          { numRuns: Math.ceil(runs / 5) },
        );
      });

      it('always groups and adds up as the reference does', { timeout: 120_000 }, async () => {
        const by = fc.constantFrom('s', 'n', 'b', 'm', 'o.y', 'absent', null);
        await fc.assert(
          fc.asyncProperty(
            things,
            filters,
            by,
            fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
            fc.constantFrom('small', 'o.x', 's'),
            async (docs, filter, by, prefix, sum) => {
              await replaceThings(store, docs);
              const expected = referenceGroups(referenceFind(docs, { filter }), by, prefix, sum);
              const question = { filter, by, sums: [sum], ...(prefix === undefined ? {} : { prefix }) };
              expect(await store.groups('things', question)).toEqual(expected);
            },
          ),
          { numRuns: runs },
        );
      });

      it('gives back documents as they were put', { timeout: 120_000 }, async () => {
        await fc.assert(
          fc.asyncProperty(things, async (docs) => {
            await replaceThings(store, docs);
            const found = await store.get<Thing>('things', idsOf(docs));
            expect([...found.values()].sort(byId)).toEqual([...docs].sort(byId));
          }),
          { numRuns: Math.ceil(runs / 5) },
        );
      });

      it('limits to 1000 documents unless told otherwise', async () => {
        await putAll(
          'notes',
          Array.from({ length: 1100 }, (_, i): Note => ({ _id: `n${i}`, day: null, rank: i })),
        );
        expect(await store.find('notes', {})).toHaveLength(1000);
        expect(await store.find('notes', { limit: 1050 })).toHaveLength(1050);
        expect(await store.find('notes', { limit: 0 })).toEqual([]);
        expect(await store.count('notes', {})).toBe(1100);
      });

      it('finds words by their beginning, whatever characters they are made of', async () => {
        const words = ['grün', 'gr', 'a.b', 'axb', 'a*', '😀smile', 'Gr', '(x', '[', 'x|y', 'a-b', '^', '$', '\\', '/'];
        await putAll(
          'notes',
          words.map((word, i): Note => ({ _id: word, day: null, rank: i, words: ['other', word] })),
        );
        for (const text of [
          'g',
          'gr',
          'grü',
          'a.',
          'a*',
          '😀',
          '(',
          '[',
          'x|',
          'a-',
          '^',
          '$',
          '\\',
          '/',
          'oth',
          'zz',
        ]) {
          const found = idsOf(await store.find('notes', { filter: { words: startsWith(text) }, sort: [['rank', 1]] }));
          expect(found).toEqual(words.filter((word) => word.startsWith(text) || 'other'.startsWith(text)));
        }
      });

      it('keeps pages right while documents are added and removed', async () => {
        const sort: Sort = [['rank', -1]];
        const original = Array.from({ length: 60 }, (_, i): Note => ({ _id: `n${i}`, day: 'd', rank: i % 7 }));
        await putAll('notes', original);
        const seen: string[] = [];
        let after: Cursor | undefined;
        for (let round = 0; ; round++) {
          const page = await store.find<Note>('notes', {
            filter: { day: 'd' },
            sort,
            limit: 10,
            ...(after === undefined ? {} : { after }),
          });
          const last = page.at(-1);
          if (last === undefined) break;
          seen.push(...idsOf(page));
          after = cursorOf(last, sort);
          await putAll(
            'notes',
            [0, 3, 6].map((rank): Note => ({ _id: `new-${round}-${rank}`, day: 'd', rank })),
          );
          await store.step([], (tx) => tx.remove('notes', [last._id]));
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(original.every(({ _id }) => seen.includes(_id))).toBe(true);
      });

      it('refuses a cursor of another sort', async () => {
        const attempt = store.find('notes', { sort: [['rank', 1]], after: ['n1'] });
        await expect(attempt).rejects.toThrow(/another sort/);
      });

      it('adds up exactly, however large the sum', async () => {
        const large = [5_000_000_000_000_001, Number.MAX_SAFE_INTEGER, -3];
        const docs = Array.from({ length: 3000 }, (_, at) => ({
          _id: `n${at}`,
          day: at % 2 === 0 ? 'even' : 'odd',
          rank: large[at % large.length] ?? 0,
        }));
        await store.step([move(0, 1)], async (tx) => await tx.put('notes', docs));
        const sumOf = (some: typeof docs) => some.reduce((sum, { rank }) => sum + BigInt(rank), 0n);
        expect(await store.groups('notes', { by: null, sums: ['rank'] })).toEqual([
          { key: null, count: 3000, sums: { rank: sumOf(docs) } },
        ]);
        expect(await store.groups('notes', { by: 'day', sums: ['rank'] })).toEqual([
          { key: 'even', count: 1500, sums: { rank: sumOf(docs.filter(({ day }) => day === 'even')) } },
          { key: 'odd', count: 1500, sums: { rank: sumOf(docs.filter(({ day }) => day === 'odd')) } },
        ]);
      });

      it('sorts and compares exact integers as numbers', async () => {
        const sums = [0n, -1n, 9n, 10n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n, -(2n ** 64n), 10n ** 40n];
        const docs = sums.map((sum, at) => ({ _id: `n${at}`, rank: at, day: exactInteger(sum) }));
        await store.step([move(0, 1)], async (tx) => await tx.put('notes', docs));
        const found = await store.find<Note>('notes', { sort: [['day', 1]] });
        const ascending = [...sums].sort((a, b) => (a < b ? -1 : 1));
        expect(found.map(({ rank }) => sums[rank])).toEqual(ascending);
        const above = await store.find<Note>('notes', {
          filter: { day: { $gt: exactInteger(2n ** 53n) } },
          sort: [['day', -1]],
        });
        expect(above.map(({ rank }) => sums[rank])).toEqual([10n ** 40n, 2n ** 64n, 2n ** 53n + 1n]);
      });

      it('groups dates by day, in order', async () => {
        const days = ['2024-03-01T10:00:00Z', '2024-03-01T11:00:00Z', '2024-02-28T23:59:59Z', null];
        await putAll(
          'notes',
          days.map((day, i): Note => ({ _id: `n${i}`, day, rank: i + 1 })),
        );
        expect(await store.groups('notes', { by: 'day', prefix: 10, sums: ['rank'] })).toEqual([
          { key: null, count: 1, sums: { rank: 4n } },
          { key: '2024-02-28', count: 1, sums: { rank: 3n } },
          { key: '2024-03-01', count: 2, sums: { rank: 3n } },
        ]);
        expect(await store.groups('notes', { by: null, sums: ['rank'], filter: { rank: { $gt: 1 } } })).toEqual([
          { key: null, count: 3, sums: { rank: 9n } },
        ]);
        expect(await store.groups('notes', { by: null, sums: ['rank'], filter: { rank: 99 } })).toEqual([]);
      });
    });

    describe('watching', () => {
      it('tells every change after it resolved, per document in order, and none from before', async () => {
        await putAll('notes', [{ _id: 'old', day: null, rank: 0 } as Note]);
        const changes: Change[] = [];
        const stop = await store.watch(['notes'], (change) => changes.push(change));
        for (let rank = 1; rank <= 5; rank++) await putAll('notes', [{ _id: 'n', day: null, rank } as Note]);
        await putAll('accounts', [{ _id: 'not watched', balance: 1 } as Account]);
        await store.step([], (tx) => tx.remove('notes', ['n', 'never was']));
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
        await store.watch(['accounts'], (change) =>
          seen.push(store.get('accounts', [change.id]).then((found) => [...found.values()])),
        );
        await opened.peer.watch(['notes', 'accounts'], (change) => others.push(change));
        await putAll('accounts', [{ _id: 'a', balance: 3 } as Account]);
        await vi.waitFor(() => expect([seen.length, others.length]).toEqual([1, 1]), { timeout: 10_000 });
        expect(await seen[0]).toEqual([{ _id: 'a', balance: 3 }]);
      });

      it('tells nothing of a step that threw, nor after watching was stopped', async () => {
        const stopped: Change[] = [];
        const changes: Change[] = [];
        const stop = await store.watch(['notes'], (change) => stopped.push(change));
        await store.watch(['notes'], (change) => changes.push(change));
        await stop();
        const failing = store.step([], async (tx) => {
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

    it('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}

function byId(a: Doc, b: Doc): number {
  return a._id < b._id ? -1 : 1;
}

export async function replaceThings(store: ViewStore, docs: readonly Thing[]): Promise<void> {
  await store.step([], async (tx) => {
    const old = await tx.find('things', {});
    await tx.remove(
      'things',
      old.map(({ _id }) => _id),
    );
    await tx.put('things', docs);
  });
}

async function pagesOf(store: ViewStore, find: { filter: Filter; sort: Sort; limit: number }): Promise<readonly Doc[]> {
  const all: Doc[] = [];
  for (let after: Cursor | undefined; ; ) {
    const page = await store.find('things', { ...find, ...(after === undefined ? {} : { after }) });
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined) return all;
    after = cursorOf(last, find.sort);
  }
}
