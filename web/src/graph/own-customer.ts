/** The customer record that belongs to who is asking. */
import { type CustomerFieldsFragment, OwnCustomerDocument } from '../gql/graphql';
import { useLiveQuery } from './use-live';

export interface OwnCustomer {
  /** Null: there is none; undefined: it is not known yet. */
  readonly customer: CustomerFieldsFragment | null | undefined;
  readonly error: Error | undefined;
  refresh(): void;
}

/** It is looked for only where it is wanted: staff have none to buy with. */
export function useOwnCustomer(wanted = true): OwnCustomer {
  const { data, error, refresh } = useLiveQuery(OwnCustomerDocument, wanted ? {} : null, ['Customer']);
  return { customer: data?.viewer.customer, error, refresh };
}
