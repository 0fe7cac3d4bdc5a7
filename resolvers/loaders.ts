/** One operation's loaders: documents asked for one by one are read together, and each only once. */
import DataLoader from 'dataloader';
import type { AggregateName } from '../domain/index.ts';
import {
  CUSTOMERS,
  type CustomerDoc,
  PRODUCTS,
  type ProductDoc,
  PURCHASES,
  type PurchaseDoc,
} from '../projectors/documents.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';
import { createPurchasePageLoader, type PurchasePageLoader } from './purchase-pages.ts';

/** What each aggregate is shown as. */
interface Documents extends Record<AggregateName, Doc> {
  readonly customers: CustomerDoc;
  readonly products: ProductDoc;
  readonly purchases: PurchaseDoc;
}

export type EntityLoaders = { readonly [A in AggregateName]: DataLoader<string, Documents[A] | undefined> };

export interface Loaders extends EntityLoaders {
  readonly purchasePages: PurchasePageLoader;
}

function byId<D extends Doc>(views: ViewStore, view: string): DataLoader<string, D | undefined> {
  return new DataLoader<string, D | undefined>(async (ids) => {
    const found = await views.get<D>(view, ids);
    return ids.map((id) => found.get(id));
  });
}

export function createLoaders(views: ViewStore): Loaders {
  return {
    customers: byId<CustomerDoc>(views, CUSTOMERS),
    products: byId<ProductDoc>(views, PRODUCTS),
    purchases: byId<PurchaseDoc>(views, PURCHASES),
    purchasePages: createPurchasePageLoader(views),
  };
}
