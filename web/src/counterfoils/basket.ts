/**
 * The basket: products and quantities, kept in this browser until they are bought or taken out. All its tabs show one and
 * the same basket: a change begins with what is stored, which another tab may have changed.
 */
import { useSyncExternalStore } from 'react';
import { MAX_LINES, MAX_QUANTITY } from '../../../domain/limits';
import type { ProductFieldsFragment } from '../gql/graphql';
import { storageName } from '../graph/base-path';

const KEY = storageName('counterfoil.basket');

export interface BasketLine {
  readonly productId: string;
  /** As they were when the product was put in; the price that counts is the one at which stock is reserved. */
  readonly name: string;
  readonly price: string;
  readonly quantity: number;
  /** Why a purchase was rejected for the sake of this line; gone once the line is changed. */
  readonly problem?: string;
}

export interface Basket {
  readonly lines: readonly BasketLine[];
  /** Why a purchase was rejected, where no line is to blame. */
  readonly problem: string | null;
}

const EMPTY: Basket = { lines: [], problem: null };

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
  typeof value.quantity === 'number' &&
  (!('problem' in value) || typeof value.problem === 'string');

/** What is stored; null where storage is blocked. An earlier page stored the lines alone. */
function stored(): Basket | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (Array.isArray(value)) return { lines: value.filter(isLine), problem: null };
    if (typeof value !== 'object' || value === null || !('lines' in value) || !Array.isArray(value.lines)) return EMPTY;
    const problem = 'problem' in value && typeof value.problem === 'string' ? value.problem : null;
    return { lines: value.lines.filter(isLine), problem };
  } catch (error) {
    return error instanceof SyntaxError ? EMPTY : null;
  }
}

let current = stored() ?? EMPTY;
const listeners = new Set<() => void>();

function show(next: Basket): void {
  current = next;
  for (const listener of listeners) listener();
}

function change(to: (was: Basket) => Basket): void {
  const next = to(stored() ?? current);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage is blocked or full: the basket lives as long as the page.
  }
  show(next);
}

/** Other tabs change it too. */
export function followBasket(): () => void {
  const heard = ({ key }: StorageEvent) => {
    if (key === KEY || key === null) show(stored() ?? current);
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}

const withoutProblem = ({ problem: _, ...line }: BasketLine): BasketLine => line;

const inBounds = (quantity: number): number => Math.min(Math.max(Math.trunc(quantity), 0), MAX_QUANTITY);

/** A line with another quantity; none of 0. */
const resized = (line: BasketLine, quantity: number): readonly BasketLine[] =>
  inBounds(quantity) === 0 ? [] : [{ ...withoutProblem(line), quantity: inBounds(quantity) }];

/** The one basket of this browser. */
export const basket = {
  get: (): Basket => current,

  add({ id, name, price }: Pick<ProductFieldsFragment, 'id' | 'name' | 'price'>): void {
    change(({ lines, problem }) => {
      if (lines.some(({ productId }) => productId === id)) {
        const more = lines.flatMap((line) => (line.productId === id ? resized(line, line.quantity + 1) : [line]));
        return { lines: more, problem };
      }
      return lines.length < MAX_LINES
        ? { lines: [...lines, { productId: id, name, price, quantity: 1 }], problem }
        : { lines, problem };
    });
  },

  /** 0 takes the line out. */
  setQuantity(productId: string, quantity: number): void {
    change(({ lines, problem }) => ({
      lines: lines.flatMap((line) => (line.productId === productId ? resized(line, quantity) : [line])),
      problem,
    }));
  },

  /** Empties it, and gives what was in it: no lines when another tab has taken them. */
  take(): readonly BasketLine[] {
    const { lines } = stored() ?? current;
    change(() => EMPTY);
    return lines.map(withoutProblem);
  },

  /**
   * Says why it cannot be bought as it is, at the line to blame, and puts lines back that are missing. A line that has come in
   * again meanwhile keeps its quantity, so that it makes no difference how often this is done.
   */
  putBack(lines: readonly BasketLine[], problem: string, productId?: string): void {
    change((was) => {
      const inIt = new Set(was.lines.map((line) => line.productId));
      const all = [...was.lines, ...lines.filter((line) => !inIt.has(line.productId))];
      const marked = all.map((line) => (line.productId === productId ? { ...line, problem } : line));
      return { lines: marked, problem: marked.some((line) => line.productId === productId) ? was.problem : problem };
    });
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is in the basket; the component is drawn again with each change. */
export const useBasket = (): Basket => useSyncExternalStore(subscribe, basket.get);
