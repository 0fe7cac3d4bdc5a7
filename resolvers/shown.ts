/** How the API shows a document in full: `counterfoil verify` compares it with what a server answers. */
import type { Doc } from '../views/view-store.ts';
import { formatMoney } from './scalars.ts';

export interface Shown<D extends Doc> {
  /** The filter under which the list leaves nothing out, where it needs one. */
  readonly filter?: string;
  /** What is asked for of each: all that its document holds. */
  readonly fields: string;
  /** A document as `fields` show it. */
  shown(doc: D): unknown;
}

/** An amount as the API shows it. @param amount minor units */
export const shownMoney = (amount: number | bigint | null): string | null =>
  amount === null ? null : formatMoney(amount);
