/**
 * The customer: who may buy. Holds no purchases; it only answers whether it approves one. It may belong to a user, who then
 * buys for it: the user registers it, or staff binds it to the user.
 */
import { z } from 'zod';
import type { Aggregate } from './aggregate.ts';
import {
  change,
  changeNumbered,
  customerChange,
  mustBeActive,
  registerCustomer,
  updateCustomer,
} from './customer-change.ts';
import { erase } from './customer-erasure.ts';
import { ask } from './follow-up.ts';
import { heldBy, heldNumber, ownerOfNumber, release, renumbered } from './number-claim.ts';
import { customerIdOf } from './own-ids.ts';
import { isReadable, personal } from './personal.ts';
import { COMPLETED, rejectedBy } from './progress-steps.ts';
import { recordedRejection } from './recorded-rejection.ts';
import type { RejectionCodes } from './rejection-codes.ts';
import { SYSTEM } from './rights.ts';
import { checkEmail, checkId, checkName, checkNameOrNone, checkNumber, checkUserId, firstOf } from './rules.ts';
import { ADDED, openObject } from './versions.ts';

/** The user that the customer belongs to. Where it was left out, or is null: nobody. */
const userId = z.string().nullable().optional();

/** What the shop prints for it. Where it was left out, or is null: nothing. */
const number = z.string().nullable().optional();

/** The command that wanted a number. */
const changeName = z.enum(['registerCustomer', 'updateCustomer']);

const commands = {
  registerCustomer,
  updateCustomer,
  removeCustomer: z.object({
    customerId: z.string(),
    ifVersion: z.int().min(1, 'must be at least 1').optional(),
  }),
  /** Makes the names and the e-mail unreadable for ever. `evenIfReadable`: although older records of it stay readable. */
  eraseCustomer: z.object({ customerId: z.string(), evenIfReadable: z.boolean().optional() }),
  /** Follow-up: a purchase asks for approval. With `userId`: a customer placed it, and may do so only for its own record. */
  approvePurchase: z.object({ customerId: z.string(), purchaseId: z.string(), userId }),
  /** Follow-ups: what the owner of a number answered. */
  recordCustomerNumberGiven: z.object({ customerId: z.string(), claim: z.string(), change: customerChange }),
  recordCustomerNumberRefused: z.object({ customerId: z.string(), command: changeName, refusal: recordedRejection }),
};

/** In an event without them, `userId` and `number` stay as they were. */
const details = openObject({
  firstName: personal,
  lastName: personal,
  email: personal.nullable(),
  userId,
  number,
  /** By which it holds `number`. */
  claim: z.string().optional(),
  /** What it gives back. */
  release: heldNumber.optional(),
});

const events = {
  CustomerRegistered: details,
  CustomerUpdated: details,
  CustomerRemoved: z.object({ release: heldNumber.optional() }),
  /** `readable`: some of its earlier records were never sealed, and can still be read. */
  CustomerErased: z.object({ readable: z.boolean() }),
  /** A notice: a change waits for the owner of the number. */
  CustomerNumberAsked: z.object({ number: z.string(), claim: z.string(), change: customerChange }),
  /** A notice: the change that asked for a number does not happen. */
  CustomerChangeRejected: z.object({
    command: changeName,
    rejection: recordedRejection,
    release: heldNumber.optional(),
  }),
  /** A notice: approving changes nothing about the customer. */
  PurchaseApproved: z.object({ purchaseId: z.string(), userId }),
};

const state = openObject({
  version: z.int(),
  firstName: personal,
  lastName: personal,
  email: personal.nullable(),
  removed: z.boolean(),
  registeredAt: z.string(),
  userId: z.string().nullable(),
  number: z.string().nullable(),
  /** By which it holds the number; null: it holds none. */
  claim: z.string().nullable(),
  erased: z.boolean(),
  /** Whether any of its events holds a personal text that is not sealed. */
  readable: z.boolean(),
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
  CUSTOMER_NOT_REMOVED: {
    meaning: 'Only a removed customer can be erased: it approves no more purchases, so none can come up meanwhile.',
    remedy: 'Remove the customer first.',
    happened: 'The customer has not been removed yet.',
  },
  CUSTOMER_READABLE: {
    meaning:
      'Records of the customer were written without a master key. They stand on the log for ever, so its name would stay readable there.',
    remedy: 'Ask for it even so (evenIfReadable) to erase it from all that is written anew; older records stay.',
    happened: 'Older records of the customer would stay readable.',
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
  claim: null,
  erased: false,
  readable: false,
};

/** The details, with the user and the number that the customer has already where they name none. */
function bound(was: CustomerState, { number, claim, release: _, ...details }: CustomerEvents['CustomerUpdated']) {
  const { userId = was.userId, firstName, lastName, email } = details;
  const readable = was.readable || [firstName, lastName, email].some(isReadable);
  return { ...details, userId, readable, ...renumbered(was, { number, claim }) };
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
    commands: {
      registerCustomer: [ADDED, ADDED, ADDED],
      updateCustomer: [ADDED, ADDED, ADDED],
      approvePurchase: [ADDED],
      recordCustomerNumberGiven: [ADDED],
    },
    events: {
      CustomerRegistered: [ADDED, ADDED, ADDED, ADDED],
      CustomerUpdated: [ADDED, ADDED, ADDED, ADDED],
      CustomerNumberAsked: [ADDED],
      CustomerRemoved: [ADDED],
      PurchaseApproved: [ADDED],
    },
    state: [
      ({ userId = null, ...customer }) => ({ ...customer, userId }),
      ({ number = null, ...customer }) => ({ ...customer, number }),
      ({ claim = null, ...customer }) => ({ ...customer, claim }),
      // From before there was a mark: nothing was sealed then.
      ({ erased = false, readable = true, ...customer }) => ({ ...customer, erased, readable }),
    ],
  },
  rejectionCodes,
  notPersonal: ['customerId', 'userId', 'number', 'claim', 'purchaseId', 'registeredAt', 'code', 'message', 'field'],
  erasedBy: 'CustomerErased',
  notices: ['PurchaseApproved', 'CustomerNumberAsked', 'CustomerChangeRejected'],
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
    eraseCustomer: { least: 'admin' },
    approvePurchase: SYSTEM,
    recordCustomerNumberGiven: SYSTEM,
    recordCustomerNumberRefused: SYSTEM,
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
    eraseCustomer: (c) => checkId('customerId', c.customerId),
    approvePurchase: () => undefined,
    recordCustomerNumberGiven: () => undefined,
    recordCustomerNumberRefused: () => undefined,
  },

  decide: {
    registerCustomer: (data, was, meta) => change({ type: 'registerCustomer', data }, was, meta),
    updateCustomer: (data, was, meta) => change({ type: 'updateCustomer', data }, was, meta),
    recordCustomerNumberGiven: changeNumbered,
    recordCustomerNumberRefused: ({ command, refusal: rejection }) => [
      { type: 'CustomerChangeRejected', data: { command, rejection } },
    ],

    removeCustomer: ({ customerId, ifVersion }, was) =>
      mustBeActive(customerId, was, ifVersion) ?? [{ type: 'CustomerRemoved', data: heldBy(was) }],

    eraseCustomer: erase,

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
    CustomerRemoved: (was) => ({ ...was, removed: true, claim: null }),
    CustomerErased: (was) => ({
      ...was,
      ...{ firstName: '', lastName: '', email: null, userId: null, number: null },
      erased: true,
    }),
    CustomerNumberAsked: (was) => was,
    CustomerChangeRejected: (was) => was,
    PurchaseApproved: (was) => was,
  },

  routes: {
    events: {
      CustomerNumberAsked: ({ number, claim, change }, holder) => {
        const numberId = ownerOfNumber('customers', number);
        return [
          ask('numbers', numberId, 'claimNumber', { numberId, kind: 'customers', number, holder, claim, change }),
        ];
      },
      CustomerUpdated: ({ release: held }) => release('customers', held),
      CustomerRemoved: ({ release: held }) => release('customers', held),
      CustomerChangeRejected: ({ release: held }) => release('customers', held),
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

  inquiries: {
    begins: { CustomerNumberAsked: 'number asked for' },
    ends: {
      CustomerRegistered: () => ({ command: 'registerCustomer', step: COMPLETED }),
      CustomerUpdated: () => ({ command: 'updateCustomer', step: COMPLETED }),
      CustomerChangeRejected: ({ command, rejection }) => ({ command, step: rejectedBy(rejection) }),
    },
  },
};
