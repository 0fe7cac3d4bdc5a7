/** Searches: filters, sorts, pages, counts and groups answer as the reference does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactInteger } from '../../views/exact-integer.ts';
import { cursorOf } from '../../views/keyset.ts';
import { startsWith } from '../../views/prefix.ts';
import type { Cursor, Doc, Filter, Sort, ViewStore } from '../../views/view-store.ts';
import {
  filters,
  ranges,
  referenceCursor,
  referenceFind,
  referenceGroups,
  sorts,
  type Thing,
  things,
} from './reference.ts';
import { type Note, replaceThings, type ViewsUnderTest } from './under-test.ts';

export function searchesContract(suite: ViewsUnderTest): void {
  const { move, putAll, idsOf, runs } = suite;
  describe('searches', () => {
    it('always answers as the reference does', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          things,
          fc.array(fc.tuple(filters, sorts, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 4 }),
          async (docs, questions) => {
            await replaceThings(suite.store, docs);
            for (const [filter, sort, limit] of questions) {
              const expected = referenceFind(docs, { filter, sort });
              expect(idsOf(await suite.store.find('things', { filter, sort }))).toEqual(idsOf(expected));
              expect(await suite.store.count('things', filter)).toBe(expected.length);
              expect(idsOf(await pagesOf(suite.store, { filter, sort, limit }))).toEqual(idsOf(expected));
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
          await replaceThings(suite.store, docs);
          for (const doc of [...docs, ...gone]) {
            const after = referenceCursor(doc, sort);
            expect(cursorOf(doc, sort)).toEqual(after);
            const found = await suite.store.find('things', { filter, sort, after, limit: 3 });
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
            await replaceThings(suite.store, docs);
            const expected = referenceGroups(referenceFind(docs, { filter }), by, prefix, sum);
            const question = { filter, by, sums: [sum], ...(prefix === undefined ? {} : { prefix }) };
            expect(await suite.store.groups('things', question)).toEqual(expected);
          },
        ),
        { numRuns: runs },
      );
    });

    it('always counts and adds up ranges of a text as the reference does', { timeout: 120_000 }, async () => {
      const by = fc.constantFrom('s', 'b', null);
      const prefixes = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
      await fc.assert(
        fc.asyncProperty(
          things,
          fc.array(fc.tuple(ranges, by, prefixes), { minLength: 1, maxLength: 4 }),
          async (docs, questions) => {
            await replaceThings(suite.store, docs);
            for (const [filter, by, prefix] of questions) {
              const found = referenceFind(docs, { filter });
              expect(await suite.store.count('things', filter)).toBe(found.length);
              const question = { filter, by, sums: ['small'], ...(prefix === undefined ? {} : { prefix }) };
              expect(await suite.store.groups('things', question)).toEqual(referenceGroups(found, by, prefix, 'small'));
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it('gives back documents as they were put', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(things, async (docs) => {
          await replaceThings(suite.store, docs);
          const found = await suite.store.get<Thing>('things', idsOf(docs));
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
      expect(await suite.store.find('notes', {})).toHaveLength(1000);
      expect(await suite.store.find('notes', { limit: 1050 })).toHaveLength(1050);
      expect(await suite.store.find('notes', { limit: 0 })).toEqual([]);
      expect(await suite.store.count('notes', {})).toBe(1100);
    });

    it('finds words by their beginning, whatever characters they are made of', async () => {
      const words = ['grün', 'gr', 'a.b', 'axb', 'a*', '😀smile', 'Gr', '(x', '[', 'x|y', 'a-b', '^', '$', '\\', '/'];
      await putAll(
        'notes',
        words.map((word, i): Note => ({ _id: word, day: null, rank: i, words: ['other', word] })),
      );
      for (const text of ['g', 'gr', 'grü', 'a.', 'a*', '😀', '(', '[', 'x|', 'a-', '^', '$', '\\', '/', 'oth', 'zz']) {
        const found = idsOf(
          await suite.store.find('notes', { filter: { words: startsWith(text) }, sort: [['rank', 1]] }),
        );
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
        const page = await suite.store.find<Note>('notes', {
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
        await suite.store.step([], (tx) => tx.remove('notes', [last._id]));
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(original.every(({ _id }) => seen.includes(_id))).toBe(true);
    });

    it('refuses a cursor of another sort', async () => {
      const attempt = suite.store.find('notes', { sort: [['rank', 1]], after: ['n1'] });
      await expect(attempt).rejects.toThrow(/another sort/);
    });

    it('adds up exactly, however large the sum', async () => {
      const large = [5_000_000_000_000_001, Number.MAX_SAFE_INTEGER, -3];
      const docs = Array.from({ length: 3000 }, (_, at) => ({
        _id: `n${at}`,
        day: at % 2 === 0 ? 'even' : 'odd',
        rank: large[at % large.length] ?? 0,
      }));
      await suite.store.step([move(0, 1)], async (tx) => await tx.put('notes', docs));
      const sumOf = (some: typeof docs) => some.reduce((sum, { rank }) => sum + BigInt(rank), 0n);
      expect(await suite.store.groups('notes', { by: null, sums: ['rank'] })).toEqual([
        { key: null, count: 3000, sums: { rank: sumOf(docs) } },
      ]);
      expect(await suite.store.groups('notes', { by: 'day', sums: ['rank'] })).toEqual([
        { key: 'even', count: 1500, sums: { rank: sumOf(docs.filter(({ day }) => day === 'even')) } },
        { key: 'odd', count: 1500, sums: { rank: sumOf(docs.filter(({ day }) => day === 'odd')) } },
      ]);
    });

    it('sorts and compares exact integers as numbers', async () => {
      const sums = [0n, -1n, 9n, 10n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n, -(2n ** 64n), 10n ** 40n];
      const docs = sums.map((sum, at) => ({ _id: `n${at}`, rank: at, day: exactInteger(sum) }));
      await suite.store.step([move(0, 1)], async (tx) => await tx.put('notes', docs));
      const found = await suite.store.find<Note>('notes', { sort: [['day', 1]] });
      const ascending = [...sums].sort((a, b) => (a < b ? -1 : 1));
      expect(found.map(({ rank }) => sums[rank])).toEqual(ascending);
      const above = await suite.store.find<Note>('notes', {
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
      expect(await suite.store.groups('notes', { by: 'day', prefix: 10, sums: ['rank'] })).toEqual([
        { key: null, count: 1, sums: { rank: 4n } },
        { key: '2024-02-28', count: 1, sums: { rank: 3n } },
        { key: '2024-03-01', count: 2, sums: { rank: 3n } },
      ]);
      expect(await suite.store.groups('notes', { by: null, sums: ['rank'], filter: { rank: { $gt: 1 } } })).toEqual([
        { key: null, count: 3, sums: { rank: 9n } },
      ]);
      expect(await suite.store.groups('notes', { by: null, sums: ['rank'], filter: { rank: 99 } })).toEqual([]);
    });
  });
}

function byId(a: Doc, b: Doc): number {
  return a._id < b._id ? -1 : 1;
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
