/** The resolvers of the whole schema, one file per aggregate, each a line. */
import type { AggregateName } from '../domain/index.ts';
import type { Documents } from '../projectors/documents.ts';
import type { Resolvers } from '../schema/types.generated.ts';
import { customers, shownCustomers } from './customers.ts';
import { guarded } from './guarded.ts';
import { products, shownProducts } from './products.ts';
import { purchases, shownPurchases } from './purchases.ts';
import { samples } from './samples.ts';
import { scalars } from './scalars.ts';
import type { Shown } from './shown.ts';
import { transactions } from './transactions.ts';
import { viewer } from './viewer.ts';

export { Reflection } from '../transactions/reflection.ts';
export { createSubmit } from '../transactions/submit.ts';
export { TransactionTracker } from '../transactions/transaction-tracker.ts';

const ofAggregates: Readonly<Record<AggregateName, Resolvers>> = { customers, products, purchases };
/** What `counterfoil verify` compares. */
export const shown: { readonly [A in AggregateName]: Shown<Documents[A]> } = {
  customers: shownCustomers,
  products: shownProducts,
  purchases: shownPurchases,
};
const parts = [...Object.values(ofAggregates), transactions, samples, viewer];

function root<K extends 'Query' | 'Mutation' | 'Subscription'>(kind: K) {
  return Object.assign({}, ...parts.map((part) => Reflect.get(part, kind) ?? {}));
}

/** Held to `rights.ts`, whoever executes the schema. */
export const resolvers: Resolvers = guarded({
  ...scalars,
  ...Object.assign({}, ...Object.values(ofAggregates)),
  ...transactions,
  ...samples,
  ...viewer,
  Query: root('Query'),
  Mutation: root('Mutation'),
  Subscription: root('Subscription'),
});
