/** The basket: products and quantities, kept in this browser until they are bought or taken out. */
import { useSyncExternalStore } from 'react';
import type { ProductFieldsFragment } from '../gql/graphql';
import { storageName } from '../graph/base-path';

const KEY = storageName('counterfoil.basket');
const MOST_LINES = 500;

export interface BasketLine {
  readonly productId: string;
  /** As they were when the product was put in; the price that counts is the one at which stock is reserved. */
  readonly name: string;
  readonly price: string;
  readonly quantity: number;
}

const isLine = (value: unknown): value is BasketLine =>
  typeof value === 'object' &&
  value !== null &&
  'productId' in value &&
  typeof value.productId === 'string' &&
  'name' in value &&
  typeof value.name === 'string' &&
  'price' in value &&
  typeof value.price === 'string' &&
  'quantity' in value &&
  typeof value.quantity === 'number';

function load(): readonly BasketLine[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isLine) : [];
  } catch {
    return [];
  }
}

let lines = load();
const listeners = new Set<() => void>();

function set(next: readonly BasketLine[]): void {
  lines = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage is blocked: the basket lives as long as the page.
  }
  for (const listener of listeners) listener();
}

/** The one basket of this browser. */
export const basket = {
  add(product: ProductFieldsFragment): void {
    const line = lines.find(({ productId }) => productId === product.id);
    if (line !== undefined) basket.setQuantity(product.id, line.quantity + 1);
    else if (lines.length < MOST_LINES)
      set([...lines, { productId: product.id, name: product.name, price: product.price, quantity: 1 }]);
  },
  /** 0 takes the line out. */
  setQuantity(productId: string, quantity: number): void {
    const bounded = Math.min(Math.max(Math.trunc(quantity), 0), 1_000_000);
    set(
      bounded === 0
        ? lines.filter((line) => line.productId !== productId)
        : lines.map((line) => (line.productId === productId ? { ...line, quantity: bounded } : line)),
    );
  },
  clear: () => set([]),
};

/** The lines in the basket; the component is drawn again with each change. */
export const useBasket = (): readonly BasketLine[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => lines,
  );
