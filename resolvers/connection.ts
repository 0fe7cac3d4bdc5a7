/**
 * Relay connections. A cursor holds the sort and the values of its fields at that document, so a page begins right
 * behind the document it names, whatever is added or taken away meanwhile, even the document itself.
 */
import { fullSort, isScalar, cursorOf as valuesOf } from '../views/keyset.ts';
import type { Cursor, Doc, Filter, Find, Scalar, Sort, ViewStore } from '../views/view-store.ts';
import { badInput } from './errors.ts';

/** The most documents that one page may be asked for. */
export const LARGEST_PAGE = 200;
/** How many a page holds when it is not said; the schema tells the same. */
export const DEFAULT_PAGE = 20;

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** A page as the resolvers hand it on; the connection's fields are made of it when they are asked for. */
export interface Page<D extends Doc> {
  readonly view: string;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly docs: readonly D[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Set where the counts of many pages have been read together. */
  readonly totals?: Totals;
}

/** Of all documents that the page's filter finds. */
export interface Totals {
  readonly count: number;
  readonly amount: bigint;
}

export interface PageQuery {
  readonly view: string;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly first: number;
  readonly after: Cursor | undefined;
}

/** How many a page is to hold. @throws {GraphQLError} BAD_USER_INPUT on more than there may be */
export function pageSize(asked: number | null | undefined): number {
  const first = asked ?? DEFAULT_PAGE;
  if (first < 0 || first > LARGEST_PAGE) throw badInput('first', `first must be 0 to ${LARGEST_PAGE}, it is ${first}`);
  return first;
}

/** @throws {GraphQLError} BAD_USER_INPUT on a `first` out of range, or a cursor that is not one of this sort */
export function pageQuery(view: string, filter: Filter, sort: Sort, args: PageArgs): PageQuery {
  const first = pageSize(args.first);
  const after = args.after ?? undefined;
  return { view, filter, sort, first, after: after === undefined ? undefined : decodeCursor(after, sort) };
}

/** One document more than the page holds tells whether there is a next one. */
export function findOf({ filter, sort, first, after }: PageQuery): Find {
  return { filter, sort, limit: first + 1, ...(after ? { after } : {}) };
}

export function pageOf<D extends Doc>(query: PageQuery, found: readonly D[], totals?: Totals): Page<D> {
  const { view, filter, sort, first, after } = query;
  return {
    view,
    filter,
    sort,
    docs: found.slice(0, first),
    hasNextPage: found.length > first,
    hasPreviousPage: after !== undefined,
    ...(totals ? { totals } : {}),
  };
}

export async function readPage<D extends Doc>(views: ViewStore, query: PageQuery): Promise<Page<D>> {
  return pageOf(query, await views.find<D>(query.view, findOf(query)));
}

function nameOf(sort: Sort): string {
  return sort.map(([field, direction]) => `${direction === 1 ? '' : '-'}${field}`).join();
}

/** The cursor as clients hold it: opaque to them. */
export function cursorOf(doc: Doc, sort: Sort): string {
  return Buffer.from(JSON.stringify([nameOf(sort), ...valuesOf(doc, sort)])).toString('base64url');
}

function decodeCursor(text: string, sort: Sort): Cursor {
  const wrong = badInput('after', 'after is not a cursor of this list in this order: take it from pageInfo.endCursor');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw wrong;
  }
  if (!Array.isArray(parsed) || parsed.length !== 1 + fullSort(sort).length || parsed[0] !== nameOf(sort)) throw wrong;
  return parsed.slice(1).map((value: unknown): Scalar => {
    if (isScalar(value)) return value;
    throw wrong;
  });
}

interface ConnectionContext {
  readonly views: ViewStore;
}

/** What is being added up, by page: who adds up also counts, and a filter is searched once for both. */
const summed = new WeakMap<object, Promise<Totals>>();

async function addUp({ view, filter }: Page<Doc>, field: string, views: ViewStore): Promise<Totals> {
  const [group] = await views.groups(view, { filter, by: null, sums: [field] });
  return { count: group?.count ?? 0, amount: group?.sums[field] ?? 0n };
}

/** Resolvers of a connection type that also tells the sum of a field. */
export function summedConnectionResolvers<D extends Doc>(field: string) {
  return {
    ...connectionResolvers<D>(),
    totalAmount: async (page: Page<D>, _: unknown, { views }: ConnectionContext) => {
      if (page.totals !== undefined) return page.totals.amount;
      const totals = summed.get(page) ?? addUp(page, field, views);
      summed.set(page, totals);
      return (await totals).amount;
    },
  };
}

/** Resolvers of every connection type, the same for all views. */
export function connectionResolvers<D extends Doc>() {
  return {
    edges: ({ docs, sort }: Page<D>) => docs.map((node) => ({ node, cursor: cursorOf(node, sort) })),
    nodes: ({ docs }: Page<D>) => docs,
    pageInfo: ({ docs, sort, hasNextPage, hasPreviousPage }: Page<D>) => {
      const [start, end] = [docs[0], docs.at(-1)];
      return {
        hasNextPage,
        hasPreviousPage,
        startCursor: start ? cursorOf(start, sort) : null,
        endCursor: end ? cursorOf(end, sort) : null,
      };
    },
    totalCount: async (page: Page<D>, _: unknown, { views }: ConnectionContext) => {
      if (page.totals !== undefined) return page.totals.count;
      // The fields beside this one are resolved within the same turn, before or after it.
      await null;
      return (await summed.get(page))?.count ?? (await views.count(page.view, page.filter));
    },
  };
}
