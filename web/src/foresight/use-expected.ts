/**
 * What entities are expected to be once the changes under way are done. It is shown as expected, for as long as the page still
 * shows the version that a change was made on: after that what is shown is what has become of it. A change that was rejected
 * is expected no more.
 */
import { useCallback } from 'react';
import { type Counterfoil, isPending } from '../counterfoils/counterfoil';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import type { CustomerFieldsFragment, ProductFieldsFragment, PurchaseFieldsFragment } from '../gql/graphql';
import { type Kind, kindOfCommand, singularOf } from '../graph/kinds';
import { useViewer } from '../graph/viewer';
import { foresee } from './foresee';
import { type Shown, shownCustomer, shownProduct, shownPurchase } from './states';

interface Entity {
  readonly id: string;
  readonly version: number;
}

/** How entities of one kind are foreseen. */
interface Expectable<T extends Entity> {
  readonly kind: Kind;
  shown(entity: T): Shown;
  fieldsOf(state: unknown): Partial<T>;
}

export const CUSTOMERS: Expectable<CustomerFieldsFragment> = {
  kind: 'Customer',
  shown: (one) => ({ customers: [one] }),
  fieldsOf: shownCustomer,
};
export const PRODUCTS: Expectable<ProductFieldsFragment> = {
  kind: 'Product',
  shown: (one) => ({ products: [one] }),
  fieldsOf: shownProduct,
};
export const PURCHASES: Expectable<PurchaseFieldsFragment> = {
  kind: 'Purchase',
  shown: (one) => ({ purchases: [one] }),
  fieldsOf: shownPurchase,
};

export interface Expected<T> {
  /** The entity with what is expected of it. */
  readonly entity: T;
  /** Whether a field of it is expected only. */
  is(...fields: readonly (keyof T)[]): boolean;
  readonly any: boolean;
}

const concerns = (kind: Kind, { id, version }: Entity, item: Counterfoil): boolean =>
  item.seen === version &&
  (isPending(item) || item.state === 'completed') &&
  kindOfCommand(item.order.command) === kind &&
  Reflect.get(item.order.input, `${singularOf(kind)}Id`) === id;

/** Tells of an entity what is expected of it. */
export function useExpected<T extends Entity>({ kind, shown, fieldsOf }: Expectable<T>): (entity: T) => Expected<T> {
  const { all } = useCounterfoils();
  const viewer = useViewer();
  return useCallback(
    (entity) => {
      const now = new Date().toISOString();
      let expected = entity;
      // The newest stands first, and is made on what those before it have brought about.
      for (const { order } of all.filter((item) => concerns(kind, entity, item)).reverse()) {
        const { state } = foresee(order, shown(expected), viewer, now);
        if (state !== null) expected = { ...expected, ...fieldsOf(state) };
      }
      const is = (...fields: readonly (keyof T)[]) => fields.some((field) => expected[field] !== entity[field]);
      return { entity: expected, is, any: expected !== entity };
    },
    [all, viewer, kind, shown, fieldsOf],
  );
}
