/** The owner of a number, and those who ask it: what each decides. */
import { describe, expect, it } from 'vitest';
import {
  type CustomerCommands,
  type CustomerEvents,
  customer,
  type Message,
  type NumberCommands,
  type NumberEvents,
  number,
  type PurchaseEvents,
  product,
  purchase,
  type Rejection,
} from '../../domain/index.ts';
import { ownerOfNumber } from '../../domain/number-claim.ts';
import { EARLIER, given, META } from './given.ts';

const numberId = ownerOfNumber('purchases', '10248');
const of = (holder: string, claim: string) => ({ kind: 'purchases', number: '10248', holder, claim }) as const;
const claim = (holder: string, by: string): Message<NumberCommands> => {
  return { type: 'claimNumber', data: { numberId, ...of(holder, by) } };
};
const release = (by: string): Message<NumberCommands> => ({ type: 'releaseNumber', data: { numberId, claim: by } });
const claimed = (holder: string, by: string): Message<NumberEvents> => ({
  type: 'NumberClaimed',
  data: of(holder, by),
});
const released = (by: string): Message<NumberEvents> => ({ type: 'NumberReleased', data: { claim: by } });

describe('the owner of a number', () => {
  it('gives it to who asks first, and to no other as long as that one holds it', () => {
    const first = given(number).when(claim('p1', 'c1'));
    first.decides(claimed('p1', 'c1'));
    expect(first.state).toMatchObject({ holder: 'p1', held: 1, number: '10248', kind: 'purchases' });
    given(number, claimed('p1', 'c1'))
      .when(claim('p2', 'c2'))
      .rejects({ code: 'NUMBER_TAKEN', message: 'number 10248 is taken: purchase p1 has it', field: 'number' });
  });

  it('is free when every claim of its holder has been given back, each once', () => {
    const twice = [claimed('p1', 'c1'), claimed('p1', 'c2'), released('c1')];
    given(number, ...twice)
      .when(claim('p2', 'c3'))
      .rejects({ code: 'NUMBER_TAKEN' });
    given(number, ...twice)
      .when(release('c1'))
      .changesNothing();
    const free = [...twice, released('c2')];
    expect(given(number, ...free).state).toMatchObject({ holder: null, held: 0 });
    given(number, ...free)
      .when(claim('p2', 'c3'))
      .decides(claimed('p2', 'c3'));
  });

  it('does nothing about a claim that it has answered, or never had', () => {
    given(number, claimed('p1', 'c1')).when(claim('p1', 'c1')).changesNothing();
    given(number, claimed('p1', 'c1'), released('c1')).when(claim('p1', 'c1')).changesNothing();
    given(number, claimed('p1', 'c1')).when(release('c9')).changesNothing();
  });

  it('is another one for each text and each kind', () => {
    const owners = [
      ownerOfNumber('purchases', '1'),
      ownerOfNumber('purchases', '01'),
      ownerOfNumber('purchases', 'a'),
      ownerOfNumber('purchases', 'A'),
      ownerOfNumber('customers', '1'),
    ];
    expect(new Set(owners).size).toBe(owners.length);
    expect(owners[0]).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

const ada = { firstName: 'Ada', lastName: 'Lovelace', email: null };
const registered = (number?: string): Message<CustomerEvents> => ({
  type: 'CustomerRegistered',
  data: { ...ada, ...(number === undefined ? {} : { number, claim: `claim of ${number}` }) },
});
const update = (data: Partial<CustomerCommands['updateCustomer']>): Message<CustomerCommands> => ({
  type: 'updateCustomer',
  data: { customerId: 'ada', ...data },
});
const taken: Rejection = { code: 'NUMBER_TAKEN', message: 'number 7 is taken', field: 'number' };

describe('a customer with a number', () => {
  const change = { type: 'registerCustomer', data: { customerId: 'ada', ...ada, number: '7' } } as const;
  const claim = META.transactionId;

  it('is registered when the number has been given, and not before', () => {
    const asked = given(customer).when(change);
    asked.decides({ type: 'CustomerNumberAsked', data: { number: '7', claim, change } });
    expect(asked.state).toEqual(customer.initialState);
    const given7 = given(customer).when({
      type: 'recordCustomerNumberGiven',
      data: { customerId: 'ada', claim, change },
    });
    given7.decides({ type: 'CustomerRegistered', data: { ...ada, number: '7', claim } });
    expect(given7.state).toMatchObject({ version: 1, number: '7', claim });
  });

  it('is not registered when the number is refused', () => {
    const { type: command } = change;
    const refused = given(customer).when({
      type: 'recordCustomerNumberRefused',
      data: { customerId: 'ada', command, refusal: taken },
    });
    refused.decides({ type: 'CustomerChangeRejected', data: { command, rejection: taken } });
    expect(refused.state).toEqual(customer.initialState);
  });

  it('gives the number back when it cannot be registered any more', () => {
    const { code, field } = { code: 'ALREADY_EXISTS', field: 'id' } as const;
    const rejection = { code, message: 'customer ada exists already: choose another id', field };
    given(customer, registered())
      .when({ type: 'recordCustomerNumberGiven', data: { customerId: 'ada', claim, change } })
      .decides({
        type: 'CustomerChangeRejected',
        data: { command: 'registerCustomer', rejection, release: { number: '7', claim } },
      });
  });

  it('asks for another number, and gives the one that it had back', () => {
    const to8 = { type: 'updateCustomer', data: { customerId: 'ada', number: '8' } } as const;
    given(customer, registered('7'))
      .when(to8)
      .decides({ type: 'CustomerNumberAsked', data: { number: '8', claim, change: to8 } });
    given(customer, registered('7'))
      .when({ type: 'recordCustomerNumberGiven', data: { customerId: 'ada', claim, change: to8 } })
      .decides({
        type: 'CustomerUpdated',
        data: { ...ada, number: '8', claim, release: { number: '7', claim: 'claim of 7' } },
      });
  });

  it('asks nobody for the number that it has, or for none', () => {
    given(customer, registered('7'))
      .when(update({ number: '7' }))
      .decides({ type: 'CustomerUpdated', data: ada });
    const release = { number: '7', claim: 'claim of 7' };
    const without = given(customer, registered('7')).when(update({ number: null }));
    without.decides({ type: 'CustomerUpdated', data: { ...ada, number: null, release } });
    expect(without.state).toMatchObject({ number: null, claim: null });
  });

  it('keeps it through other changes, and gives it back when it is removed', () => {
    expect(given(customer, registered('7')).when(update({ firstName: 'Eve' })).state).toMatchObject({ number: '7' });
    const gone = given(customer, registered('7')).when({ type: 'removeCustomer', data: { customerId: 'ada' } });
    gone.decides({ type: 'CustomerRemoved', data: { release: { number: '7', claim: 'claim of 7' } } });
  });

  it('keeps one claim alone when two changes brought the same number', () => {
    const to7 = { type: 'updateCustomer', data: { customerId: 'ada', number: '7' } } as const;
    given(customer, registered('7'))
      .when({ type: 'recordCustomerNumberGiven', data: { customerId: 'ada', claim, change: to7 } })
      .decides({ type: 'CustomerUpdated', data: { ...ada, release: { number: '7', claim } } });
  });

  it('has it from staff alone', () => {
    for (const command of [change, update({ number: '7' })]) {
      given(customer).when(command, { issuedBy: 'bob', authority: 'customer' }).rejects({ code: 'FORBIDDEN' });
    }
  });
});

describe('a product with a number', () => {
  const change = {
    type: 'addProduct',
    data: { productId: 'tea', name: 'Tea', price: 1, stock: 2, number: '7' },
  } as const;

  it('is added when the number has been given, and gives it back when it gets another', () => {
    const claim = META.transactionId;
    given(product)
      .when(change)
      .decides({ type: 'ProductNumberAsked', data: { number: '7', claim, change } });
    const added = given(product).when({ type: 'recordProductNumberGiven', data: { productId: 'tea', claim, change } });
    expect(added.state).toMatchObject({ version: 1, number: '7', claim, free: 2, received: 2 });
    const data = { name: 'Tea', price: 1, stock: 2, number: '7', claim: 'c7' };
    given(product, { type: 'ProductAdded', data })
      .when({ type: 'updateProduct', data: { productId: 'tea', number: null } })
      .decides({
        type: 'ProductUpdated',
        data: { name: 'Tea', price: 1, number: null, release: { number: '7', claim: 'c7' } },
      });
  });
});

describe('a purchase with a number', () => {
  const lines = [{ productId: 'tea', quantity: 1 }];
  const data = { customerId: 'ada', lines, placedAt: EARLIER, transactionId: 't', issuedBy: 'ada', number: '7' };
  const placed: Message<PurchaseEvents> = { type: 'PurchasePlaced', data };
  const history: readonly Message<PurchaseEvents>[] = [
    placed,
    { type: 'LineReserved', data: { productId: 'tea', unitPrice: 450 } },
    { type: 'CustomerApproved', data: {} },
  ];

  it('asks for it as it is placed, and is confirmed when it has been given', () => {
    const asked = purchase.routes.events.PurchasePlaced?.(data, 'p1') ?? [];
    expect(asked.map(({ type }) => type)).toEqual(['claimNumber', 'reserveStock', 'approvePurchase']);
    expect(given(purchase, ...history).state).toMatchObject({ status: 'PENDING', numberGiven: false });
    given(purchase, ...history)
      .when({ type: 'recordPurchaseNumberGiven', data: { purchaseId: 'p1' } })
      .decides(
        { type: 'PurchaseNumberGiven', data: {} },
        { type: 'PurchaseConfirmed', data: { total: 450, settle: ['tea'] } },
      );
  });

  it('is rejected when the number is refused: its stock is given back, and no number', () => {
    given(purchase, ...history)
      .when({ type: 'recordPurchaseNumberRefused', data: { purchaseId: 'p1', refusal: taken } })
      .decides({ type: 'PurchaseRejected', data: { rejection: taken, release: ['tea'], transactionId: 't' } });
  });

  it('gives it back when it is cancelled or rejected for another reason, whatever has been answered', () => {
    for (const past of [[placed], history]) {
      const cancelled = given(purchase, ...past).when({ type: 'cancelPurchase', data: { purchaseId: 'p1' } });
      cancelled.decides({
        type: 'PurchaseCancelled',
        data: { release: ['tea'], takeBack: [], transactionId: 't', number: '7' },
      });
    }
    const routed = purchase.routes.events.PurchaseRejected?.(
      { rejection: taken, release: [], transactionId: 't', number: '7' },
      'p1',
    );
    expect(routed).toMatchObject([{ type: 'releaseNumber', data: { claim: 'p1' } }]);
  });
});
