/**
 * The documents of all views, each beside its projector. Money is in minor units, and exact without a limit where it is
 * added up; times are ISO 8601 UTC.
 */
import type { AggregateName } from '../domain/index.ts';
import type { ViewSpec } from '../views/view-store.ts';
import { customersView } from './customer-document.ts';
import { fanOutsView } from './fan-out-tasks.ts';
import { productCustomersView, productsView } from './product-document.ts';
import { purchasesView } from './purchase-document.ts';
import { transactionsView } from './transaction-document.ts';

export { CUSTOMERS, type CustomerDoc, unknownCustomer } from './customer-document.ts';
export { FAN_OUTS } from './fan-out-tasks.ts';
export {
  PRODUCT_CUSTOMERS,
  PRODUCTS,
  type ProductCustomerDoc,
  type ProductDoc,
  unknownProduct,
} from './product-document.ts';
export { type LineDoc, PURCHASES, type PurchaseDoc } from './purchase-document.ts';
export { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from './transaction-document.ts';

/** Every aggregate is shown in a view of its own. */
const ofAggregates: Readonly<Record<AggregateName, ViewSpec>> = {
  customers: customersView,
  products: productsView,
  purchases: purchasesView,
};

export const viewSpecs: readonly ViewSpec[] = [
  ...Object.values(ofAggregates),
  transactionsView,
  productCustomersView,
  fanOutsView,
];
