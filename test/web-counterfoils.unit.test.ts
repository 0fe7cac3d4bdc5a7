/** Counterfoils: how they are named, where they lead, and how they are kept in the browser. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Counterfoil,
  commandTitle,
  entityPath,
  isPending,
  isWithoutEffect,
  linkOf,
  stepTitle,
} from '../web/src/counterfoils/counterfoil';
import { codeTitle, rejectionWords } from '../web/src/counterfoils/rejection-words';
import { drop, loadAll, save } from '../web/src/counterfoils/storage';
import { expectedSteps } from '../web/src/graph/kinds';

const counterfoil = (changes: Partial<Counterfoil> = {}): Counterfoil => ({
  key: 'k-1',
  order: { command: 'cancelPurchase', input: { purchaseId: 'o-1' } },
  about: 'Ada · 3.00',
  touches: ['o-1'],
  madeAt: 1,
  state: 'running',
  transactionId: 't-1',
  entityId: 'o-1',
  steps: [],
  rejection: null,
  problem: null,
  tookMs: null,
  ...changes,
});

describe('a counterfoil', () => {
  it.each([
    ['sending', true, false],
    ['unreached', true, false],
    ['running', true, false],
    ['completed', false, false],
    ['rejected', false, true],
    ['not-accepted', false, true],
    ['unknown', false, false],
  ] as const)('that is %s: pending %s, without effect %s', (state, pending, withoutEffect) => {
    expect(isPending(counterfoil({ state }))).toBe(pending);
    expect(isWithoutEffect(counterfoil({ state }))).toBe(withoutEffect);
  });

  it('leads to what its command is about, whatever stands in the id', () => {
    expect(entityPath('registerCustomer', 'c-1', 'ADMIN')).toBe('/customers/c-1');
    expect(entityPath('restockProduct', 'a/b ?', 'STAFF')).toBe('/products/a%2Fb%20%3F');
    expect(entityPath('cancelPurchase', 'o-1', 'CUSTOMER')).toBe('/purchases/o-1');
    expect(entityPath('mergeWarehouses', 's-1', 'ADMIN')).toBeNull();
  });

  it('leads those who see no list of customers to their own details', () => {
    expect(entityPath('updateCustomer', 'c-1', 'CUSTOMER')).toBe('/account');
  });

  it('leads after a rejection to the entity that the rejected field names, and nowhere when there is none', () => {
    const rejection = { code: 'INSUFFICIENT_STOCK', message: 'only 1 is free', field: 'lines[1].quantity' };
    const lines = ['tea', 'cup'].map((productId) => ({ productId, quantity: 2 }));
    const order = { command: 'placePurchase', input: { customerId: 'ada', lines } } as const;
    const rejected = counterfoil({ order, state: 'rejected', rejection });
    expect(linkOf(rejected, 'STAFF')).toBe('/products/cup');
    expect(linkOf({ ...rejected, rejection: { ...rejection, field: 'customerId' } }, 'STAFF')).toBe('/purchases/o-1');
    const added = { command: 'addProduct', input: { name: 'Tea', price: '1.00', stock: 1 } } as const;
    expect(linkOf(counterfoil({ order: added, state: 'completed' }), 'STAFF')).toBe('/products/o-1');
    expect(linkOf(counterfoil({ order: added, state: 'rejected' }), 'STAFF')).toBeNull();
  });

  it('expects a step for each line of a purchase', () => {
    const lines = [{ productId: 'tea', quantity: 2 }];
    expect(expectedSteps({ command: 'placePurchase', input: { customerId: 'ada', lines } })).toBe(5);
    expect(expectedSteps({ command: 'cancelPurchase', input: { purchaseId: 'o-1' } })).toBe(2);
  });

  it('is titled by its command, also by one that a newer server has', () => {
    expect(commandTitle('placePurchase')).toBe('Place purchase');
    expect(commandTitle('mergeCustomers')).toBe('merge customers');
    expect(commandTitle('toString')).toBe('to string');
  });

  it('says of a purchase that is completed that it is confirmed', () => {
    expect(stepTitle('placePurchase', 'completed')).toBe('confirmed');
    expect(stepTitle('addProduct', 'completed')).toBe('done');
    expect(stepTitle('placePurchase', 'stock reserved')).toBe('stock reserved');
  });
});

describe('a rejection in words', () => {
  it('says what to change, and keeps the sentence of the server, which names the thing', () => {
    expect(rejectionWords({ code: 'INSUFFICIENT_STOCK', message: 'only 4 of Chai are left' })).toEqual({
      what: 'Only 4 of Chai are left.',
      remedy: 'Ask for fewer, or restock the product.',
    });
    expect(rejectionWords({ code: 'VERSION_CONFLICT', message: 'version 3' }).what).toBe(
      'Someone else changed it in the meantime.',
    );
  });

  it('of a code that is not known here is the sentence of the server', () => {
    expect(rejectionWords({ code: 'NO_CREDIT', message: ' the credit is used up! ' })).toEqual({
      what: 'The credit is used up!',
      remedy: null,
    });
    expect(codeTitle('NO_CREDIT')).toBe('No credit');
    expect(codeTitle('INSUFFICIENT_STOCK')).toBe('Not enough stock');
  });
});

describe('counterfoils in the browser’s storage', () => {
  /** As much of Web Storage as is used: the entries are own properties, the methods are not. */
  class MemoryStorage {
    [name: string]: unknown;
  }
  let entries: MemoryStorage;

  beforeEach(() => {
    const methods = {
      getItem: (name: string) => entries[name] ?? null,
      setItem: (name: string, text: string) => {
        entries[name] = text;
      },
      removeItem: (name: string) => {
        delete entries[name];
      },
    };
    entries = Object.create(methods);
    vi.stubGlobal('localStorage', entries);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('are kept one by one, each for its user alone', () => {
    const [one, two] = [counterfoil(), counterfoil({ key: 'k-2', state: 'completed', tookMs: 12 })];
    save('ada', one);
    save('ada', two);
    save('ad', counterfoil({ key: 'k-3' }));
    expect(loadAll('ada')).toEqual([one, two]);
    drop('ada', 'k-1');
    expect(loadAll('ada')).toEqual([two]);
    expect(loadAll('bob')).toEqual([]);
  });

  it('leave out what is not theirs', () => {
    save('ada', counterfoil());
    for (const [index, text] of ['', '{', 'null', '7', '{"key":"k"}'].entries())
      entries[`counterfoil/1/ada/broken-${index}`] = text;
    entries['counterfoil.theme'] = 'dark';
    expect(loadAll('ada')).toEqual([counterfoil()]);
  });

  it('take an earlier page’s word for one that was not accepted', () => {
    entries['counterfoil/1/ada/k-1'] = JSON.stringify({
      ...counterfoil(),
      state: 'refused',
      problem: 'only for admins',
    });
    expect(loadAll('ada')).toEqual([counterfoil({ state: 'not-accepted', problem: 'only for admins' })]);
  });

  it('are none where storage is blocked, and nothing fails', () => {
    const blocked = () => {
      throw new Error('SecurityError');
    };
    vi.stubGlobal('localStorage', new Proxy({}, { get: blocked, ownKeys: blocked }));
    save('ada', counterfoil());
    drop('ada', 'k-1');
    expect(loadAll('ada')).toEqual([]);
  });
});
