/** Embedded views that are filled from nothing: their indexes are made at the end, or when a step needs them, and nobody can tell. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Database } from '../views/embedded/database.ts';
import { openEmbeddedViews } from '../views/embedded/embedded-views.ts';
import type { EmbeddedViewStore } from '../views/embedded/sqlite-view-store.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import {
  filters,
  idsOf,
  referenceFind,
  referenceGroups,
  sorts,
  THINGS,
  type Thing,
  things,
} from './view-contract/reference.ts';

/** These are put, and so many of the earlier ones removed; it may search, and may fail at its end. */
interface FillingStep {
  readonly docs: readonly Thing[];
  readonly removed: number;
  readonly search: Filter | undefined;
  readonly fails: boolean;
  /** Before it the views are closed and opened again, as by a restart. */
  readonly reopened: boolean;
}

const rarely = fc.nat({ max: 5 }).map((one) => one === 0);
const step: fc.Arbitrary<FillingStep> = fc.record({
  docs: things,
  removed: fc.nat({ max: 3 }),
  search: fc.option(filters, { nil: undefined, freq: 2 }),
  fails: rarely,
  reopened: rarely,
});
const steps = fc.array(step, { minLength: 1, maxLength: 5 });
const questions = fc.array(fc.tuple(filters, sorts), { minLength: 1, maxLength: 3 });
const REASON = 'they are filled in';
const FAILURE = new Error('the step fails');

/** Views that are being filled, until the test ends; `reopen` closes them and opens them again. */
async function fillingViews() {
  const dir = await mkdtemp(join(tmpdir(), 'views-'));
  const open = () => openEmbeddedViews({ dir, views: [THINGS], shape: 'one' });
  let store = await open();
  onTestFinished(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });
  await store.filling(REASON);
  const reopen = async () => {
    await store.close();
    store = await open();
    return store;
  };
  return { dir, store, reopen };
}

async function make(store: EmbeddedViewStore, docs: ReadonlyMap<string, Thing>, made: FillingStep) {
  const next = new Map(docs);
  const removed = [...next.keys()].slice(0, made.removed);
  for (const id of removed) next.delete(id);
  for (const doc of made.docs) next.set(doc._id, doc);
  const run = store.step([], async (tx) => {
    await tx.remove('things', removed);
    await tx.put('things', made.docs);
    if (made.search !== undefined) {
      const found = await tx.find('things', { filter: made.search });
      expect(idsOf(found)).toEqual(idsOf(referenceFind([...next.values()], { filter: made.search })));
    }
    if (made.fails) throw FAILURE;
  });
  if (!made.fails) {
    expect(await run).toBe('applied');
    return next;
  }
  await expect(run).rejects.toBe(FAILURE);
  return docs;
}

async function expectAnswers(
  store: EmbeddedViewStore,
  docs: readonly Thing[],
  asked: readonly (readonly [Filter, Sort])[],
) {
  for (const [filter, sort] of asked) {
    const expected = referenceFind(docs, { filter, sort });
    expect(idsOf(await store.find('things', { filter, sort }))).toEqual(idsOf(expected));
    expect(await store.count('things', filter)).toBe(expected.length);
    const groups = await store.groups('things', { filter, by: 's', sums: ['small'] });
    expect(groups).toEqual(referenceGroups(expected, 's', undefined, 'small'));
  }
}

describe('embedded views that are filled from nothing', () => {
  it('always answer as the reference does, to steps meanwhile and to everyone afterwards', {
    timeout: 120_000,
  }, async () => {
    const opened = await fillingViews();
    let { store } = opened;
    await fc.assert(
      fc.asyncProperty(steps, questions, async (all, asked) => {
        await store.rebuild();
        await store.filling(REASON);
        let docs: ReadonlyMap<string, Thing> = new Map();
        for (const made of all) {
          if (made.reopened) store = await opened.reopen();
          docs = await make(store, docs, made);
        }
        await expect(store.find('things', {})).rejects.toThrow(REASON);
        expect(await store.filled([])).toBe(true);
        await expectAnswers(store, [...docs.values()], asked);
        // What was made late is kept up from then on.
        const [first, ...others] = docs.values();
        if (first !== undefined) await store.step([], (tx) => tx.remove('things', [first._id]));
        await expectAnswers(store, others, asked);
      }),
      { numRuns: 40 },
    );
  });

  it('make an index again that was made in a step which failed', async () => {
    const { store } = await fillingViews();
    const put = (_id: string, n: number) => store.step([], (tx) => tx.put('things', [{ _id, n } as Thing]));
    await put('a', 1);
    const failing = store.step([], async (tx) => {
      expect(idsOf(await tx.find('things', { filter: { n: 1 } }))).toEqual(['a']);
      throw FAILURE;
    });
    await expect(failing).rejects.toBe(FAILURE);
    await put('b', 2);
    expect(await store.filled([])).toBe(true);
    expect(idsOf(await store.find('things', { filter: { n: { $gt: 0 } } }))).toEqual(['a', 'b']);
  });

  it('are not called filled when they are wiped while their indexes are made', async () => {
    const { store } = await fillingViews();
    const place = { topic: 'things.state', partition: 0 };
    await store.step([{ ...place, from: 0, next: 1 }], (tx) => tx.put('things', [{ _id: 'a' }]));
    const [filled] = await Promise.all([store.filled([{ ...place, offset: 1 }]), store.rebuild()]);
    expect(filled).toBe(false);
    await expect(store.find('things', {})).rejects.toThrow(/being built from the log/);
  });

  it('are wiped by a version that does not know of indexes to be made, and by none once they are made', async () => {
    const { dir, store, reopen } = await fillingViews();
    await store.step([], (tx) => tx.put('things', [{ _id: 'a', n: 1 } as Thing]));
    const told = () => {
      const db = new Database(join(dir, 'views.db'));
      const [value] = db.first("SELECT value FROM meta WHERE name = 'fit'") ?? [];
      db.close();
      return String(value);
    };
    // An earlier version compares the whole text with its own.
    const meanwhile = told();
    expect(await store.filled([])).toBe(true);
    expect(meanwhile).toBe(`${told()} unindexed`);
    const again = await reopen();
    expect(idsOf(await again.find('things', { filter: { n: 1 } }))).toEqual(['a']);
  });
});
