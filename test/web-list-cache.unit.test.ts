/** Lists in the page's cache: what a reader has scrolled to stays, and nothing stands twice or out of order. */
import { describe, expect, it } from 'vitest';
import { CustomerDocument, CustomersDocument, type CustomersQueryVariables } from '../web/src/gql/graphql';
import { makeCache } from '../web/src/graph/cache';

const customer = (id: string) => ({
  __typename: 'Customer' as const,
  id,
  version: 1,
  firstName: id.toUpperCase(),
  lastName: '',
  email: null,
  number: null,
  removed: false,
  userId: null,
  purchaseCount: 0,
  totalSpent: '0.00',
  lastPurchaseAt: null,
});

function setUp() {
  const cache = makeCache();
  return {
    cache,
    /** As an answer to a query: `ids`, one letter each, from the beginning or after the row `after`. */
    answer(ids: string, totalCount: number, variables: Partial<CustomersQueryVariables> = {}): void {
      const edges = [...ids].map((id) => ({ cursor: id, node: customer(id) }));
      const endCursor = edges.at(-1)?.cursor ?? null;
      cache.writeQuery({
        query: CustomersDocument,
        variables: { first: 3, ...variables },
        data: {
          customers: {
            edges,
            pageInfo: { hasNextPage: true, endCursor },
            totalCount,
          },
        },
      });
    },
    shown(variables: Partial<CustomersQueryVariables> = {}) {
      const data = cache.readQuery({ query: CustomersDocument, variables: { first: 3, ...variables } });
      return {
        ids: data?.customers.edges.map((edge) => edge.node.id).join(''),
        endCursor: data?.customers.pageInfo.endCursor,
        totalCount: data?.customers.totalCount,
      };
    },
  };
}

describe('a list in the cache', () => {
  it('grows at its end', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('def', 9, { after: 'c' });
    expect(shown()).toEqual({ ids: 'abcdef', endCursor: 'f', totalCount: 9 });
  });

  it('keeps what was fetched when its beginning is read again and nothing has moved', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('def', 9, { after: 'c' });
    answer('abc', 10);
    expect(shown()).toEqual({ ids: 'abcdef', endCursor: 'f', totalCount: 10 });
  });

  it('begins anew when its beginning has moved', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('def', 9, { after: 'c' });
    answer('xab', 10);
    expect(shown()).toEqual({ ids: 'xab', endCursor: 'b', totalCount: 10 });
  });

  it('ignores further rows whose predecessor is gone by the time they come', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('xyz', 9);
    answer('def', 9, { after: 'c' });
    expect(shown()).toEqual({ ids: 'xyz', endCursor: 'z', totalCount: 9 });
  });

  it('becomes empty when nothing matches any more', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('', 0);
    expect(shown()).toEqual({ ids: '', endCursor: '', totalCount: 0 });
  });

  it('is one for each filter and sort', () => {
    const { answer, shown } = setUp();
    answer('abc', 9);
    answer('c', 1, { filter: { text: 'c' } });
    answer('cba', 9, { sort: { by: 'NAME', direction: 'DESC' } });
    expect(shown().ids).toBe('abc');
    expect(shown({ filter: { text: 'c' } }).ids).toBe('c');
    expect(shown({ sort: { by: 'NAME', direction: 'DESC' } }).ids).toBe('cba');
  });
});

describe('an entity in the cache', () => {
  it('is known from its list at once', () => {
    const { answer, cache } = setUp();
    answer('abc', 3);
    expect(cache.readQuery({ query: CustomerDocument, variables: { id: 'b' } })?.customer).toMatchObject({
      firstName: 'B',
    });
    expect(cache.readQuery({ query: CustomerDocument, variables: { id: 'z' } })).toBeNull();
  });

  it('that the server does not have stays absent', () => {
    const { cache } = setUp();
    cache.writeQuery({ query: CustomerDocument, variables: { id: 'b' }, data: { customer: null } });
    expect(cache.readQuery({ query: CustomerDocument, variables: { id: 'b' } })).toEqual({ customer: null });
  });
});
