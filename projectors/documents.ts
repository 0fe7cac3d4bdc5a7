/**
 * The one list of the projectors of aggregates, and the documents of all views, each beside its projector. Money is in minor
 * units, and exact without a limit where it is added up; times are ISO 8601 UTC.
 */
import type { ShownName } from '../domain/index.ts';
import type { Doc, ViewSpec } from '../views/view-store.ts';
import type { CustomerDoc } from './customer-document.ts';
import { customers } from './customers.ts';
import { deliveriesView } from './delivery-document.ts';
import { fanOutsView } from './fan-out-tasks.ts';
import { logIndexView } from './log-index-document.ts';
import { PRODUCT_CUSTOMERS, PRODUCTS, type ProductDoc, productCustomersView } from './product-document.ts';
import { products } from './products.ts';
import type { EntityProjector } from './projector.ts';
import type { PurchaseDoc } from './purchase-document.ts';
import { purchases } from './purchases.ts';
import { transactionsView } from './transaction-document.ts';
import { type WebhookDoc, webhooks } from './webhooks.ts';

export { CUSTOMERS, type CustomerDoc, unknownCustomer } from './customer-document.ts';
export { customerDocument } from './customers.ts';
export { DELIVERIES, type DeliveryDoc, isOpen } from './delivery-document.ts';
export { FAN_OUTS } from './fan-out-tasks.ts';
export {
  PRODUCT_CUSTOMERS,
  PRODUCTS,
  type ProductDoc,
  unknownProduct,
} from './product-document.ts';
export { productDocument } from './products.ts';
export { PURCHASES, type PurchaseDoc, type PurchaseLineDoc, purchaseThen } from './purchase-document.ts';
export { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from './transaction-document.ts';
export { WEBHOOKS, type WebhookDoc, webhookDocument } from './webhooks.ts';

interface EntityDoc extends Doc {
  /** 0: a placeholder, its own record has not come yet. */
  readonly version: number;
}

/** With a document for each aggregate that is shown, or the compiler says which has none. */
type OfEachAggregate<D extends Readonly<Record<ShownName, EntityDoc>>> = D;

/** What each aggregate is shown as. */
export type Documents = OfEachAggregate<{
  readonly customers: CustomerDoc;
  readonly products: ProductDoc;
  readonly purchases: PurchaseDoc;
  readonly webhooks: WebhookDoc;
}>;

/** Every aggregate that is shown is so in a view of its own, under its own name. */
const ofAggregates: Readonly<Record<ShownName, EntityProjector>> = { customers, products, purchases, webhooks };

export const entityProjectors: readonly EntityProjector[] = Object.values(ofAggregates);
export const aggregateViews: readonly ViewSpec[] = entityProjectors.map(({ view }) => view);
export const viewSpecs: readonly ViewSpec[] = [
  ...aggregateViews,
  transactionsView,
  productCustomersView,
  fanOutsView,
  logIndexView,
  deliveriesView,
];

/** The entity whose state gives a document: the one of the same id or, of a pair of product and customer, the product. */
export function shownFor(view: string, id: string): { readonly aggregate: string; readonly id: string } {
  if (view !== PRODUCT_CUSTOMERS) return { aggregate: view, id };
  const [productId = id] = id.split('/');
  return { aggregate: PRODUCTS, id: productId };
}

/**
 * Names the documents' shape: change it whenever a projector or a document changes, and views of another shape are
 * rebuilt at the next start.
 */
export const SHAPE = '9';
