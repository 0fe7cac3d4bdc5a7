/** The views' documents, what stands in for one that has not come yet, and the indexes they want. Money is in minor units, and exact without a limit where it is added up; times are ISO 8601 UTC. */
import type { TransactionRecord } from '../domain/transaction.ts';
import { type ExactInteger, exactInteger } from '../views/exact-integer.ts';
import type { ViewSpec } from '../views/view-store.ts';

export const CUSTOMERS = 'customers';
export const PRODUCTS = 'products';
export const PURCHASES = 'purchases';
export const TRANSACTIONS = 'transactions';
/** How many confirmed purchases of a product each customer has; behind a product's customer count. */
export const PRODUCT_CUSTOMERS = 'product_customers';
/** Renames that purchases are yet to show, see `fan-out-tasks.ts`. */
export const FAN_OUTS = 'fan_outs';

export interface CustomerDoc {
  readonly _id: string;
  /** 0: a purchase names it, its own record has not come yet. */
  readonly version: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly removed: boolean;
  readonly purchaseCount: number;
  readonly totalSpent: ExactInteger;
  readonly lastPurchaseAt: string | null;
  /** For sorting: last name, first name, folded. */
  readonly nameKey: string;
  readonly words: readonly string[];
  /** How many purchases name it; grows in the step that first writes one, so that concurrent steps conflict. */
  readonly references: number;
}

export interface ProductDoc {
  readonly _id: string;
  readonly version: number;
  readonly name: string;
  readonly price: number;
  readonly stock: number;
  readonly reserved: number;
  readonly discontinued: boolean;
  readonly purchaseCount: number;
  readonly customerCount: number;
  readonly unitsSold: number;
  readonly revenue: ExactInteger;
  readonly nameKey: string;
  readonly words: readonly string[];
  readonly references: number;
}

export interface LineDoc {
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  readonly unitPrice: number | null;
  readonly total: number | null;
}

export interface PurchaseDoc {
  readonly _id: string;
  readonly version: number;
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED' | 'REJECTED';
  readonly customerId: string;
  readonly customerName: string;
  readonly customerKey: string;
  readonly lines: readonly LineDoc[];
  readonly total: number;
  readonly placedAt: string;
  readonly confirmedAt: string | null;
  readonly cancelledAt: string | null;
  readonly rejection: { readonly code: string; readonly message: string; readonly field?: string | undefined } | null;
  /** Words of the customer's and the products' names, folded, each once. */
  readonly words: readonly string[];
  readonly transactionId: string;
}

export interface TransactionDoc extends Omit<TransactionRecord, 'id'> {
  readonly _id: string;
}

export interface ProductCustomerDoc {
  /** `<productId>/<customerId>` */
  readonly _id: string;
  readonly count: number;
}

const NOTHING = exactInteger(0);

/** What a purchase shows of a customer whose own record has not come yet. */
export function unknownCustomer(id: string): CustomerDoc {
  return {
    _id: id,
    version: 0,
    firstName: '',
    lastName: '',
    email: null,
    removed: false,
    purchaseCount: 0,
    totalSpent: NOTHING,
    lastPurchaseAt: null,
    nameKey: '',
    words: [],
    references: 0,
  };
}

/** What a purchase shows of a product whose own record has not come yet. */
export function unknownProduct(id: string): ProductDoc {
  return {
    _id: id,
    version: 0,
    name: '',
    price: 0,
    stock: 0,
    reserved: 0,
    discontinued: false,
    purchaseCount: 0,
    customerCount: 0,
    unitsSold: 0,
    revenue: NOTHING,
    nameKey: '',
    words: [],
    references: 0,
  };
}

export const viewSpecs: readonly ViewSpec[] = [
  {
    name: CUSTOMERS,
    indexes: [['nameKey'], ['purchaseCount'], ['totalSpent'], ['lastPurchaseAt'], ['words']],
  },
  {
    name: PRODUCTS,
    indexes: [
      ['nameKey'],
      ['price'],
      ['stock'],
      ['purchaseCount'],
      ['customerCount'],
      ['unitsSold'],
      ['revenue'],
      ['words'],
    ],
  },
  {
    name: PURCHASES,
    indexes: [
      ['placedAt'],
      ['total'],
      ['customerKey'],
      ['customerId', 'placedAt'],
      ['lines.productId', 'placedAt'],
      ['status', 'placedAt'],
      ['words', 'placedAt'],
    ],
  },
  {
    name: TRANSACTIONS,
    indexes: [
      ['acceptedAt'],
      ['issuedBy', 'acceptedAt'],
      ['status', 'acceptedAt'],
      ['entityId'],
      ['idempotency.key', 'acceptedAt'],
    ],
  },
  { name: PRODUCT_CUSTOMERS, indexes: [] },
  { name: FAN_OUTS, indexes: [] },
];
