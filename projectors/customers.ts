/** `customers.state` → the customers view, and the customer's name wherever purchases show it. */
import { type CustomerState, customer, isSealed, type Personal } from '../domain/index.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { fold } from '../views/fold.ts';
import { wordsOf } from '../views/words.ts';
import { CUSTOMERS, type CustomerDoc, customersView, unknownCustomer } from './customer-document.ts';
import { showRenamed } from './fan-out.ts';
import { type EntityProjector, newestById } from './projector.ts';
import { nameOf } from './shown-names.ts';

/** What can be read: the log is read through its keys, so what is still sealed has lost its key. */
function shown(text: Personal | null): string | undefined {
  return text === null || isSealed(text) ? undefined : text;
}

/** A customer's document with another state: what it joins from others stays. */
export function customerDocument(was: CustomerDoc, state: CustomerState): CustomerDoc {
  const { version, number, removed, userId } = state;
  const [firstName = '', lastName = ''] = [shown(state.firstName), shown(state.lastName)];
  const email = shown(state.email) ?? null;
  const erased = state.erased || [state.firstName, state.lastName, state.email].some(isSealed);
  return {
    ...was,
    version,
    erased,
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
    const states = await newestById(records, (record) => stateOf(record, customer), unreadable);
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
    if ([...documents].some(([id, { erased }]) => erased && known.get(id)?.erased === false)) tx.purge?.();
    return await showRenamed(tx, CUSTOMERS, renamed);
  },
};
