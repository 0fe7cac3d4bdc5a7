/** The customer's rules. */
import { describe, expect, it } from 'vitest';
import { type CustomerCommands, type CustomerEvents, customer, type Message } from '../../domain/index.ts';
import { EARLIER, given } from './given.ts';

const ada = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };
const registered: Message<CustomerEvents> = { type: 'CustomerRegistered', data: ada };
const removed: Message<CustomerEvents> = { type: 'CustomerRemoved', data: {} };

function register(change: Partial<CustomerCommands['registerCustomer']> = {}): Message<CustomerCommands> {
  return { type: 'registerCustomer', data: { customerId: 'ada', ...ada, ...change } };
}
function update(change: Partial<CustomerCommands['updateCustomer']>): Message<CustomerCommands> {
  return { type: 'updateCustomer', data: { customerId: 'ada', ...change } };
}
function remove(ifVersion?: number): Message<CustomerCommands> {
  return { type: 'removeCustomer', data: { customerId: 'ada', ifVersion } };
}
const approve: Message<CustomerCommands> = {
  type: 'approvePurchase',
  data: { customerId: 'ada', purchaseId: 'purchase-1' },
};

describe('registering a customer', () => {
  it('records the details and when it happened', () => {
    given(customer).when(register()).decides(registered);
    expect(given(customer, registered).state).toEqual({
      ...ada,
      version: 1,
      removed: false,
      registeredAt: EARLIER,
      userId: null,
      number: null,
      claim: null,
      erased: false,
      readable: true,
    });
  });

  it('takes a customer without an e-mail address', () => {
    given(customer)
      .when(register({ email: null }))
      .decides({ type: 'CustomerRegistered', data: { ...ada, email: null } });
  });

  it('rejects an id that is taken, also by a removed customer', () => {
    given(customer, registered).when(register()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
    given(customer, registered, removed).when(register()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
  });

  it.each(['', 'a b', 'ä', '../etc', 'x'.repeat(65), 'line\n'])('rejects the id %j', (customerId) => {
    given(customer).when(register({ customerId })).rejects({ code: 'INVALID_INPUT', field: 'id' });
  });

  it.each(['A', 'x'.repeat(64), 'a_B-9'])('takes the id %j', (customerId) => {
    given(customer).when(register({ customerId })).decides(registered);
  });

  it.each(['firstName', 'lastName'] as const)('rejects a %s that is blank or longer than 200 characters', (field) => {
    for (const name of ['  \t', 'x'.repeat(201)]) {
      given(customer)
        .when(register({ [field]: name }))
        .rejects({ code: 'INVALID_INPUT', field });
    }
  });

  it('takes a single-word name as a last name without a first name, and no name at all never', () => {
    const single = { ...ada, firstName: '' };
    given(customer).when(register(single)).decides({ type: 'CustomerRegistered', data: single });
    given(customer)
      .when(register({ lastName: '' }))
      .rejects({ code: 'INVALID_INPUT', field: 'lastName' });
  });

  it('takes names of exactly 200 characters', () => {
    const longest = { ...ada, firstName: 'x'.repeat(200), lastName: 'y'.repeat(200) };
    given(customer).when(register(longest)).decides({ type: 'CustomerRegistered', data: longest });
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada@example.',
    'ada@.com',
    'ada@@example.com',
    'a da@example.com',
    `${'x'.repeat(250)}@example.com`,
  ])('rejects the e-mail address %j', (email) => {
    given(customer).when(register({ email })).rejects({ code: 'INVALID_INPUT', field: 'email' });
  });
});

describe('updating a customer', () => {
  it('changes what is given and keeps what is left out', () => {
    given(customer, registered)
      .when(update({ lastName: 'Byron' }))
      .decides({ type: 'CustomerUpdated', data: { ...ada, lastName: 'Byron' } });
    given(customer, registered)
      .when(update({ firstName: 'Augusta', email: 'a@b.example' }))
      .decides({ type: 'CustomerUpdated', data: { ...ada, firstName: 'Augusta', email: 'a@b.example' } });
  });

  it('takes the e-mail address away when it is null, and keeps it when it is left out', () => {
    expect(given(customer, registered).when(update({ email: null })).state.email).toBeNull();
    expect(given(customer, registered).when(update({})).state.email).toBe(ada.email);
  });

  it('adds one to the version', () => {
    expect(given(customer, registered).when(update({ firstName: 'Augusta' })).state.version).toBe(2);
  });

  it('rejects a customer that is not there', () => {
    given(customer)
      .when(update({ firstName: 'Augusta' }))
      .rejects({ code: 'NOT_FOUND', field: 'customerId' });
  });

  it('rejects a customer that has been removed', () => {
    given(customer, registered, removed)
      .when(update({ firstName: 'Augusta' }))
      .rejects({ code: 'CUSTOMER_REMOVED', field: 'customerId' });
  });

  it('rejects details that a registration would reject', () => {
    const past = given(customer, registered);
    past.when(update({ firstName: ' ' })).rejects({ code: 'INVALID_INPUT', field: 'firstName' });
    past.when(update({ lastName: '' })).rejects({ code: 'INVALID_INPUT', field: 'lastName' });
    past.when(update({ email: 'ada' })).rejects({ code: 'INVALID_INPUT', field: 'email' });
    past.when(update({ customerId: 'a b' })).rejects({ code: 'INVALID_INPUT', field: 'customerId' });
  });

  it('goes ahead at the version that is asked for, and is rejected at any other', () => {
    const past = given(customer, registered, { type: 'CustomerUpdated', data: ada });
    past.when(update({ lastName: 'Byron', ifVersion: 2 })).decides({
      type: 'CustomerUpdated',
      data: { ...ada, lastName: 'Byron' },
    });
    for (const ifVersion of [1, 3]) {
      past.when(update({ lastName: 'Byron', ifVersion })).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    }
  });
});

describe('removing a customer', () => {
  it('marks the customer as removed and keeps its details', () => {
    const after = given(customer, registered).when(remove());
    after.decides(removed);
    expect(after.state).toMatchObject({ ...ada, removed: true, version: 2 });
  });

  it('happens once', () => {
    given(customer, registered, removed).when(remove()).rejects({ code: 'CUSTOMER_REMOVED', field: 'customerId' });
  });

  it('rejects a customer that is not there, or has moved on, or an id that cannot be one', () => {
    given(customer).when(remove()).rejects({ code: 'NOT_FOUND', field: 'customerId' });
    given(customer, registered).when(remove(1)).decides(removed);
    given(customer, registered).when(remove(2)).rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
    given(customer)
      .when({ type: 'removeCustomer', data: { customerId: '' } })
      .rejects({ code: 'INVALID_INPUT', field: 'customerId' });
  });
});

describe('approving a purchase', () => {
  it('is a notice: it changes nothing about the customer, its version included', () => {
    const past = given(customer, registered);
    const after = past.when(approve);
    after.decides({ type: 'PurchaseApproved', data: { purchaseId: 'purchase-1' } });
    expect(after.state).toEqual(past.state);
  });

  it('is rejected by a customer that is not there, or has been removed', () => {
    given(customer).when(approve).rejects({ code: 'CUSTOMER_NOT_FOUND', field: 'customerId' });
    given(customer, registered, removed).when(approve).rejects({ code: 'CUSTOMER_REMOVED', field: 'customerId' });
  });
});

describe('erasing a customer', () => {
  const [firstName, lastName, email] = ['a', 'b', 'c'].map((sealed) => ({ sealed }));
  const sealed: Message<CustomerEvents> = {
    type: 'CustomerRegistered',
    data: { firstName: firstName ?? '', lastName: lastName ?? '', email: email ?? null, userId: 'u', number: '17' },
  };
  const erased: Message<CustomerEvents> = { type: 'CustomerErased', data: { readable: false } };
  const erase = (evenIfReadable?: boolean): Message<CustomerCommands> => ({
    type: 'eraseCustomer',
    data: { customerId: 'ada', evenIfReadable },
  });

  it('takes sealed names as they are, and keeps them sealed', () => {
    given(customer)
      .when(register({ firstName: { sealed: 'a' }, lastName: { sealed: 'b' }, email: { sealed: 'c' } }))
      .decides({
        type: 'CustomerRegistered',
        data: { firstName: { sealed: 'a' }, lastName: { sealed: 'b' }, email: { sealed: 'c' } },
      });
  });

  it('leaves nothing of a person, and the customer removed', () => {
    given(customer, sealed, removed).when(erase()).decides(erased);
    expect(given(customer, sealed, removed, erased).state).toMatchObject({
      ...{ firstName: '', lastName: '', email: null, userId: null, number: null },
      ...{ removed: true, erased: true, version: 3 },
    });
  });

  it('rejects a customer that has not been removed, since it would approve purchases meanwhile', () => {
    given(customer, sealed).when(erase()).rejects({ code: 'CUSTOMER_NOT_REMOVED', field: 'customerId' });
  });

  it('rejects one whose older records can be read, unless that is accepted', () => {
    given(customer, registered, removed).when(erase()).rejects({ code: 'CUSTOMER_READABLE', field: 'evenIfReadable' });
    given(customer, registered, removed)
      .when(erase(true))
      .decides({ type: 'CustomerErased', data: { readable: true } });
    given(customer, registered, removed).when(erase(false)).rejects({ code: 'CUSTOMER_READABLE' });
  });

  it('does nothing a second time, and rejects what does not exist', () => {
    given(customer, sealed, removed, erased).when(erase()).decides();
    given(customer).when(erase()).rejects({ code: 'NOT_FOUND', field: 'customerId' });
  });

  it('leaves an id that nobody can take again, and a customer that approves nothing', () => {
    given(customer, sealed, removed, erased).when(register()).rejects({ code: 'ALREADY_EXISTS' });
    given(customer, sealed, removed, erased).when(approve).rejects({ code: 'CUSTOMER_REMOVED' });
  });
});
