/** How purchases show the names of customers and products: which do, and what they look like under a new name. */

import type { Condition, Filter, ViewStep } from '../views/view-store.ts';
import { CUSTOMERS, type CustomerDoc } from './customer-document.ts';
import type { ShownView } from './fan-out-tasks.ts';
import { PRODUCTS, type ProductDoc } from './product-document.ts';
import { type PurchaseDoc, wordsOfPurchase } from './purchase-document.ts';

interface ShownName {
  /** The purchases that show one of these entities. */
  where(ids: readonly string[]): Filter;
  /** Reads the entities' names; what it returns gives purchases those names, and returns one that has them as it is. */
  read(tx: ViewStep, ids: readonly string[]): Promise<(purchase: PurchaseDoc) => PurchaseDoc>;
}

export function nameOf({ firstName, lastName }: Pick<CustomerDoc, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim();
}

export const shownNames: Readonly<Record<ShownView, ShownName>> = {
  [CUSTOMERS]: {
    where: (ids) => ({ customerId: oneOf(ids) }),
    async read(tx, ids) {
      const customers = await tx.get<CustomerDoc>(CUSTOMERS, ids);
      return (purchase) => {
        const customer = customers.get(purchase.customerId);
        if (customer === undefined) return purchase;
        const [customerName, customerKey] = [nameOf(customer), customer.nameKey];
        if (purchase.customerName === customerName && purchase.customerKey === customerKey) return purchase;
        return wordsOfPurchase({ ...purchase, customerName, customerKey });
      };
    },
  },
  [PRODUCTS]: {
    where: (ids) => ({ 'lines.productId': oneOf(ids) }),
    async read(tx, ids) {
      const products = await tx.get<ProductDoc>(PRODUCTS, ids);
      const named = (productId: string, was: string) => products.get(productId)?.name ?? was;
      return (purchase) => {
        const { lines } = purchase;
        if (lines.every(({ productId, productName }) => named(productId, productName) === productName)) return purchase;
        return wordsOfPurchase({
          ...purchase,
          lines: lines.map((line) => ({ ...line, productName: named(line.productId, line.productName) })),
        });
      };
    },
  },
};

/** Equality where one will do: a search by it can walk an index in the order asked for. */
function oneOf(ids: readonly string[]): Condition {
  const [id] = ids;
  return ids.length === 1 && id !== undefined ? id : { $in: ids };
}
