/**
 * The purchase saga's routing: which events and refusals of one aggregate become commands of another. Pure; all that a
 * processor knows of the others' business stands here.
 */
import type {
  AggregateName,
  CustomerCommands,
  CustomerEvents,
  ProductCommands,
  ProductEvents,
  PurchaseCommands,
  PurchaseEvents,
  Rejection,
} from '../domain/index.ts';

interface Commands {
  readonly customers: CustomerCommands;
  readonly products: ProductCommands;
  readonly purchases: PurchaseCommands;
}

/** A command for the aggregate `id` of another kind. */
export interface FollowUp {
  readonly aggregate: AggregateName;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** What one aggregate's outcomes ask of others. `id` is the aggregate's own. */
export interface Routes<C, E> {
  readonly events: { readonly [T in keyof E]?: (event: E[T], id: string) => readonly FollowUp[] };
  readonly refusals: { readonly [T in keyof C]?: (command: C[T], why: Rejection) => readonly FollowUp[] };
}

function command<A extends AggregateName, T extends keyof Commands[A] & string>(
  aggregate: A,
  id: string,
  type: T,
  data: Commands[A][T],
): FollowUp {
  return { aggregate, id, type, data };
}

function forEachProduct(
  type: 'settleStock' | 'releaseStock' | 'takeStockBack',
  products: readonly string[],
  purchaseId: string,
): readonly FollowUp[] {
  return products.map((productId) => command('products', productId, type, { productId, purchaseId }));
}

const customers: Routes<CustomerCommands, CustomerEvents> = {
  events: {
    PurchaseApproved: ({ purchaseId }) => [command('purchases', purchaseId, 'recordCustomerApproved', { purchaseId })],
  },
  refusals: {
    approvePurchase: ({ purchaseId }, refusal) => [
      command('purchases', purchaseId, 'recordCustomerDeclined', { purchaseId, refusal }),
    ],
  },
};

const products: Routes<ProductCommands, ProductEvents> = {
  events: {
    StockReserved: ({ purchaseId, unitPrice }, productId) => [
      command('purchases', purchaseId, 'recordStockReserved', { purchaseId, productId, unitPrice }),
    ],
  },
  refusals: {
    reserveStock: ({ purchaseId, productId }, refusal) => [
      command('purchases', purchaseId, 'recordStockRefused', { purchaseId, productId, refusal }),
    ],
  },
};

const purchases: Routes<PurchaseCommands, PurchaseEvents> = {
  events: {
    PurchasePlaced: ({ customerId, lines }, purchaseId) => [
      ...lines.map(({ productId, quantity }) =>
        command('products', productId, 'reserveStock', { productId, purchaseId, quantity }),
      ),
      command('customers', customerId, 'approvePurchase', { customerId, purchaseId }),
    ],
    PurchaseConfirmed: ({ settle }, purchaseId) => forEachProduct('settleStock', settle, purchaseId),
    // A product whose answer is still on its way gets the release behind the reservation, in the same partition.
    PurchaseRejected: ({ release }, purchaseId) => forEachProduct('releaseStock', release, purchaseId),
    PurchaseCancelled: ({ release, takeBack }, purchaseId) => [
      ...forEachProduct('releaseStock', release, purchaseId),
      ...forEachProduct('takeStockBack', takeBack, purchaseId),
    ],
  },
  refusals: {},
};

export const saga = { customers, products, purchases } as const;
