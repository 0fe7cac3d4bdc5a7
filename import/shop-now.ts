/** What the shop has now of what an import brings: looked up by id, many in one request. */
import { Coalesced } from './coalesced.ts';
import type { Executor, Operation } from './executor.ts';
import {
  type CustomerThere,
  customersByIds,
  LOOKED_UP_AT_ONCE,
  type ProductThere,
  type PurchaseThere,
  productsByIds,
  purchasesByIds,
} from './operations.ts';
import { type Patience, patiently } from './patiently.ts';

/** Requests under way at once, of each kind. */
const AT_ONCE = 2;

type ByIds<T> = (ids: readonly string[]) => {
  readonly operation: Operation<(T | null)[]>;
  readonly variables: Readonly<Record<string, string>>;
};

/** Looks one up by its id; null: it is not there, as far as the views show. */
type LookUp<T> = (id: string) => Promise<T | null>;

export interface ShopNow {
  readonly customer: LookUp<CustomerThere>;
  readonly product: LookUp<ProductThere>;
  readonly purchase: LookUp<PurchaseThere>;
}

export function shopNow(executor: Executor, patience: Patience): ShopNow {
  function lookUp<T>(byIds: ByIds<T>): LookUp<T> {
    const requests = new Coalesced<string, T | null>({
      most: LOOKED_UP_AT_ONCE,
      atOnce: AT_ONCE,
      run: (ids) => {
        const { operation, variables } = byIds(ids);
        return patiently(() => executor.execute(operation, variables), patience);
      },
    });
    return (id) => requests.ask(id);
  }
  return { customer: lookUp(customersByIds), product: lookUp(productsByIds), purchase: lookUp(purchasesByIds) };
}
