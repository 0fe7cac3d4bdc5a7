/** Fields that find a customer or a product by typing a few letters of its name. */
import { type ReactNode, useEffect, useState } from 'react';
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

/** Entities offered at once. */
const SHOWN = 12;
const TYPING_MS = 80;

export interface FinderProps<T> {
  readonly label: string;
  readonly onChoose: (found: T) => void;
  /** What stands in the field until one types. */
  readonly initial?: string;
}

/** What is typed, and what to ask the server for: null until one types. */
interface Typed {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly query: string | null;
  /** What is searched for: nothing until one types. */
  readonly search: string;
}

function useTyped(initial: string): Typed {
  const [text, setText] = useState(initial);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return {
    text,
    setText,
    query: settled === initial ? null : settled,
    search: text === initial ? '' : text,
  };
}

/** Finds a customer who has not been removed, by name or e-mail. */
export function CustomerFinder({ label, onChoose, initial = '' }: FinderProps<CustomerFieldsFragment>) {
  const typed = useTyped(initial);
  const { data, loading, error } = useLiveQuery(
    CustomersDocument,
    {
      filter: typed.query === null ? { removed: false } : { text: typed.query, removed: false },
      sort: { by: 'NAME', direction: 'ASC' },
      first: SHOWN,
      counts: false,
    },
    [],
  );
  return (
    <FinderField
      label={label}
      typed={typed}
      loading={loading}
      problem={error?.message}
      found={data?.customers.edges.map((edge) => edge.node) ?? []}
      nameOf={fullName}
      searched={(customer) => `${fullName(customer)} ${customer.email ?? ''}`}
      beside={(customer) => customer.id}
      onChoose={onChoose}
    />
  );
}

/** Finds a product by name, discontinued ones too. */
export function ProductFinder({ label, onChoose, initial = '' }: FinderProps<ProductFieldsFragment>) {
  const typed = useTyped(initial);
  const { data, loading, error } = useLiveQuery(
    ProductsDocument,
    {
      filter: typed.query === null ? {} : { text: typed.query },
      sort: { by: 'NAME', direction: 'ASC' },
      first: SHOWN,
      counts: false,
    },
    [],
  );
  return (
    <FinderField
      label={label}
      typed={typed}
      loading={loading}
      problem={error?.message}
      found={data?.products.edges.map((edge) => edge.node) ?? []}
      nameOf={(product) => product.name}
      searched={(product) => product.name}
      beside={(product) => (
        <>
          <Money value={product.price} /> · {formatCount(product.stock)} left
        </>
      )}
      onChoose={onChoose}
    />
  );
}

interface FinderFieldProps<T> {
  readonly label: string;
  readonly typed: Typed;
  readonly loading: boolean;
  readonly problem: string | undefined;
  readonly found: readonly T[];
  readonly nameOf: (found: T) => string;
  /** The text that the server searches. */
  readonly searched: (found: T) => string;
  /** Beside the name, to tell two of the same name apart. */
  readonly beside: (found: T) => ReactNode;
  readonly onChoose: (found: T) => void;
}

function FinderField<T extends { readonly id: string }>(props: FinderFieldProps<T>) {
  const { text, setText, search } = props.typed;
  const words = searchWords(search);
  // What was found for the letters before these is still shown, as far as it fits them: Enter never takes a stale one.
  const options = props.found.filter((one) => matches(props.searched(one), search)).slice(0, SHOWN);
  return (
    <Combobox
      label={props.label}
      placeholder="Type a name"
      text={text}
      onText={setText}
      loading={props.loading}
      problem={props.problem}
      options={options}
      idOf={(one) => one.id}
      show={(one) => (
        <>
          <span>
            <Marked text={props.nameOf(one)} words={words} />
          </span>
          <span className="faint">{props.beside(one)}</span>
        </>
      )}
      onChoose={(one) => {
        setText(props.nameOf(one));
        props.onChoose(one);
      }}
    />
  );
}
