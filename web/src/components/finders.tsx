/** Fields that find a customer or a product by typing a few letters of its name. */
import { useEffect, useState } from 'react';
import {
  type CustomerFieldsFragment,
  CustomersDocument,
  type ProductFieldsFragment,
  ProductsDocument,
} from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { formatCount, fullName } from '../text/format';
import { matches, searchWords } from '../text/search-words';
import { Combobox } from './combobox';
import { Marked, Money } from './values';

const SHOWN = 12;
const TYPING_MS = 120;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export interface FinderProps<T> {
  readonly label: string;
  readonly onChoose: (found: T) => void;
  /** What stands in the field until one types. */
  readonly initial?: string;
}

export function CustomerFinder({ label, onChoose, initial = '' }: FinderProps<CustomerFieldsFragment>) {
  const [text, setText] = useState(initial);
  const query = useSettled(text);
  const { data, loading } = useLiveQuery(
    CustomersDocument,
    {
      filter: query === initial ? { removed: false } : { text: query, removed: false },
      sort: { by: 'NAME', direction: 'ASC' },
      first: SHOWN,
    },
    [],
  );
  const words = text === initial ? [] : searchWords(text);
  // What was found for the letters before these is still shown, as far as it fits them: Enter never takes a stale one.
  const options = (data?.customers.edges ?? [])
    .map((edge) => edge.node)
    .filter((customer) => matches(`${fullName(customer)} ${customer.email ?? ''}`, words))
    .slice(0, SHOWN);
  return (
    <Combobox
      label={label}
      placeholder="Type a name"
      text={text}
      onText={setText}
      loading={loading}
      options={options}
      idOf={(customer) => customer.id}
      show={(customer) => (
        <>
          <span>
            <Marked text={fullName(customer)} words={words} />
          </span>
          <span className="faint">{customer.id}</span>
        </>
      )}
      onChoose={(customer) => {
        setText(fullName(customer));
        onChoose(customer);
      }}
    />
  );
}

export function ProductFinder({ label, onChoose, initial = '' }: FinderProps<ProductFieldsFragment>) {
  const [text, setText] = useState(initial);
  const query = useSettled(text);
  const { data, loading } = useLiveQuery(
    ProductsDocument,
    { filter: query === initial ? {} : { text: query }, sort: { by: 'NAME', direction: 'ASC' }, first: SHOWN },
    [],
  );
  const words = text === initial ? [] : searchWords(text);
  const options = (data?.products.edges ?? [])
    .map((edge) => edge.node)
    .filter((product) => matches(product.name, words))
    .slice(0, SHOWN);
  return (
    <Combobox
      label={label}
      placeholder="Type a name"
      text={text}
      onText={setText}
      loading={loading}
      options={options}
      idOf={(product) => product.id}
      show={(product) => (
        <>
          <span>
            <Marked text={product.name} words={words} />
          </span>
          <span className="faint">
            <Money value={product.price} /> · {formatCount(product.stock)} left
          </span>
        </>
      )}
      onChoose={(product) => {
        setText(product.name);
        onChoose(product);
      }}
    />
  );
}
