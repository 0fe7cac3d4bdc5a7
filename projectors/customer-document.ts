/** What the customers view holds. */
import { type ExactInteger, exactInteger } from '../views/exact-integer.ts';
import type { ViewSpec } from '../views/view-store.ts';

export const CUSTOMERS = 'customers';

export interface CustomerDoc {
  readonly _id: string;
  /** 0: a purchase names it, its own record has not come yet. */
  readonly version: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  /** What the shop prints for it. */
  readonly number: string | null;
  readonly removed: boolean;
  /** Names and e-mail are gone for ever. */
  readonly erased: boolean;
  /** The user that it belongs to. */
  readonly userId: string | null;
  readonly purchaseCount: number;
  readonly totalSpent: ExactInteger;
  readonly lastPurchaseAt: string | null;
  /** The e-mail, folded: for looking it up. */
  readonly emailKey: string | null;
  /** For sorting: last name, first name, folded. */
  readonly nameKey: string;
  readonly words: readonly string[];
  /** How many purchases name it; grows in the step that first writes one, so that concurrent steps conflict. */
  readonly references: number;
}

export const customersView: ViewSpec = {
  name: CUSTOMERS,
  indexes: [
    ['userId'],
    ['number'],
    ['emailKey'],
    ['nameKey'],
    ['purchaseCount'],
    ['totalSpent'],
    ['lastPurchaseAt'],
    ['words'],
  ],
  lists: ['words'],
  filtered: ['version', 'removed'],
};

/** What a purchase shows of a customer whose own record has not come yet. */
export function unknownCustomer(id: string): CustomerDoc {
  return {
    _id: id,
    version: 0,
    firstName: '',
    lastName: '',
    email: null,
    number: null,
    removed: false,
    erased: false,
    userId: null,
    purchaseCount: 0,
    totalSpent: exactInteger(0),
    lastPurchaseAt: null,
    emailKey: null,
    nameKey: '',
    words: [],
    references: 0,
  };
}
