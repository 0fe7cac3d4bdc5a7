/** How the page's cache keeps entities: each once. Long lists are not in it: see `endless-list.ts`. */
import { type FieldPolicy, InMemoryCache, type Reference, type TypePolicy } from '@apollo/client';
import { allKinds, definitionOf, singularOf } from './kinds';

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
          ...Object.fromEntries(allKinds.map((kind) => [singularOf(kind), known(kind)])),
        },
      },
      ...Object.fromEntries(partTypes.map((type) => [type, { keyFields: false } satisfies TypePolicy])),
      SampleImport: { keyFields: false },
    },
  });
