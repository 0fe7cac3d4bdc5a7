/** `customers.state` → the customers view, and the customer's name wherever purchases show it. */
import { type CustomerState, customer } from '../domain/index.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { fold } from '../views/fold.ts';
import { wordsOf } from '../views/words.ts';
import { CUSTOMERS, type CustomerDoc, customersView, unknownCustomer } from './customer-document.ts';
import { showRenamed } from './fan-out.ts';
import { type EntityProjector, newestById } from './projector.ts';
import { nameOf } from './shown-names.ts';

/** A customer's document with another state: what it joins from others stays. */
export function customerDocument(was: CustomerDoc, state: CustomerState): CustomerDoc {
  const { version, firstName, lastName, email, number, removed, userId } = state;
  return {
    ...was,
    version,
    firstName,
    lastName,
    email,
    number,
    removed,
    userId,
    emailKey: email === null ? null : fold(email),
    nameKey: fold(`${lastName} ${firstName}`.trim()),
    words: wordsOf(firstName, lastName, email ?? '', number ?? ''),
  };
}

export const customers: EntityProjector = {
  view: customersView,
  topic: stateTopic('customers'),
  async project(records, tx, unreadable) {
    const states = newestById(records, (record) => stateOf(record, customer), unreadable);
    const known = await tx.get<CustomerDoc>(CUSTOMERS, [...states.keys()]);
    const documents = new Map<string, CustomerDoc>();
    const renamed: CustomerDoc[] = [];
    for (const [id, state] of states) {
      const was = known.get(id) ?? unknownCustomer(id);
      const document = customerDocument(was, state);
      documents.set(id, document);
      if (was.references > 0 && nameOf(was) !== nameOf(document)) renamed.push(document);
    }
    await tx.put(CUSTOMERS, [...documents.values()]);
    return await showRenamed(tx, CUSTOMERS, renamed);
  },
};
