/** What holds always and never, whatever is bought by whom, in whichever order the processors get to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerCommands, FollowUp, ProductCommands, PurchaseCommands } from '../../domain/index.ts';
import { SmallSaga } from './small-saga.ts';

const CUSTOMERS = ['ada', 'bob'];
const PRODUCTS = ['tea', 'cup', 'hat'];
const PURCHASES = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];

// One of each is never there, or only sometimes.
const customerId = fc.constantFrom(...CUSTOMERS, 'nobody');
const productId = fc.constantFrom(...PRODUCTS, 'nothing');
const purchaseId = fc.constantFrom(...PURCHASES);
const name = fc.constantFrom('Ada', 'Lovelace', 'Tea', ' ', 'x'.repeat(201));
const price = fc.integer({ min: -1, max: 2000 });
const ifVersion = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 });

function customerCommand<T extends keyof CustomerCommands>(type: T, data: fc.Arbitrary<CustomerCommands[T]>) {
  return data.map((data): FollowUp => ({ aggregate: 'customers', id: data.customerId, type, data }));
}
function productCommand<T extends keyof ProductCommands>(type: T, data: fc.Arbitrary<ProductCommands[T]>) {
  return data.map((data): FollowUp => ({ aggregate: 'products', id: data.productId, type, data }));
}
function purchaseCommand<T extends keyof PurchaseCommands>(type: T, data: fc.Arbitrary<PurchaseCommands[T]>) {
  return data.map((data): FollowUp => ({ aggregate: 'purchases', id: data.purchaseId, type, data }));
}

const placePurchase = purchaseCommand(
  'placePurchase',
  fc.record({
    purchaseId,
    customerId: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...CUSTOMERS) }, { weight: 1, arbitrary: customerId }),
    lines: fc.uniqueArray(fc.record({ productId, quantity: fc.integer({ min: 1, max: 6 }) }), {
      selector: (line) => line.productId,
      minLength: 0,
      maxLength: 3,
    }),
    number: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }),
  }),
);

const userCommand = fc.oneof(
  { weight: 8, arbitrary: placePurchase },
  { weight: 4, arbitrary: purchaseCommand('cancelPurchase', fc.record({ purchaseId, ifVersion })) },
  { weight: 1, arbitrary: purchaseCommand('expirePurchase', fc.record({ purchaseId })) },
  { weight: 2, arbitrary: productCommand('updateProduct', fc.record({ productId, price, name, ifVersion })) },
  {
    weight: 2,
    arbitrary: productCommand('restockProduct', fc.record({ productId, quantity: fc.nat(5), ifVersion })),
  },
  { weight: 1, arbitrary: productCommand('writeOffStock', fc.record({ productId, quantity: fc.nat(5), ifVersion })) },
  { weight: 1, arbitrary: productCommand('discontinueProduct', fc.record({ productId, ifVersion })) },
  { weight: 1, arbitrary: productCommand('reinstateProduct', fc.record({ productId, ifVersion })) },
  {
    weight: 1,
    arbitrary: customerCommand('updateCustomer', fc.record({ customerId, firstName: name, ifVersion })),
  },
  { weight: 1, arbitrary: customerCommand('removeCustomer', fc.record({ customerId, ifVersion })) },
);

const opening: readonly FollowUp[] = [
  ...CUSTOMERS.map((id): FollowUp => {
    const data: CustomerCommands['registerCustomer'] = { customerId: id, firstName: id, lastName: 'X', email: null };
    return { aggregate: 'customers', id, type: 'registerCustomer', data };
  }),
  ...PRODUCTS.map((id, i): FollowUp => {
    const data: ProductCommands['addProduct'] = { productId: id, name: id, price: 100 + i, stock: 8 };
    return { aggregate: 'products', id, type: 'addProduct', data };
  }),
];

/** Submits the commands one by one, and between them, and after them, delivers what waits in random order. */
function run(commands: readonly FollowUp[], g: fc.GeneratorValue): SmallSaga {
  const log = new SmallSaga(3);
  const toSubmit = [...opening, ...commands];
  for (;;) {
    const waiting = log.waiting();
    const next = toSubmit[0];
    if (next === undefined && waiting.length === 0) return log;
    const at = g(fc.nat, { max: next === undefined ? waiting.length - 1 : waiting.length });
    const partition = waiting[at];
    if (partition !== undefined) log.deliver(partition, g(fc.nat, { max: 9 }) === 0);
    else if (next !== undefined) log.submit(toSubmit.shift() ?? next);
  }
}

const commands = fc.array(userCommand, { minLength: 1, maxLength: 40, size: 'max' });

/** Runs it many times over. What holds at every version, not only in the end, `SmallSaga` checks as it goes. */
function always(check: (log: SmallSaga) => void): void {
  fc.assert(
    fc.property(commands, fc.gen(), (list, g) => {
      check(run(list, g));
    }),
    { numRuns: 300 },
  );
}

describe('the purchase saga, in any order of delivery and with follow-ups delivered twice', () => {
  it('keeps stock from being negative, and received = free + reserved + sold, at every version', () => {
    let moved = 0;
    always((log) => {
      for (const state of log.products.states.values()) moved += state.allocations.size;
    });
    expect(moved).toBeGreaterThan(100);
  });

  it('gives every command exactly one outcome, whatever it asks', () => {
    always((log) => expect(log.outcomes).toBe(log.written));
  });

  it('leaves no purchase pending', () => {
    const statuses = new Set<string>();
    always((log) => {
      for (const { status } of log.purchases.states.values()) {
        expect(status).not.toBe('PENDING');
        statuses.add(status);
      }
    });
    expect([...statuses].sort()).toEqual(['CANCELLED', 'CONFIRMED', 'REJECTED']);
  });

  it('sells what a confirmed purchase holds, at the price it was reserved at', () => {
    always((log) => {
      for (const [id, { status, lines, total }] of log.purchases.states) {
        if (status !== 'CONFIRMED') continue;
        let sum = 0;
        for (const { productId, quantity } of lines) {
          expect(log.products.state(productId).allocations.get(id)).toEqual({ stage: 'SOLD', quantity });
          const events = log.products.events.get(productId) ?? [];
          const [reserved, ...more] = events.flatMap(({ event }) =>
            event.type === 'StockReserved' && event.data.purchaseId === id ? [event.data] : [],
          );
          expect(more).toEqual([]);
          sum += quantity * (reserved?.unitPrice ?? Number.NaN);
        }
        expect(total).toBe(sum);
      }
    });
  });

  it('has given everything back of a purchase that is rejected or cancelled', () => {
    always((log) => {
      for (const product of log.products.states.values()) {
        for (const [purchaseId, { stage }] of product.allocations) {
          const { status } = log.purchases.state(purchaseId);
          expect(stage === 'SOLD').toBe(status === 'CONFIRMED');
          expect(stage).not.toBe('RESERVED');
        }
        expect(product.reserved).toBe(0);
      }
    });
  });

  it('lets no two purchases that are confirmed have the same number, and gives back all others', () => {
    let given = 0;
    always((log) => {
      const confirmed = [...log.purchases.states].filter(([, { status }]) => status === 'CONFIRMED');
      const numbers = confirmed.flatMap(([id, { number }]) => (number === null ? [] : [`${number} ${id}`]));
      const held = [...log.numbers.states.values()].filter(({ holder }) => holder !== null);
      expect(held.map(({ number, holder }) => `${number} ${holder}`).sort()).toEqual(numbers.sort());
      given += numbers.length;
    });
    expect(given).toBeGreaterThan(20);
  });

  it('folds the events to the very state that was published', () => {
    always((log) => {
      for (const shelf of [log.customers, log.products, log.purchases, log.numbers]) {
        for (const [id, state] of shelf.states) {
          expect(shelf.folded(id)).toEqual(state);
          expect(shelf.restored(id)).toEqual(state);
        }
      }
    });
  });
});
