/** Registering and changing a customer: at once or, where it brings a number, when that number's owner has given it. */
import { z } from 'zod';
import { type CommandMeta, isRejection, type Message, type Rejection } from './aggregate.ts';
import type { CustomerCommands, CustomerEvents, CustomerState } from './customer.ts';
import { renumbering, wantsNumber } from './number-claim.ts';
import { personal } from './personal.ts';
import { mustBeNew, mustExist } from './rules.ts';

/** The user that the customer belongs to. Where it was left out, or is null: nobody. */
const userId = z.string().nullable().optional();

/** What the shop prints for it. Where it was left out, or is null: nothing. */
const number = z.string().nullable().optional();

export const registerCustomer = z.object({
  customerId: z.string(),
  firstName: personal,
  lastName: personal,
  email: personal.nullable(),
  userId,
  number,
});

/** What is left out stays as it is. */
export const updateCustomer = z.object({
  customerId: z.string(),
  firstName: personal.optional(),
  lastName: personal.optional(),
  email: personal.nullable().optional(),
  userId,
  number,
  ifVersion: z.int().min(1, 'must be at least 1').optional(),
});

/** A user's command that waits for a number. */
export const customerChange = z.union([
  z.object({ type: z.literal('registerCustomer'), data: registerCustomer }),
  z.object({ type: z.literal('updateCustomer'), data: updateCustomer }),
]);
type CustomerChange = z.infer<typeof customerChange>;

type Events = readonly Message<CustomerEvents>[];

/** Rejects what a removed customer, or none, cannot do. */
export function mustBeActive(id: string, customer: CustomerState, ifVersion?: number): Rejection | undefined {
  if (customer.removed) {
    return { code: 'CUSTOMER_REMOVED', message: `customer ${id} has been removed`, field: 'customerId' };
  }
  return mustExist('customer', 'customerId', id, customer, ifVersion);
}

/** A user's own command: what it does or, where it wants another number, the question for that. */
export function change(of: CustomerChange, was: CustomerState, meta: CommandMeta): Events | Rejection {
  const outcome = changed(of, was, meta);
  const { number } = of.data;
  if (isRejection(outcome) || !wantsNumber(was, number)) return outcome;
  return [{ type: 'CustomerNumberAsked', data: { number, claim: meta.transactionId, change: of } }];
}

/** The number has been given. What has happened to the customer meanwhile counts: the change may be rejected now. */
export function changeNumbered(
  { claim, change: of }: CustomerCommands['recordCustomerNumberGiven'],
  was: CustomerState,
  meta: CommandMeta,
): Events {
  if (was.claim === claim) return [];
  const outcome = changed(of, was, meta, claim);
  if (!isRejection(outcome)) return outcome;
  const release = { number: of.data.number ?? '', claim };
  return [{ type: 'CustomerChangeRejected', data: { command: of.type, rejection: outcome, release } }];
}

function changed(of: CustomerChange, was: CustomerState, meta: CommandMeta, claim?: string): Events | Rejection {
  if (of.type === 'registerCustomer') {
    const { customerId, number, ...registered } = of.data;
    const owner = meta.authority === 'customer' ? { userId: meta.issuedBy } : {};
    const data = { ...registered, ...owner, ...renumbering(was, number, claim) };
    return mustBeNew('customer', customerId, was) ?? [{ type: 'CustomerRegistered', data }];
  }
  const { customerId, ifVersion, ...update } = of.data;
  const data = {
    firstName: update.firstName ?? was.firstName,
    lastName: update.lastName ?? was.lastName,
    email: update.email === undefined ? was.email : update.email,
    ...(update.userId === undefined ? {} : { userId: update.userId }),
    ...renumbering(was, update.number, claim),
  };
  return mustBeActive(customerId, was, ifVersion) ?? [{ type: 'CustomerUpdated', data }];
}
