/** Who may give which command, and to whom an entity exists. */
import { describe, expect, it } from 'vitest';
import {
  type Authority,
  aggregates,
  type CustomerEvents,
  customer,
  customerIdOf,
  type Message,
  type PurchaseCommands,
  type PurchaseEvents,
  product,
  purchase,
  ROLES,
} from '../../domain/index.ts';
import { allAggregates } from '../../domain/registry.ts';
import { EARLIER, given } from './given.ts';

const bob = { issuedBy: 'bob', authority: 'customer' } as const;
const clerk = { issuedBy: 'clerk', authority: 'staff' } as const;
const details = { firstName: 'Bob', lastName: 'Ross', email: null };
const OWN = customerIdOf('bob');
const bobs: Message<CustomerEvents> = { type: 'CustomerRegistered', data: { ...details, userId: 'bob' } };
const adas: Message<CustomerEvents> = { type: 'CustomerRegistered', data: { ...details, userId: 'ada' } };
const nobodys: Message<CustomerEvents> = { type: 'CustomerRegistered', data: details };
const lines = [{ productId: 'tea', quantity: 1 }];

function placed(by: string, userId?: string): Message<PurchaseEvents> {
  const data = { customerId: 'c', lines, placedAt: EARLIER, transactionId: 't', issuedBy: by };
  return { type: 'PurchasePlaced', data: userId === undefined ? data : { ...data, userId } };
}

const commandsOf = allAggregates.flatMap(({ name, commands }) => Object.keys(commands).map((type) => ({ name, type })));

describe('a right', () => {
  it.each(commandsOf)('to $type of $name is missing to every role below its own, and to no role above', (command) => {
    const { rights } = allAggregates.find(({ name }) => name === command.name) ?? {};
    const least = rights?.[command.type]?.least;
    const decider = aggregates[command.name] as unknown as Parameters<typeof given>[0];
    const rejected = (authority: Authority) => {
      let code = '';
      try {
        given(decider)
          .when({ type: command.type, data: {} }, { issuedBy: 'bob', authority })
          .rejects({ code: 'FORBIDDEN' });
        code = 'FORBIDDEN';
      } catch {
        // It was let through, to a check that the empty command did not pass.
      }
      return code === 'FORBIDDEN';
    };
    for (const role of ROLES) {
      const may = least !== 'system' && least !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
      // A customer's registration is rejected for its id here.
      if (command.type === 'registerCustomer' && role === 'customer') continue;
      expect(rejected(role), role).toBe(!may);
    }
    expect(rejected('system')).toBe(least !== 'system');
    expect(rejected('legacy')).toBe(false);
  });

  it('to a command tells nothing of whether its entity exists', () => {
    const rename = { type: 'updateProduct', data: { productId: 'tea', name: 'x', ifVersion: 9 } } as const;
    const added = { type: 'ProductAdded', data: { name: 'Tea', price: 1, stock: 1 } } as const;
    for (const past of [given(product), given(product, added)]) {
      past.when(rename, bob).rejects({ code: 'FORBIDDEN', message: 'updateProduct: only for staff and admins' });
    }
  });
});

describe('a user that registers', () => {
  it('gets one customer of its own, under an id that is told from its own', () => {
    const register = { type: 'registerCustomer', data: { customerId: OWN, ...details } } as const;
    given(customer).when(register, bob).decides(bobs);
    given(customer, bobs).when(register, bob).rejects({ code: 'ALREADY_EXISTS' });
  });

  it('may neither choose the id nor name another user', () => {
    for (const customerId of ['bob', customerIdOf('ada')]) {
      given(customer)
        .when({ type: 'registerCustomer', data: { customerId, ...details } }, bob)
        .rejects({ code: 'FORBIDDEN', field: 'id' });
    }
    given(customer)
      .when({ type: 'registerCustomer', data: { customerId: OWN, ...details, userId: 'ada' } }, bob)
      .rejects({ code: 'FORBIDDEN', field: 'userId' });
  });
});

describe('staff', () => {
  it('binds a customer to a user, on registering and later, and sets it free', () => {
    given(customer)
      .when({ type: 'registerCustomer', data: { customerId: 'c', ...details, userId: 'bob' } }, clerk)
      .decides(bobs);
    const bind = { type: 'updateCustomer', data: { customerId: 'c', userId: 'bob' } } as const;
    expect(given(customer, nobodys).when(bind, clerk).state.userId).toBe('bob');
    const free = { type: 'updateCustomer', data: { customerId: 'c', userId: null } } as const;
    expect(given(customer, bobs).when(free, clerk).state.userId).toBeNull();
    const rename = { type: 'updateCustomer', data: { customerId: 'c', firstName: 'Robert' } } as const;
    expect(given(customer, bobs).when(rename, clerk).state).toMatchObject({ userId: 'bob', firstName: 'Robert' });
  });

  it.each(['', '  ', 'x'.repeat(201), '\ud800'])('cannot bind to %j, which no user can be', (userId) => {
    given(customer, nobodys)
      .when({ type: 'updateCustomer', data: { customerId: 'c', userId } }, clerk)
      .rejects({ code: 'INVALID_INPUT', field: 'userId' });
  });
});

describe("another's customer", () => {
  const attempts = [
    { type: 'updateCustomer', data: { customerId: 'c', firstName: 'Eve' } },
    { type: 'updateCustomer', data: { customerId: 'c', firstName: 'Eve', ifVersion: 7 } },
    { type: 'removeCustomer', data: { customerId: 'c' } },
  ] as const;

  it.each(attempts)('is rejected $type in the words for one that is not there', (command) => {
    const missing = { code: 'NOT_FOUND', message: 'there is no customer c', field: 'customerId' };
    for (const past of [
      given(customer),
      given(customer, adas),
      given(customer, nobodys),
      given(customer, adas, { type: 'CustomerRemoved', data: {} }),
    ]) {
      past.when(command, bob).rejects(missing);
    }
  });

  it('approves no purchase, in the words for one that is not there', () => {
    const ask = { type: 'approvePurchase', data: { customerId: 'c', purchaseId: 'p', userId: 'bob' } } as const;
    const missing = { code: 'CUSTOMER_NOT_FOUND', message: 'there is no customer c', field: 'customerId' };
    for (const past of [given(customer), given(customer, adas), given(customer, nobodys)]) {
      past.when(ask).rejects(missing);
    }
    given(customer, bobs)
      .when(ask)
      .decides({ type: 'PurchaseApproved', data: { purchaseId: 'p', userId: 'bob' } });
  });
});

describe('a purchase', () => {
  const cancel = { type: 'cancelPurchase', data: { purchaseId: 'p' } } as const;
  const place = { type: 'placePurchase', data: { purchaseId: 'p', customerId: 'c', lines } } as const;

  it('belongs to the customer who placed it', () => {
    given(purchase)
      .when(place, bob)
      .decides({
        type: 'PurchasePlaced',
        data: {
          ...{ customerId: 'c', lines, placedAt: '2026-01-01T09:00:00.000Z' },
          ...{ transactionId: 'transaction-1', issuedBy: 'bob', userId: 'bob' },
        },
      });
    expect(given(purchase, placed('bob', 'bob')).when(cancel, bob).state.status).toBe('CANCELLED');
  });

  it('that staff placed belongs to nobody until its customer approved it, and then to that one', () => {
    expect(given(purchase).when(place, clerk).state.userId).toBeNull();
    const approved = { type: 'recordCustomerApproved', data: { purchaseId: 'p', userId: 'bob' } } as const;
    expect(given(purchase, placed('clerk')).when(approved).state.userId).toBe('bob');
    expect(given(purchase, placed('eve', 'eve')).when(approved).state.userId).toBe('eve');
  });

  it("of somebody else's is not there for who would cancel it, whatever became of it", () => {
    const missing = { code: 'NOT_FOUND', message: 'there is no purchase p', field: 'purchaseId' };
    for (const past of [given(purchase), given(purchase, placed('ada', 'ada')), given(purchase, placed('clerk'))]) {
      past.when(cancel, bob).rejects(missing);
    }
    expect(given(purchase, placed('ada', 'ada')).when(cancel, clerk).state.status).toBe('CANCELLED');
  });

  it('has its number, its prices and its discounts from staff and admins alone', () => {
    const given1996: readonly [string, Partial<PurchaseCommands['placePurchase']>][] = [
      ['number', { number: '10248' }],
      ['lines[1].unitPrice', { lines: [...lines, { productId: 'cup', quantity: 1, unitPrice: 1 }] }],
      ['lines[0].discount', { lines: [{ productId: 'cup', quantity: 1, discount: 0 }] }],
    ];
    for (const [field, data] of given1996) {
      const command = { ...place, data: { ...place.data, ...data } };
      given(purchase).when(command, bob).rejects({ code: 'FORBIDDEN', field });
      expect(given(purchase).when(command, clerk).state).toMatchObject({ version: 1 });
    }
  });

  it('is placed in the past by admins alone', () => {
    const past = { ...place, data: { ...place.data, placedAt: EARLIER } };
    for (const issuer of [bob, clerk])
      given(purchase).when(past, issuer).rejects({ code: 'FORBIDDEN', field: 'placedAt' });
    expect(given(purchase).when(past, { authority: 'admin' }).state.placedAt).toBe(EARLIER);
  });
});
