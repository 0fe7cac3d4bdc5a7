/** Entities of every kind that a few typed words, or an id, lead to: for the palette. */
import { useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { commandTitle } from '../counterfoils/counterfoil';
import { FindDocument, type FindQuery } from '../gql/graphql';
import { useViewer } from '../graph/viewer';
import { formatMoney, formatWhen, fullName } from '../text/format';
import { customerPath, productPath, purchasePath, transactionPath } from '../text/paths';
import { statusTitle } from './status';
import { Typing } from './typing';

/** Something that was found, and where it leads. */
export interface Found {
  readonly kind: 'Purchases' | 'Customers' | 'Products' | 'Transactions';
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly path: string;
}

export interface FoundView {
  readonly found: readonly Found[];
  /** What was found is not yet what is typed. */
  readonly loading: boolean;
  readonly error: Error | undefined;
}

/** What is found for a text, as it is typed (`typing.ts`); nothing for an empty one. */
export function useFound(text: string): FoundView {
  const { role, isStaff } = useViewer();
  const [settled, setSettled] = useState('');
  const [typing] = useState(() => new Typing());
  const wanted = text.trim();
  useEffect(() => {
    const delay = typing.delay();
    if (delay === 0) return setSettled(wanted);
    const timer = setTimeout(() => setSettled(wanted), delay);
    return () => clearTimeout(timer);
  }, [wanted, typing]);
  // Nothing of it is kept: the cache would hold a list for every few letters. A changed text ends the request before it.
  const { data, previousData, loading, error } = useQuery(FindDocument, {
    variables: { text: settled, id: settled, staff: isStaff, signedIn: role !== 'VISITOR' },
    fetchPolicy: 'no-cache',
    skip: settled === '',
  });
  const shown = data ?? previousData;
  return {
    found: wanted === '' || shown === undefined ? [] : allOf(shown),
    loading: wanted !== '' && (loading || wanted !== settled),
    error: loading ? undefined : error,
  };
}

/** What an id alone leads to comes first; nothing comes twice. */
function allOf(data: FindQuery): Found[] {
  const { purchase, customer, product, transaction } = data;
  const found = [
    ...[purchase ?? [], data.purchases?.nodes ?? []].flat().map(ofPurchase),
    ...[customer ?? [], data.customers?.nodes ?? []].flat().map(ofCustomer),
    ...[product ?? [], data.products.nodes].flat().map(ofProduct),
    ...[transaction ?? []].flat().map(ofTransaction),
  ];
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

type Purchase = NonNullable<FindQuery['purchase']>;
type Customer = NonNullable<FindQuery['customer']>;
type Product = NonNullable<FindQuery['product']>;
type Transaction = NonNullable<FindQuery['transaction']>;

const ofPurchase = ({ id, customer, total, placedAt }: Purchase): Found => ({
  kind: 'Purchases',
  id,
  title: fullName(customer),
  detail: `${formatWhen(placedAt)} · ${formatMoney(total)}`,
  path: purchasePath(id),
});

const ofCustomer = (customer: Customer): Found => ({
  kind: 'Customers',
  id: customer.id,
  title: fullName(customer),
  detail: customer.email ?? customer.id,
  path: customerPath(customer.id),
});

const ofProduct = ({ id, name, price }: Product): Found => ({
  kind: 'Products',
  id,
  title: name,
  detail: formatMoney(price),
  path: productPath(id),
});

const ofTransaction = ({ id, command, status }: Transaction): Found => ({
  kind: 'Transactions',
  id,
  title: commandTitle(command),
  detail: statusTitle(status),
  path: transactionPath(id),
});
