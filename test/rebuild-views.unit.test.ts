/** A rebuild that lacks something does not take the place of views that have it. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CUSTOMERS, viewSpecs } from '../projectors/documents.ts';
import { projectors } from '../projectors/index.ts';
import { type NextViews, RecordsPassedOver, rebuildViews } from '../projectors/rebuild-views.ts';
import { NOTHING } from '../records/state-record.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { type Books, keptBooks } from './audit.books.ts';

let books: Books;
let next: NextViews;
beforeEach(() => {
  books = keptBooks();
  next = {
    ...{ outcome: 'opened', generation: 2 },
    views: openTemporaryViews({ views: viewSpecs }),
    lost: new AbortController().signal,
    switchOver: vi.fn(async () => undefined),
    abandon: vi.fn(async () => undefined),
    close: vi.fn(async () => undefined),
  };
});

const rebuild = (acceptUnreadable = false) =>
  rebuildViews({ log: books.log(), open: async () => next, projectors, acceptUnreadable });

/** Makes the newest state of ada unreadable. */
function falsifyAda(): void {
  const newest = books.records('customers.state').findLast(({ key }) => key === 'ada');
  books.falsify('customers.state', (record) => (record === newest ? { ...record, value: Buffer.from('?') } : record));
}

describe('a rebuild of the views', () => {
  it('takes the place of the live ones when it has read all there is', async () => {
    expect(await rebuild()).toMatchObject({ outcome: 'switched', generation: 2 });
    expect(next.switchOver).toHaveBeenCalledOnce();
    expect(next.abandon).not.toHaveBeenCalled();
    expect(next.close).toHaveBeenCalledOnce();
    expect(await next.views.count(CUSTOMERS, { version: { $gt: 0 } })).toBe(2);
  });

  it('does not, and says which, when a record cannot be read', async () => {
    falsifyAda();
    const failed = await rebuild().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RecordsPassedOver);
    expect(String(failed)).toMatch(/customers\.state\/0@\d+ .*--accept-unreadable/);
    expect(next.switchOver).not.toHaveBeenCalled();
    expect(next.abandon).toHaveBeenCalledOnce();
    expect(next.close).toHaveBeenCalledOnce();
  });

  it('tells how far it has read, of all there is', async () => {
    const onRead = vi.fn();
    await rebuildViews({ log: books.log(), open: async () => next, projectors, onRead });
    const [done, total] = onRead.mock.lastCall ?? [];
    expect(done).toBeGreaterThan(0);
    expect(done).toBe(total);
  });

  it('is left to another process that is at it already', async () => {
    const busy = { outcome: 'busy', owner: 'another', expiresAt: new Date(0) } as const;
    const log = books.log();
    const ends = vi.spyOn(log, 'ends');
    expect(await rebuildViews({ log, open: async () => busy, projectors })).toEqual(busy);
    expect(ends).not.toHaveBeenCalled();
  });

  it('does when that is accepted', async () => {
    falsifyAda();
    await rebuild(true);
    expect(next.switchOver).toHaveBeenCalledOnce();
  });

  it('does when a later record of the same key, or its tombstone, makes up for it', async () => {
    for (const nothing of [false, true]) {
      books = keptBooks();
      const ada = books.records('customers.state').findLast(({ key }) => key === 'ada');
      falsifyAda();
      const states = books.records('customers.state');
      const offset = (states.at(-1)?.offset ?? 0) + 1;
      const tombstone = { value: null, headers: { ce_type: NOTHING } };
      if (ada) states.push({ ...ada, ...(nothing ? tombstone : {}), offset });
      await rebuild();
      expect(next.switchOver).toHaveBeenCalled();
      vi.mocked(next.switchOver).mockClear();
      next = { ...next, views: openTemporaryViews({ views: viewSpecs }) };
    }
  });
});
