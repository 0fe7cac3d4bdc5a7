/**
 * The totals that a `reflecting` query may show. Others' purchases may be counted yet or not, whatever the query reflects;
 * the purchase of its own transaction must be. For who bought once, as many customers of the workload do, that is exact.
 */
import type { History, Reading, ShownEntity } from '../history.ts';
import { type Counted, countedPurchases, entityName } from './consequences.ts';

interface Bounds {
  least: bigint;
  most: bigint;
}

/** Of each total field; whole numbers, and money in minor units. */
type Totals = Readonly<Record<string, bigint>>;

const MONEY = new Set(['totalSpent', 'revenue']);

export class TotalsCheck {
  readonly #purchases: ReadonlyMap<string, Counted>;
  /** Of each customer and product, the sum over all purchases that were ever confirmed. */
  readonly #ever = new Map<string, Totals>();

  constructor(history: History) {
    this.#purchases = countedPurchases(history);
    for (const purchase of this.#purchases.values()) {
      if (!purchase.confirmed) continue;
      for (const [name, totals] of contributions(purchase)) this.#ever.set(name, plus(this.#ever.get(name), totals));
    }
  }

  /** What is wrong with the totals of one entity in a reading. */
  wrongIn({ transactionId, entityId, aggregate }: Reading, shown: ShownEntity): string[] {
    const own = aggregate === 'purchases' ? this.#purchases.get(entityId) : undefined;
    const isOwn = own !== undefined && [own.placedBy, own.cancelledBy].includes(transactionId);
    const name = entityName(shown.aggregate, shown.id);
    const of = isOwn ? contributions(own).get(name) : undefined;
    return Object.entries(shown.fields).flatMap(([field, value]) => {
      if (!TOTALS.has(field) || value === null) return [];
      const { least, most } = this.#bounds(name, field, own, transactionId, of);
      const is = exactly(field, value);
      return is >= least && is <= most ? [] : [`${field} ${is} of ${name}, where ${least} to ${most} may be shown`];
    });
  }

  #bounds(name: string, field: string, own: Counted | undefined, by: string, of: Totals | undefined): Bounds {
    const most = this.#ever.get(name)?.[field] ?? 0n;
    if (own === undefined || of === undefined || !own.confirmed) return { least: 0n, most };
    const amount = of[field] ?? 0n;
    if (own.cancelledBy === by) return { least: 0n, most: most - amount };
    return { least: own.cancelledBy === undefined ? amount : 0n, most };
  }
}

const TOTALS = new Set(['purchaseCount', 'totalSpent', 'unitsSold', 'revenue']);

function exactly(field: string, value: string | number): bigint {
  return MONEY.has(field) ? BigInt(String(value).replace('.', '')) : BigInt(value);
}

function contributions({ customerId, lines }: Counted): ReadonlyMap<string, Totals> {
  const by = new Map<string, Totals>();
  let totalSpent = 0n;
  for (const [productId, { quantity, price }] of lines) {
    totalSpent += quantity * price;
    const totals = { purchaseCount: 1n, unitsSold: quantity, revenue: quantity * price };
    by.set(entityName('products', productId), totals);
  }
  return by.set(entityName('customers', customerId), { purchaseCount: 1n, totalSpent });
}

function plus(one: Totals | undefined, other: Totals): Totals {
  return Object.fromEntries(Object.entries(other).map(([field, value]) => [field, value + (one?.[field] ?? 0n)]));
}
