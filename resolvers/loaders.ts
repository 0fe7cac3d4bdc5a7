/** One operation's loaders: documents asked for one by one are read together, and each only once. */
import DataLoader from 'dataloader';
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

export interface Loaders {
  readonly customers: DataLoader<string, CustomerDoc | undefined>;
  readonly products: DataLoader<string, ProductDoc | undefined>;
  readonly purchases: DataLoader<string, PurchaseDoc | undefined>;
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
