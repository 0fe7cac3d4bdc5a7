/**
 * `purchases.state` → the purchases view, joined with names, and the totals of customers and products. What a purchase
 * adds to totals is taken from its document as it was, so a state that skips versions (compaction) is no trouble.
 */
import { purchase } from '../domain/index.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { addExact } from '../views/exact-integer.ts';
import type { Doc, ViewStep } from '../views/view-store.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import { CUSTOMERS, type CustomerDoc, unknownCustomer } from './customer-document.ts';
import {
  PRODUCT_CUSTOMERS,
  PRODUCTS,
  type ProductCustomerDoc,
  type ProductDoc,
  unknownProduct,
} from './product-document.ts';
import { type EntityProjector, newestById } from './projector.ts';
import { PURCHASES, type PurchaseDoc, purchaseDocument, purchasesView } from './purchase-document.ts';
import { nameOf } from './shown-names.ts';

/** Documents read once, changed in memory, and those that changed written once. */
class Drafts<D extends Doc> {
  readonly #docs: Map<string, D>;
  readonly #changed = new Set<string>();
  readonly #missing: (id: string) => D;

  constructor(docs: ReadonlyMap<string, D>, missing: (id: string) => D) {
    this.#docs = new Map(docs);
    this.#missing = missing;
  }

  get(id: string): D {
    return this.#docs.get(id) ?? this.#missing(id);
  }

  change(id: string, change: (was: D) => Partial<D>): D {
    const was = this.get(id);
    const now = { ...was, ...change(was) };
    this.#docs.set(id, now);
    this.#changed.add(id);
    return now;
  }

  changed(): readonly D[] {
    return [...this.#changed].map((id) => this.get(id));
  }
}

interface Affected {
  readonly customers: Drafts<CustomerDoc>;
  readonly products: Drafts<ProductDoc>;
  readonly pairs: Drafts<ProductCustomerDoc>;
}

function pairId(productId: string, customerId: string): string {
  return `${productId}/${customerId}`;
}

async function readAffected(
  tx: ViewStep,
  states: Iterable<{ customerId: string; lines: readonly { productId: string }[] }>,
): Promise<Affected> {
  const customerIds = new Set<string>();
  const productIds = new Set<string>();
  const pairIds = new Set<string>();
  for (const { customerId, lines } of states) {
    customerIds.add(customerId);
    for (const { productId } of lines) {
      productIds.add(productId);
      pairIds.add(pairId(productId, customerId));
    }
  }
  return {
    customers: new Drafts(await tx.get<CustomerDoc>(CUSTOMERS, [...customerIds]), unknownCustomer),
    products: new Drafts(await tx.get<ProductDoc>(PRODUCTS, [...productIds]), unknownProduct),
    pairs: new Drafts(await tx.get<ProductCustomerDoc>(PRODUCT_CUSTOMERS, [...pairIds]), (_id) => ({ _id, count: 0 })),
  };
}

/** Adds (`sign` 1) or takes away (−1) what a confirmed purchase counts for. */
function count(document: PurchaseDoc, sign: 1 | -1, { customers, products, pairs }: Affected): void {
  const { customerId, placedAt, total, lines } = document;
  customers.change(customerId, (was) => ({
    purchaseCount: was.purchaseCount + sign,
    totalSpent: addExact(was.totalSpent, BigInt(sign * total)),
    ...(sign === 1 && (was.lastPurchaseAt ?? '') < placedAt ? { lastPurchaseAt: placedAt } : {}),
  }));
  for (const { productId, quantity, total } of lines) {
    const pair = pairs.change(pairId(productId, customerId), (was) => ({ count: was.count + sign }));
    const appeared = sign === 1 && pair.count === 1;
    const vanished = sign === -1 && pair.count === 0;
    products.change(productId, (was) => ({
      purchaseCount: was.purchaseCount + sign,
      customerCount: was.customerCount + (appeared ? 1 : 0) - (vanished ? 1 : 0),
      unitsSold: was.unitsSold + sign * quantity,
      revenue: addExact(was.revenue, BigInt(sign * (total ?? 0))),
    }));
  }
}

/** When a purchase stops counting, the customer's latest may be an earlier one. */
async function latestConfirmed(tx: ViewStep, customerId: string): Promise<string | null> {
  const [latest] = await tx.find<PurchaseDoc>(PURCHASES, {
    filter: { customerId, status: 'CONFIRMED' },
    sort: [['placedAt', -1]],
    limit: 1,
  });
  return latest?.placedAt ?? null;
}

export const purchases: EntityProjector = {
  view: purchasesView,
  topic: stateTopic('purchases'),
  async project(records, tx, unreadable) {
    const states = await newestById(records, (record) => stateOf(record, purchase), unreadable);
    if (states.size === 0) return undefined;
    const known = await tx.get<PurchaseDoc>(PURCHASES, [...states.keys()]);
    const affected = await readAffected(tx, states.values());
    const { customers, products, pairs } = affected;
    const documents: PurchaseDoc[] = [];
    const uncounted = new Set<string>();
    const slice = new TimeSlice();
    for (const [id, state] of states) {
      if (slice.over()) await slice.next();
      const was = known.get(id);
      const buyer = customers.get(state.customerId);
      // A new purchase takes the names from the documents of its customer and products. Later changes of a name are brought
      // to it by fan-outs alone: see `fan-out.ts`.
      const shown = new Map(was?.lines.map(({ productId, productName }) => [productId, productName]));
      const document = purchaseDocument(id, state, {
        customerName: was?.customerName ?? nameOf(buyer),
        customerKey: was?.customerKey ?? buyer.nameKey,
        productName: (productId) => shown.get(productId) ?? products.get(productId).name,
      });
      documents.push(document);
      if (was === undefined) {
        customers.change(state.customerId, ({ references }) => ({ references: references + 1 }));
        for (const line of state.lines) {
          products.change(line.productId, ({ references }) => ({ references: references + 1 }));
        }
      }
      const counted = was?.status === 'CONFIRMED';
      const counts = document.status === 'CONFIRMED';
      if (was !== undefined && counted && !counts) {
        count(was, -1, affected);
        uncounted.add(was.customerId);
      }
      if (!counted && counts) count(document, 1, affected);
    }
    await tx.put(PURCHASES, documents);
    for (const customerId of uncounted) {
      const lastPurchaseAt = await latestConfirmed(tx, customerId);
      customers.change(customerId, () => ({ lastPurchaseAt }));
    }
    await tx.put(CUSTOMERS, customers.changed());
    await tx.put(PRODUCTS, products.changed());
    await tx.put(PRODUCT_CUSTOMERS, pairs.changed());
    return undefined;
  },
};
