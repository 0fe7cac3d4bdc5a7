/** The domain's rules in the page: what would surely be rejected is told beforehand, and what is expected is what is decided. */
import { describe, expect, it } from 'vitest';
import { foresee } from '../web/src/foresight/foresee';
import { shownCustomer, shownProduct, shownPurchase } from '../web/src/foresight/states';
import type { CustomerFieldsFragment, ProductFieldsFragment, PurchaseFieldsFragment } from '../web/src/gql/graphql';
import type { Order } from '../web/src/graph/kinds';
import { viewerOf } from '../web/src/graph/viewer';

const NOW = '2026-01-01T09:00:00.000Z';
const staff = viewerOf('root', 'ADMIN');

const ada: CustomerFieldsFragment = {
  id: 'ada',
  version: 3,
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: null,
  number: null,
  removed: false,
  erased: false,
  userId: 'user-ada',
  purchaseCount: 0,
  totalSpent: '0.00',
  lastPurchaseAt: null,
};
const tea: ProductFieldsFragment = {
  id: 'tea',
  version: 7,
  name: 'Tea',
  number: null,
  price: '4.20',
  stock: 5,
  reserved: 1,
  discontinued: false,
  purchaseCount: 0,
  customerCount: 0,
  unitsSold: 0,
  revenue: '0.00',
};
const bought: PurchaseFieldsFragment = {
  id: 'o-1',
  version: 4,
  number: null,
  status: 'CONFIRMED',
  total: '8.40',
  placedAt: NOW,
  confirmedAt: NOW,
  cancelledAt: null,
  customer: { id: 'ada', firstName: 'Ada', lastName: 'Lovelace', erased: false, removed: false },
  lines: [
    {
      product: { id: 'tea', name: 'Tea' },
      quantity: 2,
      listPrice: '4.20',
      unitPrice: '4.20',
      discount: null,
      total: '8.40',
    },
  ],
  rejection: null,
};

const place = (quantity: number, customerId = 'ada'): Order => ({
  command: 'placePurchase',
  input: { customerId, lines: [{ productId: 'tea', quantity }] },
});

describe('before it is sent, an order', () => {
  it.each<[string, Order, string, string]>([
    [
      'with a malformed e-mail',
      { command: 'updateCustomer', input: { customerId: 'ada', email: 'ada@' } },
      'INVALID_INPUT',
      'email',
    ],
    [
      'for an older version',
      { command: 'updateCustomer', input: { customerId: 'ada', ifVersion: 2 } },
      'VERSION_CONFLICT',
      'ifVersion',
    ],
    [
      'with too high a price',
      { command: 'addProduct', input: { name: 'T', price: '1000000.01', stock: 0 } },
      'INVALID_INPUT',
      'price',
    ],
    ['for 0 units', place(0), 'INVALID_INPUT', 'lines[0].quantity'],
  ])('%s is surely rejected, by the very rule of the domain', (_what, order, code, field) => {
    expect(foresee(order, { customers: [ada], products: [tea] }, staff, NOW)).toMatchObject({
      refusal: { code, field },
      isSure: true,
    });
  });

  it('is surely rejected for what never becomes right again', () => {
    const gone = foresee(place(1), { customers: [{ ...ada, removed: true }], products: [tea] }, staff, NOW);
    expect(gone).toMatchObject({ refusal: { code: 'CUSTOMER_REMOVED' }, isSure: true });
    const cancelled: PurchaseFieldsFragment = { ...bought, status: 'CANCELLED' };
    const order = { command: 'cancelPurchase', input: { purchaseId: 'o-1' } } as const;
    expect(foresee(order, { purchases: [cancelled] }, staff, NOW)).toMatchObject({
      refusal: { code: 'NOT_CANCELLABLE' },
      isSure: true,
    });
  });

  it('is not surely rejected for what is discontinued, which may be on sale again', () => {
    const discontinued = { customers: [ada], products: [{ ...tea, discontinued: true }] };
    expect(foresee(place(1), discontinued, staff, NOW)).toMatchObject({
      refusal: { code: 'DISCONTINUED', field: 'lines[0].productId' },
      isSure: false,
    });
    const reinstate = { command: 'reinstateProduct', input: { productId: 'tea' } } as const;
    expect(foresee(reinstate, discontinued, staff, NOW)).toMatchObject({
      refusal: null,
      state: expect.objectContaining({ discontinued: false }),
    });
  });

  it('foresees what is left when stock is written off, and that what is reserved is not', () => {
    const order = (quantity: number) => ({ command: 'writeOffStock', input: { productId: 'tea', quantity } }) as const;
    expect(foresee(order(tea.stock), { products: [tea] }, staff, NOW)).toMatchObject({
      refusal: null,
      state: expect.objectContaining({ free: 0 }),
    });
    expect(foresee(order(tea.stock + 1), { products: [tea] }, staff, NOW)).toMatchObject({
      refusal: { code: 'INSUFFICIENT_STOCK', field: 'quantity' },
      isSure: false,
    });
  });

  it('is not surely rejected for too little stock, which may have come in meanwhile', () => {
    expect(foresee(place(6), { customers: [ada], products: [tea] }, staff, NOW)).toMatchObject({
      refusal: { code: 'INSUFFICIENT_STOCK', field: 'lines[0].quantity' },
      isSure: false,
    });
  });

  it('is rejected for who may not give it', () => {
    const order = { command: 'restockProduct', input: { productId: 'tea', quantity: 1 } } as const;
    const customer = viewerOf('user-ada', 'CUSTOMER');
    expect(foresee(order, { products: [tea] }, customer, NOW)).toMatchObject({
      refusal: { code: 'FORBIDDEN' },
      isSure: true,
    });
    const others = foresee(place(1), { customers: [ada], products: [tea] }, viewerOf('user-bob', 'CUSTOMER'), NOW);
    expect(others.refusal?.code).toBe('CUSTOMER_NOT_FOUND');
    expect(foresee(place(1), { customers: [ada], products: [tea] }, customer, NOW).end).toBe('confirmed, 4.20');
  });
});

describe('what is expected of an order', () => {
  it('is what the domain makes of the entity', () => {
    const update = {
      command: 'updateCustomer',
      input: { customerId: 'ada', firstName: 'Augusta', email: 'a@b.example' },
    } as const;
    expect(shownCustomer(foresee(update, { customers: [ada] }, staff, NOW).state)).toMatchObject({
      firstName: 'Augusta',
      lastName: 'Lovelace',
      email: 'a@b.example',
    });
    const restock = { command: 'restockProduct', input: { productId: 'tea', quantity: 10 } } as const;
    expect(shownProduct(foresee(restock, { products: [tea] }, staff, NOW).state)).toMatchObject({
      stock: 15,
      reserved: 1,
      price: '4.20',
    });
    const cancel = { command: 'cancelPurchase', input: { purchaseId: 'o-1' } } as const;
    expect(shownPurchase(foresee(cancel, { purchases: [bought] }, staff, NOW).state).status).toBe('CANCELLED');
  });

  it('is a confirmed purchase with its total, once stock and customer are known to agree', () => {
    expect(foresee(place(2), { customers: [ada], products: [tea] }, staff, NOW).end).toBe('confirmed, 8.40');
  });

  it('is nothing where it cannot be told', () => {
    expect(foresee(place(2), { customers: [ada] }, staff, NOW)).toMatchObject({ refusal: null, end: null });
    expect(foresee({ command: 'discontinueProduct', input: { productId: 'tea' } }, {}, staff, NOW)).toMatchObject({
      refusal: null,
      state: null,
    });
  });
});
