/** Commands that came to the log past the gateway, and logs from before roles were recorded. */
import { describe, expect, it } from 'vitest';
import { decideAgain } from '../audit/decide-again.ts';
import { customerIdOf } from '../domain/index.ts';
import { allAggregates } from '../domain/registry.ts';
import { processorOf } from '../processors/index.ts';
import type { EventAttributes } from '../records/cloud-event.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import { Books } from './audit.books.ts';

const ADA = customerIdOf('ada');
const lines = [{ productId: 'tea', quantity: 1 }];
const names = { firstName: 'A', lastName: 'B' };

/** A shop with a customer of ada's, one of nobody's, and a purchase of ada's that waits for the products' answer. */
function shop(): Books {
  const books = new Books();
  books.command('customers', 'registerCustomer', ADA, { ...names, email: null, userId: 'ada' });
  books.command('customers', 'registerCustomer', 'free', { ...names, email: null });
  books.command('products', 'addProduct', 'tea', { name: 'Tea', price: 100, stock: 10 });
  books.submit('purchases', 'placePurchase', 'p1', { customerId: ADA, lines }, { issuedby: 'ada', roles: 'customer' });
  return books;
}

/** How a transaction ended: `COMPLETED`, or its rejection's code. */
function endOf(books: Books, transactionId: string): string {
  const last = books.records(TRANSACTIONS).findLast(({ key }) => key === transactionId);
  const { status, rejection } = JSON.parse(String(last?.value ?? '{"status":"none"}'));
  return rejection?.code ?? status;
}

async function othersToday(books: Books): Promise<readonly string[]> {
  const others: string[] = [];
  const onOther = ({ command, differences }: { command: string; differences: readonly string[] }) =>
    void others.push(`${command}: ${differences}`);
  await decideAgain({ log: books.log(), aggregates: allAggregates, processorOf, onOther });
  return others;
}

function stateOf(books: Books, topic: string, id: string): Record<string, unknown> {
  return JSON.parse(String(books.records(topic).findLast(({ key }) => key === id)?.value));
}

describe('a command that came past the gateway', () => {
  const eve = { issuedby: 'eve', roles: 'customer', source: '/gateway' };
  const forbidden: readonly (readonly [string, Parameters<Books['submit']>])[] = [
    ['of a customer, for the staff', ['products', 'updateProduct', 'tea', { price: 1 }, eve]],
    [
      'of one whose roles say nothing',
      ['products', 'restockProduct', 'tea', { quantity: 1 }, { ...eve, roles: 'queen' }],
    ],
    ['without roles', ['products', 'discontinueProduct', 'tea', {}, { ...eve, roles: undefined }]],
    ['without roles, for customers', ['customers', 'removeCustomer', 'free', {}, { ...eve, roles: undefined }]],
    [
      'of a member of the staff, for admins',
      [
        'purchases',
        'placePurchase',
        'p2',
        { customerId: 'free', lines, placedAt: '2020-01-01T00:00:00Z' },
        { ...eve, roles: 'customer,staff' },
      ],
    ],
    ['that registers under an id of choice', ['customers', 'registerCustomer', 'eve', { ...names, email: null }, eve]],
    [
      'that registers as another user',
      ['customers', 'registerCustomer', customerIdOf('eve'), { ...names, email: null, userId: 'ada' }, eve],
    ],
    ['that gives a customer away', ['customers', 'updateCustomer', ADA, { userId: 'eve' }, eve]],
    [
      'of an admin, for the processors',
      ['products', 'reserveStock', 'tea', { purchaseId: 'p9', quantity: 5 }, { roles: 'admin' }],
    ],
    [
      'that says that it is a processor, as the beginning of a transaction',
      [
        'products',
        'reserveStock',
        'tea',
        { purchaseId: 'p9', quantity: 5 },
        { source: '/processors/purchases', roles: undefined },
      ],
    ],
  ];

  it.each(forbidden)('%s, ends REJECTED with FORBIDDEN and changes nothing', async (_, command) => {
    const books = shop();
    books.process();
    const before = [stateOf(books, 'products.state', 'tea'), stateOf(books, 'customers.state', ADA)];
    const transactionId = books.submit(...command);
    books.process();
    expect(endOf(books, transactionId)).toBe('FORBIDDEN');
    expect([stateOf(books, 'products.state', 'tea'), stateOf(books, 'customers.state', ADA)]).toEqual(before);
    expect(await othersToday(books)).toEqual([]);
  });

  it("cannot end another's purchase by an answer that is not its to give, nor by a refused question", () => {
    const books = shop();
    const refusal = { code: 'NOT_FOUND', message: 'no' };
    const forged: readonly Parameters<Books['submit']>[] = [
      ['purchases', 'recordCustomerDeclined', 'p1', { refusal }, eve],
      ['purchases', 'expirePurchase', 'p1', {}, eve],
      ['purchases', 'recordStockReserved', 'p1', { productId: 'tea', unitPrice: 0 }, eve],
      // A refused question is answered by a refusal, unless nobody had a right to ask.
      ['customers', 'approvePurchase', ADA, { purchaseId: 'p1', userId: 'eve' }, eve],
      ['products', 'reserveStock', 'tea', { purchaseId: 'p1', quantity: 999 }, eve],
    ];
    const ids = forged.map((command) => books.submit(...command));
    books.process();
    expect(ids.map((id) => endOf(books, id))).toEqual(forged.map(() => 'FORBIDDEN'));
    expect(stateOf(books, 'purchases.state', 'p1')).toMatchObject({ status: 'CONFIRMED', total: 100, userId: 'ada' });
  });

  it("is told of another's customers and purchases what it would be told of none", () => {
    const ends = (of: Books) => {
      of.process();
      const ask: readonly Parameters<Books['submit']>[] = [
        ['customers', 'updateCustomer', ADA, { firstName: 'Eve', ifVersion: 9 }, eve],
        ['customers', 'removeCustomer', ADA, {}, eve],
        ['purchases', 'cancelPurchase', 'p1', { ifVersion: 9 }, eve],
        ['purchases', 'placePurchase', 'p3', { customerId: ADA, lines }, eve],
      ];
      const ids = ask.map((command) => of.submit(...command));
      of.process();
      const told = of.records(TRANSACTIONS).map(({ value }) => JSON.parse(String(value)));
      return ids.map((id) => told.findLast((each) => each.id === id).rejection);
    };
    const empty = new Books();
    empty.command('products', 'addProduct', 'tea', { name: 'Tea', price: 100, stock: 10 });
    const told = ends(shop());
    expect(told).toEqual(ends(empty));
    expect(told.map(({ code }) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'CUSTOMER_NOT_FOUND']);
  });
});

describe('a log from before roles were recorded', () => {
  const before: Partial<EventAttributes> = { roles: undefined };

  function oldLog(): Books {
    const books = new Books();
    books.restart(allAggregates, 'accept');
    const send = (...[aggregate, type, id, data]: Parameters<Books['command']>) => {
      books.submit(aggregate, type, id, data, before);
      books.process();
    };
    send('customers', 'registerCustomer', 'ada', { ...names, email: null });
    send('products', 'addProduct', 'tea', { name: 'Tea', price: 100, stock: 10 });
    send('purchases', 'placePurchase', 'p1', { customerId: 'ada', lines, placedAt: '2020-01-01T00:00:00Z' });
    send('purchases', 'cancelPurchase', 'p1', {});
    send('purchases', 'cancelPurchase', 'nothing', {});
    return books;
  }

  it('is decided again to the same outcomes', async () => {
    const books = oldLog();
    expect(stateOf(books, 'purchases.state', 'p1')).toMatchObject({ status: 'CANCELLED', userId: null });
    expect(await othersToday(books)).toEqual([]);
  });

  it('goes on with commands that tell roles, and refuses those that do not, unless they are to be accepted', async () => {
    const books = oldLog();
    books.restart(allAggregates);
    const refused = books.submit('products', 'restockProduct', 'tea', { quantity: 1 }, before);
    const taken = books.submit('products', 'restockProduct', 'tea', { quantity: 1 });
    books.process();
    expect([endOf(books, refused), endOf(books, taken)]).toEqual(['FORBIDDEN', 'COMPLETED']);
    expect(await othersToday(books)).toEqual([]);
  });
});
