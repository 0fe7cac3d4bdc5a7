/**
 * The customer: who may buy. Holds no purchases; it only answers whether it approves one. It may belong to a user, who then
 * buys for it: the user registers it, or staff binds it to the user.
 */
import { z } from 'zod';
import type { Aggregate, Rejection } from './aggregate.ts';
import { ask } from './follow-up.ts';
import { customerIdOf } from './own-ids.ts';
import type { RejectionCodes } from './rejection-codes.ts';
import { SYSTEM } from './rights.ts';
import {
  checkEmail,
  checkId,
  checkName,
  checkNameOrNone,
  checkNumber,
  checkUserId,
  firstOf,
  mustBeNew,
  mustExist,
} from './rules.ts';
import { ADDED, openObject } from './versions.ts';

const version = z.int().min(1, 'must be at least 1').optional();

/** The user that the customer belongs to. Where it was left out, or is null: nobody. */
const userId = z.string().nullable().optional();

/** What the shop prints for it. Where it was left out, or is null: nothing. */
const number = z.string().nullable().optional();

const commands = {
  registerCustomer: z.object({
    customerId: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().nullable(),
    userId,
    number,
  }),
  /** What is left out stays as it is. */
  updateCustomer: z.object({
    customerId: z.string(),
    firstName: z.string().optional(),
    lastName: z.string().optional(),
    email: z.string().nullable().optional(),
    userId,
    number,
    ifVersion: version,
  }),
  removeCustomer: z.object({ customerId: z.string(), ifVersion: version }),
  /** Follow-up: a purchase asks for approval. With `userId`: a customer placed it, and may do so only for its own record. */
  approvePurchase: z.object({ customerId: z.string(), purchaseId: z.string(), userId }),
};

/** In an event without them, `userId` and `number` stay as they were. */
const details = openObject({
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  userId,
  number,
});

const events = {
  CustomerRegistered: details,
  CustomerUpdated: details,
  CustomerRemoved: z.object({}),
  /** A notice: approving changes nothing about the customer. */
  PurchaseApproved: z.object({ purchaseId: z.string(), userId }),
};

const state = openObject({
  version: z.int(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  removed: z.boolean(),
  registeredAt: z.string(),
  userId: z.string().nullable(),
  number: z.string().nullable(),
});

export type CustomerCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type CustomerEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type CustomerState = z.infer<typeof state>;

const rejectionCodes = {
  CUSTOMER_NOT_FOUND: {
    meaning: 'The customer that is named does not exist.',
    remedy: 'Choose a customer that exists.',
    title: 'Unknown customer',
  },
  CUSTOMER_REMOVED: {
    meaning: 'The customer has been removed, and takes no command.',
    remedy: 'Choose another customer.',
    happened: 'The customer has been removed.',
  },
} as const satisfies RejectionCodes;

const INITIAL: CustomerState = {
  version: 0,
  firstName: '',
  lastName: '',
  email: null,
  removed: false,
  registeredAt: '',
  userId: null,
  number: null,
};

function mustBeActive(id: string, customer: CustomerState, ifVersion?: number): Rejection | undefined {
  if (customer.removed) {
    return { code: 'CUSTOMER_REMOVED', message: `customer ${id} has been removed`, field: 'customerId' };
  }
  return mustExist('customer', 'customerId', id, customer, ifVersion);
}

/** The details, with the user and the number that the customer has already where they name none. */
function bound(
  was: CustomerState,
  { userId = was.userId, number = was.number, ...details }: CustomerEvents['CustomerUpdated'],
) {
  return { ...details, userId, number };
}

export const customer: Aggregate<
  'customers',
  CustomerCommands,
  CustomerEvents,
  CustomerState,
  never,
  typeof rejectionCodes
> = {
  name: 'customers',
  idField: 'customerId',
  commands,
  events,
  state,
  upcasters: {
    commands: { registerCustomer: [ADDED, ADDED], updateCustomer: [ADDED, ADDED], approvePurchase: [ADDED] },
    events: { CustomerRegistered: [ADDED, ADDED], CustomerUpdated: [ADDED, ADDED], PurchaseApproved: [ADDED] },
    state: [
      ({ userId = null, ...customer }) => ({ ...customer, userId }),
      ({ number = null, ...customer }) => ({ ...customer, number }),
    ],
  },
  rejectionCodes,
  notices: ['PurchaseApproved'],
  initialState: INITIAL,

  rights: {
    registerCustomer: {
      least: 'customer',
      customers: 'new',
      namedAsOwn: ({ customerId }, user) => customerId === customerIdOf(user),
      fields: { userId: 'staff', number: 'staff' },
    },
    updateCustomer: { least: 'customer', customers: 'own', fields: { userId: 'staff', number: 'staff' } },
    removeCustomer: { least: 'customer', customers: 'own' },
    approvePurchase: SYSTEM,
  },
  ownerOf: ({ userId }) => userId,

  check: {
    registerCustomer: (c) =>
      firstOf(
        checkId('id', c.customerId),
        checkNameOrNone('firstName', c.firstName),
        checkName('lastName', c.lastName),
        checkEmail('email', c.email),
        checkUserId('userId', c.userId),
        checkNumber('number', c.number),
      ),
    updateCustomer: (c) =>
      firstOf(
        checkId('customerId', c.customerId),
        checkNameOrNone('firstName', c.firstName),
        checkName('lastName', c.lastName),
        checkEmail('email', c.email),
        checkUserId('userId', c.userId),
        checkNumber('number', c.number),
      ),
    removeCustomer: (c) => checkId('customerId', c.customerId),
    approvePurchase: () => undefined,
  },

  decide: {
    registerCustomer: ({ customerId, ...registered }, was, { authority, issuedBy }) => {
      const owner = authority === 'customer' ? { userId: issuedBy } : {};
      const data = { ...registered, ...owner };
      return mustBeNew('customer', customerId, was) ?? [{ type: 'CustomerRegistered', data }];
    },

    updateCustomer: ({ customerId, ifVersion, ...change }, was) =>
      mustBeActive(customerId, was, ifVersion) ?? [
        {
          type: 'CustomerUpdated',
          data: {
            firstName: change.firstName ?? was.firstName,
            lastName: change.lastName ?? was.lastName,
            email: change.email === undefined ? was.email : change.email,
            ...(change.userId === undefined ? {} : { userId: change.userId }),
            ...(change.number === undefined ? {} : { number: change.number }),
          },
        },
      ],

    removeCustomer: ({ customerId, ifVersion }, was) =>
      mustBeActive(customerId, was, ifVersion) ?? [{ type: 'CustomerRemoved', data: {} }],

    approvePurchase: ({ customerId, purchaseId, userId }, was) => {
      // Somebody else's customer is answered for as one that does not exist, even when it has been removed.
      const seen = typeof userId === 'string' && was.userId !== userId ? INITIAL : was;
      const rejection = mustBeActive(customerId, seen);
      if (rejection?.code === 'NOT_FOUND') return { ...rejection, code: 'CUSTOMER_NOT_FOUND' };
      const owner = was.userId === null ? {} : { userId: was.userId };
      return rejection ?? [{ type: 'PurchaseApproved', data: { purchaseId, ...owner } }];
    },
  },

  evolve: {
    CustomerRegistered: (was, registered, at) => ({ ...was, ...bound(was, registered), registeredAt: at }),
    CustomerUpdated: (was, updated) => ({ ...was, ...bound(was, updated) }),
    CustomerRemoved: (was) => ({ ...was, removed: true }),
    PurchaseApproved: (was) => was,
  },

  routes: {
    events: {
      PurchaseApproved: ({ purchaseId, userId }) => [
        ask('purchases', purchaseId, 'recordCustomerApproved', { purchaseId, ...(userId ? { userId } : {}) }),
      ],
    },
    rejections: {
      approvePurchase: ({ purchaseId }, rejection) => [
        ask('purchases', purchaseId, 'recordCustomerDeclined', { purchaseId, refusal: rejection }),
      ],
    },
  },
};
