/** Aggregates' states of what the page shows, and back. What the page does not know is as in a new one: no rule asks for it. */
import {
  customer,
  isSealed,
  type Personal,
  product,
  purchase,
  type Versioned,
  WHOLE_SHARE,
} from '../../../domain/index';
import type { CustomerFieldsFragment, ProductFieldsFragment, PurchaseFieldsFragment } from '../gql/graphql';
import { fromMinor, toMinor } from '../text/money';
import { placeOf, type States } from './saga';

/** Entities as the page shows them. */
export interface Shown {
  readonly customers?: readonly CustomerFieldsFragment[];
  readonly products?: readonly ProductFieldsFragment[];
  readonly purchases?: readonly PurchaseFieldsFragment[];
}

const minor = (money: string): number => Number(toMinor(money));
const money = (amount: number): string => fromMinor(BigInt(amount));

/** The states of all of them. */
export const statesOf = ({ customers = [], products = [], purchases = [] }: Shown): States =>
  new Map<string, Versioned>([
    ...customers.map((one) => [placeOf({ aggregate: 'customers', id: one.id }), stateOfCustomer(one)] as const),
    ...products.map((one) => [placeOf({ aggregate: 'products', id: one.id }), stateOfProduct(one)] as const),
    ...purchases.map((one) => [placeOf({ aggregate: 'purchases', id: one.id }), stateOfPurchase(one)] as const),
  ]);

function stateOfCustomer({ version, firstName, lastName, email, number, removed, userId }: CustomerFieldsFragment) {
  return { ...customer.initialState, version, firstName, lastName, email, number, removed, userId };
}

function stateOfProduct(shown: ProductFieldsFragment) {
  const { version, name, number, price, stock, reserved, discontinued, unitsSold } = shown;
  const sold = unitsSold ?? 0;
  const counted = { received: stock + reserved + sold, free: stock, reserved, sold };
  return { ...product.initialState, version, name, number, price: minor(price), discontinued, ...counted };
}

function stateOfPurchase(shown: PurchaseFieldsFragment) {
  const { version, status, placedAt, confirmedAt, cancelledAt } = shown;
  const priceOf = (price: string | null) => (price === null ? null : minor(price));
  const lines = shown.lines.map(({ product: { id: productId }, quantity, unitPrice, listPrice, discount }) => ({
    ...{ productId, quantity, agreedPrice: null },
    ...{ unitPrice: priceOf(unitPrice), listPrice: priceOf(listPrice) },
    discount: discount === null ? null : Math.round(Number(discount) * WHOLE_SHARE),
  }));
  const { initialState } = purchase;
  const customerId = shown.customer.id;
  return {
    ...initialState,
    version,
    status,
    customerId,
    lines,
    total: minor(shown.total),
    placedAt,
    confirmedAt,
    cancelledAt,
  };
}

/** A state as the page shows the entity. @param state as the aggregate's own functions gave it */
export const shownCustomer = (state: unknown): Partial<CustomerFieldsFragment> => {
  const { firstName, lastName, email, removed, userId } = customer.state.parse(state);
  // The page knows them open, and seals nothing.
  const open = (text: Personal) => (isSealed(text) ? '' : text);
  return {
    ...{ firstName: open(firstName), lastName: open(lastName), email: email === null ? null : open(email) },
    ...{ removed, userId },
  };
};

export const shownProduct = (state: unknown): Partial<ProductFieldsFragment> => {
  const { name, price, free, reserved, discontinued } = product.state.parse(state);
  return { name, price: money(price), stock: free, reserved, discontinued };
};

export const shownPurchase = (state: unknown): Partial<PurchaseFieldsFragment> => {
  const { status, cancelledAt } = purchase.state.parse(state);
  return { status, cancelledAt };
};

/** How a new purchase would end, as far as all whom it asks are known. */
export function endOfPurchase(state: unknown) {
  const { status, total, rejection } = purchase.state.parse(state);
  return { status, total: money(total), rejection };
}
