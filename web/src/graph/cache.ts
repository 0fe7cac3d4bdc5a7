/** How the page's cache keeps entities and lists: entities once each, lists per filter and sort. */
import { type FieldPolicy, InMemoryCache, type Reference, type TypePolicy } from '@apollo/client';
import { cacheSizes, relayStylePagination } from '@apollo/client/utilities';
import { allKinds, definitionOf, singularOf } from './kinds';

// A list scrolled through ten thousand purchases is some 80,000 selection sets; beyond the default limit each change
// would read them all again.
cacheSizes['inMemoryCache.executeSelectionSet'] = 400_000;
cacheSizes['inMemoryCache.executeSubSelectedArray'] = 100_000;

type Relay = ReturnType<typeof relayStylePagination<Reference>>;
type Merge = Extract<NonNullable<Relay['merge']>, (...args: never[]) => unknown>;
type Stored = NonNullable<Parameters<Merge>[0]>;
type Incoming = NonNullable<Parameters<Merge>[1]>;

const refOf = (edge: object | undefined): string | undefined => {
  const node = edge !== undefined && 'node' in edge ? (edge.node as Reference) : undefined;
  return node?.__ref;
};

function isBeginningOf(incoming: Incoming, existing: Stored): boolean {
  const edges = incoming.edges ?? [];
  return (
    edges.length > 0 &&
    edges.length < existing.edges.length &&
    edges.every((edge, index) => refOf(edge) === refOf(existing.edges[index]))
  );
}

/**
 * A Relay connection per filter and sort. Unlike the plain one it keeps the rows already fetched when its beginning is
 * read again and nothing has moved, and ignores further rows whose predecessor is gone by the time they come.
 */
function list(): Relay {
  const relay = relayStylePagination<Reference>(['filter', 'sort']);
  const merge = relay.merge as Merge;
  return {
    ...relay,
    merge(existing, incoming, options) {
      const after: unknown = options.args?.['after'];
      if (existing && incoming && after && !existing.edges.some((edge) => edge.cursor === after)) return existing;
      const merged = merge(existing, incoming, options);
      if (existing && incoming && merged && !after && isBeginningOf(incoming, existing)) {
        return { ...merged, edges: existing.edges, pageInfo: existing.pageInfo };
      }
      return merged;
    },
  };
}

/** So that opening a row shows at once what its list already knows. A null that the server gave stays null. */
const known = (__typename: string): FieldPolicy<Reference | null> => ({
  read: (existing, { args, toReference }) =>
    existing === undefined ? toReference({ __typename, id: String(args?.['id']) }) : existing,
});

const partTypes = allKinds.flatMap((kind) => definitionOf(kind).parts ?? []);

/** An empty cache with the rules above. */
export const makeCache = () =>
  new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          ...Object.fromEntries(allKinds.map((kind) => [definitionOf(kind).plural, list()])),
          ...Object.fromEntries(allKinds.map((kind) => [singularOf(kind), known(kind)])),
          transactions: list(),
        },
      },
      ...Object.fromEntries(partTypes.map((type) => [type, { keyFields: false } satisfies TypePolicy])),
      SampleImport: { keyFields: false },
    },
  });
