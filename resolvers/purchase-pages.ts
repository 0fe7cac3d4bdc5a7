/** The purchases of many customers or products, a page each: read together where one look at the view is enough. */
import DataLoader from 'dataloader';
import { PURCHASES, type PurchaseDoc } from '../projectors/documents.ts';
import type { Filter, Sort, ViewStore } from '../views/view-store.ts';
import { findOf, type Page, type PageArgs, type PageQuery, pageOf, pageQuery, readPage } from './connection.ts';

/** `of` the purchases of one customer or product, those that match `filter`, in the order of `sort`. */
export interface PurchasePageKey {
  readonly of: 'customerId' | 'lines.productId';
  readonly id: string;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly args: PageArgs;
}

export type PurchasePageLoader = DataLoader<PurchasePageKey, Page<PurchaseDoc>, string>;

/** Most documents read at once for a group of pages; what they leave open is read page by page. */
const TOGETHER = 2000;

function queryOf({ of, id, filter, sort, args }: PurchasePageKey): PageQuery {
  return pageQuery(PURCHASES, { $and: [{ [of]: id }, filter] }, sort, args);
}

export function createPurchasePageLoader(
  views: ViewStore,
  batchScheduleFn: (dispatch: () => void) => void,
): PurchasePageLoader {
  return new DataLoader<PurchasePageKey, Page<PurchaseDoc>, string>(
    async (keys) => {
      const groups = new Map<string, PurchasePageKey[]>();
      for (const key of keys) {
        const alike = JSON.stringify([key.of, key.filter, key.sort, key.args]);
        groups.set(alike, [...(groups.get(alike) ?? []), key]);
      }
      const pages = new Map<PurchasePageKey, Promise<Page<PurchaseDoc>>>();
      for (const group of groups.values()) {
        const together = group.length > 1 && !group[0]?.args.after ? readTogether(views, group) : undefined;
        for (const key of group) {
          const page = together?.then((read) => read.get(key) ?? readPage<PurchaseDoc>(views, queryOf(key)));
          pages.set(key, page ?? readPage<PurchaseDoc>(views, queryOf(key)));
        }
      }
      return await Promise.all(keys.map((key) => pages.get(key) as Promise<Page<PurchaseDoc>>));
    },
    { cacheKeyFn: (key) => JSON.stringify(key), batchScheduleFn },
  );
}

/** The pages that one read of the view settles: all of them when it came to its end, else those it filled. */
async function readTogether(
  views: ViewStore,
  group: readonly PurchasePageKey[],
): Promise<ReadonlyMap<PurchasePageKey, Page<PurchaseDoc>>> {
  const [any] = group;
  const pages = new Map<PurchasePageKey, Page<PurchaseDoc>>();
  if (any === undefined) return pages;
  const { of, sort } = any;
  const filter: Filter = { $and: [{ [of]: { $in: group.map(({ id }) => id) } }, any.filter] };
  const found = await views.find<PurchaseDoc>(PURCHASES, { filter, sort, limit: TOGETHER });
  const totals = of === 'customerId' ? await views.groups(PURCHASES, { filter, by: of, sums: ['total'] }) : undefined;
  const complete = found.length < TOGETHER;
  for (const key of group) {
    const query = queryOf(key);
    const limit = findOf(query).limit ?? 0;
    const mine = found.filter((doc) => belongsTo(doc, key)).slice(0, limit);
    if (!complete && mine.length < limit) continue;
    const group = totals?.find((total) => total.key === key.id);
    pages.set(key, pageOf(query, mine, totals && { count: group?.count ?? 0, amount: group?.sums['total'] ?? 0n }));
  }
  return pages;
}

function belongsTo(doc: PurchaseDoc, { of, id }: PurchasePageKey): boolean {
  return of === 'customerId' ? doc.customerId === id : doc.lines.some((line) => line.productId === id);
}
