/** The check of the views: documents that the states make pass, and any other is told of. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditedViews, auditViews, type ViewAuditResult } from '../audit/audit-views.ts';
import type { Difference } from '../audit/difference.ts';
import { viewsInStore } from '../audit/live-views.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { projectors } from '../projectors/index.ts';
import { ViewFeed } from '../projectors/view-feed.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';
import { type Books, keptBooks } from './audit.books.ts';

let books: Books;
beforeEach(() => {
  books = keptBooks();
});

describe('views', () => {
  let live: ViewStore;
  beforeEach(async () => {
    live = openTemporaryViews({ views: viewSpecs });
    await catchUp();
  });

  async function catchUp(): Promise<void> {
    await new ViewFeed({ log: books.log(), views: live, projectors }).advance();
  }

  async function audit(more: { readonly stillMs?: number; readonly patienceMs?: number } = {}) {
    const found: Difference[] = [];
    const result: ViewAuditResult = await auditViews({
      log: books.log(),
      live: viewsInStore(live, books.log()),
      fresh: openTemporaryViews({ views: auditedViews }),
      projectors,
      report: (difference) => found.push(difference),
      stillMs: 100,
      patienceMs: 2000,
      ...more,
    });
    return { found, result };
  }

  async function falsify(view: string, id: string, change: (doc: Doc) => Doc | null): Promise<void> {
    const doc = (await live.get(view, [id])).get(id);
    if (doc === undefined) throw new Error(`${view} holds no ${id}`);
    await live.step([], async (tx) => {
      const changed = change(doc);
      if (changed === null) await tx.remove(view, [id]);
      else await tx.put(view, [changed]);
    });
  }

  it('are right as the projectors write them', async () => {
    const { found, result } = await audit();
    expect(found).toEqual([]);
    expect(result).toMatchObject({ unsettled: 0, behind: 0 });
    expect(result.documents).toBeGreaterThan(9);
  });

  it.each([
    ['customers', 'ada', 'totalSpent', 1],
    ['products', 'tea', 'customerCount', 7],
    ['purchases', 'p1', 'customerName', 'Eve'],
    ['product_customers', 'tea/ada', 'count', 2],
  ])('tell of a document of %s that is not the projection of the states', async (view, id, field, value) => {
    await falsify(view, id, (doc) => ({ ...doc, [field]: value }));
    const { found } = await audit();
    expect(found).toEqual([
      expect.objectContaining({
        check: 'views',
        id: `${view}/${id}`,
        partition: 0,
        offset: expect.any(Number),
        found: expect.objectContaining({ [field]: value }),
        expected: expect.not.objectContaining({ [field]: value }),
      }),
    ]);
  });

  it('tell of a document that is missing, and of one that nothing on the log is behind', async () => {
    await falsify('purchases', 'p1', () => null);
    await live.step([], async (tx) => await tx.put('customers', [{ _id: 'ghost' }]));
    const { found } = await audit();
    expect(found).toContainEqual(expect.objectContaining({ id: 'purchases/p1', found: null }));
    expect(found).toContainEqual(expect.objectContaining({ id: 'customers/ghost', expected: null, partition: -1 }));
    expect(found).toHaveLength(2);
  });

  it('are compared as far as they are; what they have yet to take in is no difference', async () => {
    const { length } = books.records('purchases.state');
    books.command('purchases', 'placePurchase', 'p6', {
      customerId: 'ada',
      lines: [{ productId: 'tea', quantity: 1 }],
    });
    const { found, result } = await audit({ patienceMs: 400 });
    expect(found).toEqual([]);
    expect(result.behind).toBeGreaterThan(0);
    expect(books.records('purchases.state').length).toBeGreaterThan(length);
  });
});
