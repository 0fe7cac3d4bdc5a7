/** One operation's loaders: documents asked for one by one are read together, and each only once. */
import DataLoader from 'dataloader';
import type { ShownName } from '../domain/index.ts';
import { aggregateViews, type Documents } from '../projectors/documents.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';
import { createPurchasePageLoader, type PurchasePageLoader } from './purchase-pages.ts';

export type EntityLoaders = { readonly [A in ShownName]: DataLoader<string, Documents[A] | undefined> };

export interface Loaders extends EntityLoaders {
  readonly purchasePages: PurchasePageLoader;
  /** Lets go of all that was read so far: what is asked for from now on is read anew. */
  forget(): void;
}

/** Calls back when all of an operation that can go on has gone on: until then, more may be asked for. */
export type Schedule = (dispatch: () => void) => void;

function byId<D extends Doc>(
  views: ViewStore,
  view: string,
  batchScheduleFn: Schedule,
): DataLoader<string, D | undefined> {
  return new DataLoader<string, D | undefined>(
    async (ids) => {
      const found = await views.get<D>(view, ids);
      return ids.map((id) => found.get(id));
    },
    { batchScheduleFn },
  );
}

export function createLoaders(views: ViewStore, schedule: Schedule): Loaders {
  // The compiler cannot follow names through a loop: that each view holds its own documents is said by `Documents`.
  const entities = Object.fromEntries(
    aggregateViews.map(({ name }) => [name, byId(views, name, schedule)]),
  ) as unknown as EntityLoaders;
  const purchasePages = createPurchasePageLoader(views, schedule);
  const forget = () => {
    for (const loader of [...Object.values<EntityLoaders[ShownName]>(entities), purchasePages]) loader.clearAll();
  };
  return { ...entities, purchasePages, forget };
}
