/** What every decider promises, whatever it is told: exactly one outcome, always the same, and nothing thrown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Authority,
  aggregates,
  type Catalogue,
  type CommandMeta,
  type CustomerCommands,
  type Decider,
  decide,
  evolve,
  isRejection,
  type Message,
  type ProductCommands,
  type PurchaseCommands,
  type Versioned,
} from '../../domain/index.ts';
import { META, metaFor } from './given.ts';

/** Any data for every command: the compiler finds a missing one. */
type AnyData<C> = { readonly [T in keyof C]: fc.Arbitrary<C[T]> };

const text = fc.oneof(fc.constantFrom('a', 'b', 'Ada'), fc.string({ unit: 'binary' }), fc.constant('__proto__'));
const number = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.maxSafeInteger());
const ifVersion = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
const refusal = fc.record({ code: text, message: text, field: text }, { requiredKeys: ['code', 'message'] });
const email = fc.option(fc.oneof(text, fc.emailAddress()));
const ofProduct = fc.record({ productId: text, purchaseId: text });

const customers: AnyData<CustomerCommands> = {
  registerCustomer: fc.record({ customerId: text, firstName: text, lastName: text, email }),
  updateCustomer: fc.record({ customerId: text, firstName: text, lastName: text, email, ifVersion }),
  removeCustomer: fc.record({ customerId: text, ifVersion }),
  approvePurchase: fc.record({ customerId: text, purchaseId: text }),
};
const products: AnyData<ProductCommands> = {
  addProduct: fc.record({ productId: text, name: text, price: number, stock: number }),
  updateProduct: fc.record({ productId: text, name: text, price: number, ifVersion }),
  restockProduct: fc.record({ productId: text, quantity: number, ifVersion }),
  discontinueProduct: fc.record({ productId: text, ifVersion }),
  reserveStock: fc.record({ productId: text, purchaseId: text, quantity: number }),
  settleStock: ofProduct,
  releaseStock: ofProduct,
  takeStockBack: ofProduct,
};
const purchases: AnyData<PurchaseCommands> = {
  placePurchase: fc.record(
    {
      purchaseId: text,
      customerId: text,
      lines: fc.array(fc.record({ productId: text, quantity: number }), { maxLength: 60 }),
      placedAt: text,
    },
    { requiredKeys: ['purchaseId', 'customerId', 'lines'] },
  ),
  cancelPurchase: fc.record({ purchaseId: text, ifVersion }),
  recordStockReserved: fc.record({ purchaseId: text, productId: text, unitPrice: fc.nat(1000) }),
  recordStockRefused: fc.record({ purchaseId: text, productId: text, refusal }),
  recordCustomerApproved: fc.record({ purchaseId: text }),
  recordCustomerDeclined: fc.record({ purchaseId: text, refusal }),
  expirePurchase: fc.record({ purchaseId: text }),
};

/** Mostly an admin; now and then a customer, whose an entity may be, or somebody from before roles were recorded. */
const anyIssuer = fc.constantFrom<{ readonly issuedBy?: string; readonly authority?: Authority }>(
  ...[{}, {}, { issuedBy: 'a', authority: 'customer' as const }, { authority: 'legacy' as const }],
);

/** Any sequence of commands to one aggregate, each decided on the state that the ones before it left. */
function promises<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  decider: Decider<C, E, S, P>,
  anyData: AnyData<C>,
): void {
  const names: readonly (keyof C & string)[] = Object.keys(anyData);
  const anyCommand = fc.oneof(...names.map((type) => anyData[type].map((data): Message<C> => ({ type, data }))));
  const seen = { accepted: 0, rejected: 0 };
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 12 }), anyIssuer, (commands, issuer) => {
      let state = decider.initialState;
      for (const command of commands) {
        const meta = metaFor(decider, command.type, { ...issuer });
        const outcome = decide(decider, command, state, meta);
        expect(decide(decider, structuredClone(command), state, meta)).toEqual(outcome);
        if (isRejection(outcome)) {
          seen.rejected++;
          expect(outcome.code).toMatch(/^[A-Z_]+$/);
          expect(outcome.message).not.toBe('');
          continue;
        }
        seen.accepted++;
        for (const event of outcome) {
          decider.events[event.type].parse(JSON.parse(JSON.stringify(event.data)));
          state = evolve(decider, state, event, META.at);
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.accepted, seen.rejected)).toBeGreaterThan(0);
}

describe('a decider', () => {
  it('gives every command to a customer exactly one outcome', () => promises(aggregates.customers, customers));
  it('gives every command to a product exactly one outcome', () => promises(aggregates.products, products));
  it('gives every command to a purchase exactly one outcome', () => promises(aggregates.purchases, purchases));

  it('asks the check before the rule, so that a malformed command is refused for its form', () => {
    const rename: Message<CustomerCommands> = {
      type: 'updateCustomer',
      data: { customerId: 'nobody', firstName: ' ' },
    };
    expect(decide(aggregates.customers, rename, aggregates.customers.initialState, META)).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('takes times from the command alone', () => {
    const { customers } = aggregates;
    const at: CommandMeta['at'] = '1999-12-31T23:59:59.000Z';
    const ada = { firstName: 'Ada', lastName: 'Lovelace', email: null };
    expect(evolve(customers, customers.initialState, { type: 'CustomerRegistered', data: ada }, at).registeredAt).toBe(
      at,
    );
  });

  it('is known by its name in the plural', () => {
    for (const [name, decider] of Object.entries(aggregates)) expect(decider.name).toBe(name);
  });
});
