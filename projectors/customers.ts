/** `customers.state` → the customers view, and the customer's name wherever purchases show it. */
import { type CustomerState, customer } from '../domain/index.ts';
import { stateTopic } from '../log/topics.ts';
import { CUSTOMERS, type CustomerDoc, PURCHASES, type PurchaseDoc, unknownCustomer } from '../views/documents.ts';
import { fold, wordsOf } from '../views/words.ts';
import { eachMatching, newestById, type Projector } from './projector.ts';
import { wordsOfPurchase } from './purchase-document.ts';

export function nameOf({ firstName, lastName }: Pick<CustomerDoc, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`.trim();
}

function documentOf(was: CustomerDoc, state: CustomerState): CustomerDoc {
  const { version, firstName, lastName, email, removed } = state;
  return {
    ...was,
    version,
    firstName,
    lastName,
    email,
    removed,
    nameKey: fold(`${lastName} ${firstName}`.trim()),
    words: wordsOf(firstName, lastName, email ?? ''),
  };
}

export const customers: Projector = {
  topic: stateTopic('customers'),
  async project(records, tx, unreadable) {
    const states = newestById(records, customer.state, unreadable);
    const known = await tx.get<CustomerDoc>(CUSTOMERS, [...states.keys()]);
    const documents = new Map<string, CustomerDoc>();
    const renamed = new Map<string, CustomerDoc>();
    for (const [id, state] of states) {
      const was = known.get(id) ?? unknownCustomer(id);
      const document = documentOf(was, state);
      documents.set(id, document);
      if (was.references > 0 && nameOf(was) !== nameOf(document)) renamed.set(id, document);
    }
    await tx.put(CUSTOMERS, [...documents.values()]);
    if (renamed.size === 0) return;
    const shown = eachMatching<PurchaseDoc>(tx, PURCHASES, { customerId: { $in: [...renamed.keys()] } });
    for await (const purchases of shown) {
      await tx.put(
        PURCHASES,
        purchases.map((purchase) => {
          const now = renamed.get(purchase.customerId) ?? unknownCustomer(purchase.customerId);
          return wordsOfPurchase({ ...purchase, customerName: nameOf(now), customerKey: now.nameKey });
        }),
      );
    }
  },
};
