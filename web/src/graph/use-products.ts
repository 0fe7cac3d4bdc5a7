/** Products by their ids, kept up to date: those that the page holds already without asking the server. */
import type { WatchQueryFetchPolicy } from '@apollo/client';
import { useEffect, useState } from 'react';
import { ProductDocument, type ProductFieldsFragment } from '../gql/graphql';
import { client } from './client';
import { onLive } from './live';

export type Products = ReadonlyMap<string, ProductFieldsFragment>;

const NONE: Products = new Map();

type Policy = Extract<WatchQueryFetchPolicy, 'cache-first' | 'network-only'>;

async function read(ids: readonly string[], fetchPolicy: Policy): Promise<Products> {
  const found = new Map<string, ProductFieldsFragment>();
  for (const id of ids) {
    const { data } = await client.query({ query: ProductDocument, variables: { id }, fetchPolicy });
    if (data?.product) found.set(id, data.product);
  }
  return found;
}

/** Those that are known so far; one that is missing is not known yet, or does not exist. */
export function useProducts(ids: readonly string[]): Products {
  const [products, setProducts] = useState(NONE);
  const key = JSON.stringify(ids);
  useEffect(() => {
    const wanted: string[] = JSON.parse(key);
    let newest = 0;
    const update = async (policy: Policy) => {
      const turn = ++newest;
      const found = await read(wanted, policy);
      if (turn === newest) setProducts(found);
    };
    // What cannot be read is not known: nothing is foreseen of it.
    void update('cache-first').catch(() => {});
    const stop = onLive((change) => {
      if (change === 'gap') void update('network-only').catch(() => {});
      else if (wanted.some((id) => change.get('Product')?.has(id))) void update('cache-first').catch(() => {});
    });
    return () => {
      newest = Number.NaN;
      stop();
    };
  }, [key]);
  return products;
}
