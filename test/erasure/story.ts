/** A customer who does all that a customer can, so that its names get everywhere, and who is erased then. */
import { expect } from 'vitest';
import { ADD, PLACE, REGISTER, REMOVE_CUSTOMER, run, UPDATE_CUSTOMER } from '../e2e/operations.ts';
import type { Server } from '../e2e/server.ts';

/** Words that stand nowhere else. */
export const WORDS = ['Quirinalda', 'Zwolinskaja', 'Obermeierhuber', 'Thunderstruck', 'q.zwolin', 'kolibri.example'];
const [firstName = '', lastName = '', second = '', refused = '', mailbox = '', host = ''] = WORDS;
const email = `${mailbox}@${host}`;

export const ERASE =
  'mutation ($input: EraseCustomerInput!) { done: eraseCustomer(input: $input) { transactionId id } }';

const SHOWN = /* GraphQL */ `
  query ($id: ID!, $purchase: ID!, $first: String!, $last: String!, $reflecting: ID) {
    customer(id: $id, reflecting: $reflecting) { firstName lastName email number userId removed erased purchaseCount totalSpent }
    purchase(id: $purchase, reflecting: $reflecting) { status total customer { id firstName lastName erased } }
    byFirst: customers(filter: { text: $first, removed: null }, reflecting: $reflecting) { totalCount }
    byLast: purchases(filter: { text: $last }, reflecting: $reflecting) { totalCount totalAmount }
    all: purchases(reflecting: $reflecting) { totalCount totalAmount }
    product(id: "tea", reflecting: $reflecting) { stock reserved unitsSold revenue }
  }
`;

async function shown(server: Server, reflecting?: string) {
  const variables = { id: 'c-17', purchase: 'o-1', first: firstName, last: second, reflecting };
  const { data, errors } = await server.graphql(SHOWN, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Registers, renames, buys, is refused; and another customer, who stays. */
export async function liveAs(server: Server): Promise<void> {
  const is = async (command: Promise<{ readonly status: string; readonly transactionId: string }>, status: string) => {
    const outcome = await command;
    expect(outcome).toMatchObject({ status });
    return outcome.transactionId;
  };
  const id = { customerId: 'c-17' };
  await is(run(server, ADD, { id: 'tea', name: 'Tea', price: '2.50', stock: 1000 }), 'COMPLETED');
  await is(run(server, REGISTER, { id: 'c-18', firstName: 'Stays', lastName: 'Readable' }), 'COMPLETED');
  const registered = { id: 'c-17', firstName, lastName, email, number: 'K-17', idempotencyKey: 'registered' };
  await is(run(server, REGISTER, registered), 'COMPLETED');
  await is(run(server, REGISTER, { ...registered, idempotencyKey: 'again' }), 'REJECTED');
  const another = await server.graphql(REGISTER, { input: { ...registered, firstName: refused } });
  expect(another.errors?.[0]?.message).toContain('idempotencyKey');
  const lines = [{ productId: 'tea', quantity: 4 }];
  await is(run(server, PLACE, { id: 'o-1', customerId: 'c-17', lines, idempotencyKey: 'o-1' }), 'COMPLETED');
  await is(run(server, UPDATE_CUSTOMER, { ...id, lastName: second, number: 'K-18' }), 'COMPLETED');
  await is(run(server, UPDATE_CUSTOMER, { ...id, lastName: refused, ifVersion: 1 }), 'REJECTED');
  const others = await is(
    run(server, PLACE, { id: 'o-2', customerId: 'c-18', lines, idempotencyKey: 'o-2' }),
    'COMPLETED',
  );
  const named = await is(run(server, UPDATE_CUSTOMER, { ...id, firstName }), 'COMPLETED');
  await shown(server, others);
  expect(await shown(server, named)).toMatchObject({
    customer: { firstName, lastName: second, email, number: 'K-18', erased: false, purchaseCount: 1 },
    purchase: { status: 'CONFIRMED', total: '10.00' },
    ...{ byFirst: { totalCount: 1 }, byLast: { totalCount: 1 }, all: { totalCount: 2, totalAmount: '20.00' } },
  });
}

/** Is removed and erased; and something of it comes afterwards. */
export async function beErased(server: Server, input: object = {}): Promise<void> {
  const early = await server.graphql(ERASE, { input: { customerId: 'c-17', ...input } });
  expect(early.errors?.[0]?.message).toContain('remove it first');
  expect(await run(server, REMOVE_CUSTOMER, { customerId: 'c-17' })).toMatchObject({ status: 'COMPLETED' });
  const erased = await run(server, ERASE, { customerId: 'c-17', ...input });
  expect(erased).toMatchObject({ status: 'COMPLETED' });
  expect(await run(server, UPDATE_CUSTOMER, { customerId: 'c-17', firstName: refused })).toMatchObject({
    ...{ status: 'REJECTED', code: 'CUSTOMER_REMOVED' },
  });
  await isErased(server, erased.transactionId);
}

/** Shown as erased, with all else as it was. */
export async function isErased(server: Server, reflecting?: string): Promise<void> {
  expect(await shown(server, reflecting)).toMatchObject({
    customer: { firstName: '', lastName: '', email: null, erased: true, purchaseCount: 1, totalSpent: '10.00' },
    purchase: {
      status: 'CONFIRMED',
      total: '10.00',
      customer: { id: 'c-17', firstName: '', lastName: '', erased: true },
    },
    ...{ byFirst: { totalCount: 0 }, byLast: { totalCount: 0 }, all: { totalCount: 2, totalAmount: '20.00' } },
    product: { stock: 992, reserved: 0, unitsSold: 8, revenue: '20.00' },
  });
}
