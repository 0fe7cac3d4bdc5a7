/** The customer: who may buy. Holds no purchases; it only answers whether it approves one. */
import { z } from 'zod';
import type { Aggregate, Rejection } from './aggregate.ts';
import { ask } from './follow-up.ts';
import { checkEmail, checkId, checkName, firstOf, mustBeNew, mustExist } from './rules.ts';
import { openObject } from './versions.ts';

const version = z.int().min(1, 'must be at least 1').optional();

const commands = {
  registerCustomer: z.object({
    customerId: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().nullable(),
  }),
  /** What is left out stays as it is. */
  updateCustomer: z.object({
    customerId: z.string(),
    firstName: z.string().optional(),
    lastName: z.string().optional(),
    email: z.string().nullable().optional(),
    ifVersion: version,
  }),
  removeCustomer: z.object({ customerId: z.string(), ifVersion: version }),
  /** Follow-up: a purchase asks for approval. */
  approvePurchase: z.object({ customerId: z.string(), purchaseId: z.string() }),
};

const details = openObject({ firstName: z.string(), lastName: z.string(), email: z.string().nullable() });

const events = {
  CustomerRegistered: details,
  CustomerUpdated: details,
  CustomerRemoved: z.object({}),
  /** A notice: approving changes nothing about the customer. */
  PurchaseApproved: z.object({ purchaseId: z.string() }),
};

const state = openObject({
  version: z.int(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  removed: z.boolean(),
  registeredAt: z.string(),
});

export type CustomerCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type CustomerEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type CustomerState = z.infer<typeof state>;

function mustBeActive(id: string, customer: CustomerState, ifVersion?: number): Rejection | undefined {
  if (customer.removed) {
    return { code: 'CUSTOMER_REMOVED', message: `customer ${id} has been removed`, field: 'customerId' };
  }
  return mustExist('customer', 'customerId', id, customer, ifVersion);
}

export const customer: Aggregate<'customers', CustomerCommands, CustomerEvents, CustomerState> = {
  name: 'customers',
  idField: 'customerId',
  commands,
  events,
  state,
  notices: ['PurchaseApproved'],
  initialState: { version: 0, firstName: '', lastName: '', email: null, removed: false, registeredAt: '' },

  check: {
    registerCustomer: (c) =>
      firstOf(
        checkId('id', c.customerId),
        checkName('firstName', c.firstName),
        checkName('lastName', c.lastName),
        checkEmail('email', c.email),
      ),
    updateCustomer: (c) =>
      firstOf(
        checkId('customerId', c.customerId),
        checkName('firstName', c.firstName),
        checkName('lastName', c.lastName),
        checkEmail('email', c.email),
      ),
    removeCustomer: (c) => checkId('customerId', c.customerId),
    approvePurchase: () => undefined,
  },

  decide: {
    registerCustomer: ({ customerId, ...registered }, was) =>
      mustBeNew('customer', customerId, was) ?? [{ type: 'CustomerRegistered', data: registered }],

    updateCustomer: ({ customerId, ifVersion, ...change }, was) =>
      mustBeActive(customerId, was, ifVersion) ?? [
        {
          type: 'CustomerUpdated',
          data: {
            firstName: change.firstName ?? was.firstName,
            lastName: change.lastName ?? was.lastName,
            email: change.email === undefined ? was.email : change.email,
          },
        },
      ],

    removeCustomer: ({ customerId, ifVersion }, was) =>
      mustBeActive(customerId, was, ifVersion) ?? [{ type: 'CustomerRemoved', data: {} }],

    approvePurchase: ({ customerId, purchaseId }, was) => {
      const refused = mustBeActive(customerId, was);
      if (refused?.code === 'NOT_FOUND') return { ...refused, code: 'CUSTOMER_NOT_FOUND' };
      return refused ?? [{ type: 'PurchaseApproved', data: { purchaseId } }];
    },
  },

  evolve: {
    CustomerRegistered: (was, registered, at) => ({ ...was, ...registered, registeredAt: at }),
    CustomerUpdated: (was, updated) => ({ ...was, ...updated }),
    CustomerRemoved: (was) => ({ ...was, removed: true }),
    PurchaseApproved: (was) => was,
  },

  routes: {
    events: {
      PurchaseApproved: ({ purchaseId }) => [ask('purchases', purchaseId, 'recordCustomerApproved', { purchaseId })],
    },
    rejections: {
      approvePurchase: ({ purchaseId }, refusal) => [
        ask('purchases', purchaseId, 'recordCustomerDeclined', { purchaseId, refusal }),
      ],
    },
  },
};
