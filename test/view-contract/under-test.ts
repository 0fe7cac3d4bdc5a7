/** What the contract's tests share: the views of the engine under test, opened anew for each test, and what stands in them. */
import { afterEach, beforeEach } from 'vitest';
import type { Doc, Move, ViewSpec, ViewStore } from '../../views/view-store.ts';
import { idsOf, THINGS, type Thing } from './reference.ts';

export interface OpenedViews {
  readonly store: ViewStore;
  /** The same views as another process sees them; for an engine of one process, the store itself. */
  readonly peer: ViewStore;
  close(): Promise<void>;
}

export type OpenViews = (views: readonly ViewSpec[]) => Promise<OpenedViews>;

export interface Account extends Doc {
  readonly balance: number;
}

export interface Note extends Doc {
  readonly day: string | null;
  readonly rank: number;
  readonly words?: readonly string[];
}

const ACCOUNTS: ViewSpec = { name: 'accounts', indexes: [['balance']] };
const NOTES: ViewSpec = {
  name: 'notes',
  indexes: [['rank'], ['day', 'rank'], ['words', 'rank']],
  lists: ['words'],
  totals: { by: [['day', 10]], sums: ['rank'] },
};

export interface ViewsUnderTest {
  readonly store: ViewStore;
  readonly peer: ViewStore;
  /** Cases of each property. */
  readonly runs: number;
  /** A move of the position in a partition that the accounts are made of. */
  move(from: number, next: number, partition?: number): Move;
  putAll(view: string, docs: readonly Doc[]): Promise<unknown>;
  idsOf(docs: readonly Doc[]): readonly string[];
}

/** To be called in a suite: opens the views before each of its tests, and closes them after it. */
export function viewsUnderTest(open: OpenViews, runs: number): ViewsUnderTest {
  let opened: OpenedViews;
  beforeEach(async () => {
    opened = await open([ACCOUNTS, NOTES, THINGS]);
  });
  afterEach(() => opened.close());
  return {
    get store() {
      return opened.store;
    },
    get peer() {
      return opened.peer;
    },
    runs,
    move: (from, next, partition = 0) => ({ topic: 'accounts.state', partition, from, next }),
    putAll: (view, docs) => opened.store.step([], (tx) => tx.put(view, docs)),
    idsOf,
  };
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
