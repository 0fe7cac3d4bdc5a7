/** What the products view holds, and who has bought which product. */
import { type ExactInteger, exactInteger } from '../views/exact-integer.ts';
import type { ViewSpec } from '../views/view-store.ts';

export const PRODUCTS = 'products';
/** How many confirmed purchases of a product each customer has; behind a product's customer count. */
export const PRODUCT_CUSTOMERS = 'product_customers';

export interface ProductDoc {
  readonly _id: string;
  readonly version: number;
  readonly name: string;
  /** What the shop prints for it. */
  readonly number: string | null;
  readonly price: number;
  readonly stock: number;
  readonly reserved: number;
  readonly received: number;
  readonly discontinued: boolean;
  readonly purchaseCount: number;
  readonly customerCount: number;
  readonly unitsSold: number;
  readonly revenue: ExactInteger;
  readonly nameKey: string;
  readonly words: readonly string[];
  readonly references: number;
}

export interface ProductCustomerDoc {
  /** `<productId>/<customerId>` */
  readonly _id: string;
  readonly count: number;
}

export const productsView: ViewSpec = {
  name: PRODUCTS,
  indexes: [
    ['number'],
    ['nameKey'],
    ['price'],
    ['stock'],
    ['purchaseCount'],
    ['customerCount'],
    ['unitsSold'],
    ['revenue'],
    ['words'],
  ],
  lists: ['words'],
  filtered: ['version', 'discontinued'],
};

export const productCustomersView: ViewSpec = { name: PRODUCT_CUSTOMERS, indexes: [] };

/** What a purchase shows of a product whose own record has not come yet. */
export function unknownProduct(id: string): ProductDoc {
  return {
    _id: id,
    version: 0,
    name: '',
    number: null,
    price: 0,
    stock: 0,
    reserved: 0,
    received: 0,
    discontinued: false,
    purchaseCount: 0,
    customerCount: 0,
    unitsSold: 0,
    revenue: exactInteger(0),
    nameKey: '',
    words: [],
    references: 0,
  };
}
