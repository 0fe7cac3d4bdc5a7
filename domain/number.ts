/**
 * The owner of one number of one aggregate, such as order number 10248: it knows which entity holds it. A claim is what one
 * command of that entity took; the number is free again when all claims have been given back. Each takes effect once.
 */
import { Map as ImmutableMap } from 'immutable';
import { z } from 'zod';
import type { Aggregate, BrokenInvariant } from './aggregate.ts';
import { customerChange } from './customer-change.ts';
import { ask } from './follow-up.ts';
import { productChange } from './product-change.ts';
import type { RejectionCodes } from './rejection-codes.ts';
import { SYSTEM } from './rights.ts';
import { ADDED, openObject } from './versions.ts';

const claimed = {
  number: z.string(),
  /** The id of the entity that wants it. */
  holder: z.string(),
  claim: z.string(),
};
/** With the change that waits for the number: whoever asked keeps nothing of it, and gets it back with the answer. */
const ofCustomer = { ...claimed, kind: z.literal('customers'), change: customerChange };
const ofProduct = { ...claimed, kind: z.literal('products'), change: productChange };
const ofPurchase = { ...claimed, kind: z.literal('purchases') };
const numberId = z.string();

/** All are follow-ups. */
const commands = {
  claimNumber: z.union([
    z.object({ numberId, ...ofCustomer }),
    z.object({ numberId, ...ofProduct }),
    z.object({ numberId, ...ofPurchase }),
  ]),
  releaseNumber: z.object({ numberId, claim: z.string() }),
};

const events = {
  NumberClaimed: z.union([z.object(ofCustomer), z.object(ofProduct), z.object(ofPurchase)]),
  NumberReleased: z.object({ claim: z.string() }),
};

const claim = openObject({ stage: z.enum(['HELD', 'RELEASED']) });
export type NumberClaim = z.infer<typeof claim>;

const published = openObject({
  version: z.int(),
  kind: z.enum(['customers', 'products', 'purchases']),
  number: z.string(),
  /** null: it is free. */
  holder: z.string().nullable(),
  /** How many claims are held. */
  held: z.int(),
});

export type NumberCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type NumberEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type NumberState = z.infer<typeof published> & { readonly claims: ImmutableMap<string, NumberClaim> };

const rejectionCodes = {
  NUMBER_TAKEN: {
    meaning: 'Another customer, product or purchase has this number.',
    remedy: 'Take another number, or change the one that has it.',
    title: 'Number taken',
  },
} as const satisfies RejectionCodes;

const SINGULAR = { customers: 'customer', products: 'product', purchases: 'purchase' } as const;

export const number: Aggregate<
  'numbers',
  NumberCommands,
  NumberEvents,
  NumberState,
  NumberClaim,
  typeof rejectionCodes
> & { readonly internal: true } = {
  name: 'numbers',
  internal: true,
  idField: 'numberId',
  commands,
  events,
  state: published.transform((state): NumberState => ({ ...state, claims: ImmutableMap() })),
  invariants: brokenHolding,
  upcasters: { commands: { claimNumber: [ADDED] }, events: { NumberClaimed: [ADDED] } },
  rejectionCodes,
  notPersonal: ['numberId', 'number', 'holder', 'claim', 'customerId', 'userId', 'productId', 'name'],
  notices: [],
  initialState: { version: 0, kind: 'customers', number: '', holder: null, held: 0, claims: ImmutableMap() },
  parts: {
    name: 'claims',
    schema: claim,
    neededBy: (command) => command.data.claim,
    touchedBy: (event) => event.data.claim,
    get: (state, id) => state.claims.get(id),
    set: (state, id, part) => ({ ...state, claims: state.claims.set(id, part) }),
    none: (state) => ({ ...state, claims: ImmutableMap() }),
    without: ({ claims: _, ...state }) => state,
    all: (state) => state.claims.entries(),
  },

  rights: { claimNumber: SYSTEM, releaseNumber: SYSTEM },
  check: { claimNumber: () => undefined, releaseNumber: () => undefined },

  decide: {
    claimNumber: ({ numberId: _, ...data }, was) => {
      if (was.claims.has(data.claim)) return [];
      if (was.holder !== null && was.holder !== data.holder) {
        const message = `number ${data.number} is taken: ${SINGULAR[data.kind]} ${was.holder} has it`;
        return { code: 'NUMBER_TAKEN', message, field: 'number' };
      }
      return [{ type: 'NumberClaimed', data }];
    },
    releaseNumber: ({ claim }, was) =>
      was.claims.get(claim)?.stage === 'HELD' ? [{ type: 'NumberReleased', data: { claim } }] : [],
  },

  evolve: {
    NumberClaimed: (was, { kind, number, holder, claim }) => ({
      ...was,
      ...{ kind, number, holder },
      held: was.held + 1,
      claims: was.claims.set(claim, { stage: 'HELD' }),
    }),
    NumberReleased: (was, { claim }) => ({
      ...was,
      holder: was.held === 1 ? null : was.holder,
      held: was.held - 1,
      claims: was.claims.set(claim, { ...was.claims.get(claim), stage: 'RELEASED' }),
    }),
  },

  routes: {
    events: {
      NumberClaimed: (claimed) => {
        const { holder, claim } = claimed;
        switch (claimed.kind) {
          case 'customers': {
            const data = { customerId: holder, claim, change: claimed.change };
            return [ask('customers', holder, 'recordCustomerNumberGiven', data)];
          }
          case 'products': {
            const data = { productId: holder, claim, change: claimed.change };
            return [ask('products', holder, 'recordProductNumberGiven', data)];
          }
          case 'purchases':
            return [ask('purchases', holder, 'recordPurchaseNumberGiven', { purchaseId: holder })];
        }
      },
    },
    rejections: {
      claimNumber: (claimed, refusal) => {
        const { holder } = claimed;
        switch (claimed.kind) {
          case 'customers': {
            const data = { customerId: holder, command: claimed.change.type, refusal };
            return [ask('customers', holder, 'recordCustomerNumberRefused', data)];
          }
          case 'products': {
            const data = { productId: holder, command: claimed.change.type, refusal };
            return [ask('products', holder, 'recordProductNumberRefused', data)];
          }
          case 'purchases':
            return [ask('purchases', holder, 'recordPurchaseNumberRefused', { purchaseId: holder, refusal })];
        }
      },
    },
  },
};

/** A number has a holder exactly as long as there are claims of it. */
function* brokenHolding({ holder, held }: NumberState): Iterable<BrokenInvariant> {
  if (held < 0 || held > 0 !== (holder !== null)) {
    yield { what: 'a holder exactly as long as there are claims', expected: held > 0, found: { holder, held } };
  }
}
