/** Every way in which the embedded engine may search gives what the reference gives; and what it keeps is what a count gives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../views/embedded/database.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { findIn } from '../views/embedded/find.ts';
import { type FolderOptions, layoutsOf, wipeFolder } from '../views/embedded/folder.ts';
import type { Effort } from '../views/embedded/leads.ts';
import { StoredView } from '../views/embedded/stored-view.ts';
import { Unindexed } from '../views/embedded/unindexed.ts';
import { startsWith } from '../views/prefix.ts';
import type { Find, Sort } from '../views/view-store.ts';
import {
  filters,
  idsOf,
  referenceCursor,
  referenceFind,
  referenceGroups,
  sorts,
  THINGS,
  type Thing,
  things,
} from './view-contract/reference.ts';

/** A view in a database of this thread alone, with these documents. */
function viewOf(): { readonly db: Database; fill(docs: readonly Thing[]): StoredView } {
  const dir = mkdtempSync(join(tmpdir(), 'views-'));
  const options: FolderOptions = { dir, views: [THINGS], shape: '', temporary: true };
  const db = wipeFolder(options);
  onTestFinished(() => {
    db.close();
    rmSync(dir, { recursive: true });
  });
  const [layout] = layoutsOf(options.views).values();
  if (layout === undefined) throw new Error('there is no view');
  const view = new StoredView(db, layout, new Unindexed(db, options));
  let before: readonly Thing[] = [];
  return {
    db,
    fill(docs) {
      for (const { _id } of before) view.remove(_id);
      for (const doc of docs) view.put(JSON.stringify(doc));
      before = docs;
      return view;
    },
  };
}

/** From one that gives up at once to one that always goes on, so that each way is taken with few documents. */
const efforts: fc.Arbitrary<Effort> = fc.record({
  enough: fc.constantFrom(1, 2, 3, 1000),
  patience: fc.constantFrom(1, 2, 5, 1000),
});

describe('a search in embedded views', { timeout: 120_000 }, () => {
  it('always finds what the reference finds, whichever way it takes', async () => {
    const { db, fill } = viewOf();
    fc.assert(
      fc.property(
        things,
        filters,
        sorts,
        efforts,
        fc.integer({ min: 1, max: 4 }),
        (docs, filter, sort, effort, limit) => {
          const { layout } = fill(docs);
          let find: Find = { filter, sort, limit };
          for (const at of [0, 1, 2]) {
            const expected = referenceFind(docs, find);
            expect([at, ...idsOf(findIn(db, layout, find, effort).map((json) => JSON.parse(json)))]).toEqual([
              at,
              ...idsOf(expected),
            ]);
            const last = expected.at(-1);
            if (last === undefined) break;
            find = { ...find, after: referenceCursor(last, sort) };
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('always finds words by their beginning in any order, also when several of a document begin so', () => {
    const { db, fill } = viewOf();
    const word = fc.stringMatching(/^[ab]{1,3}$/);
    const doc = fc.record({
      n: fc.integer({ min: 0, max: 3 }),
      tags: fc.array(word, { maxLength: 4 }),
      b: fc.boolean(),
    });
    const docs = fc.array(doc, { maxLength: 30 }).map((all) => all.map((one, i): Thing => ({ ...one, _id: `d${i}` })));
    const sort = fc.constantFrom<Sort>(
      [['n', 1]],
      [['n', -1]],
      [['_id', 1]],
      [['s', -1]],
      [
        ['n', 1],
        ['_id', -1],
      ],
    );
    fc.assert(
      fc.property(
        docs,
        fc.array(word, { minLength: 1, maxLength: 2 }),
        sort,
        efforts,
        fc.boolean(),
        (all, texts, order, effort, more) => {
          const { layout } = fill(all);
          const filter = {
            $and: [...texts.map((text) => ({ tags: startsWith(text) })), ...(more ? [{ b: true }] : [])],
          };
          for (const limit of [1, 5, 50]) {
            const find = { filter, sort: order, limit };
            const found = findIn(db, layout, find, effort).map((json) => JSON.parse(json));
            expect(idsOf(found)).toEqual(idsOf(referenceFind(all, find)));
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('the totals that embedded views keep', { timeout: 120_000 }, () => {
  it('are always what a count of the documents gives, after steps that were applied and steps that failed', async () => {
    const views = openTemporaryViews({ views: [THINGS] });
    const kept = new Map<string, Thing>();
    const step = fc.record({ put: things, remove: things, fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(step, async ({ put, remove, fails }) => {
        const applied = views.step([], async (tx) => {
          await tx.put('things', put);
          await tx.remove('things', idsOf(remove));
          if (fails) throw new RangeError('no');
        });
        if (fails) await expect(applied).rejects.toThrow('no');
        else {
          await applied;
          for (const doc of put) kept.set(doc._id, doc);
          for (const { _id } of remove) kept.delete(_id);
        }
        const docs = [...kept.values()];
        expect(await views.count('things', {})).toBe(docs.length);
        expect(await views.count('things', { b: true })).toBe(docs.filter(({ b }) => b === true).length);
        expect(await views.groups('things', { by: 'b', sums: ['small'] })).toEqual(
          referenceGroups(docs, 'b', undefined, 'small'),
        );
        expect(await views.groups('things', { by: 's', prefix: 1, sums: ['small'] })).toEqual(
          referenceGroups(docs, 's', 1, 'small'),
        );
      }),
      { numRuns: 300 },
    );
    await views.close();
  });
});
