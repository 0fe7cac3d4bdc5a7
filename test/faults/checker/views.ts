/**
 * (g) Views = projection of the states, totals included. The projection is written anew here, over all states at once
 * and without the projectors' code, so that what they get wrong step by step is seen.
 */
import { isDeepStrictEqual } from 'node:util';
import { fold } from '../../../views/fold.ts';
import { wordsOf } from '../../../views/words.ts';
import { type Entry, entriesOf, type History, VIEWS, type ViewName } from '../history.ts';

type Doc = Record<string, unknown>;
type Docs = Map<string, Doc>;

export function checkViews(history: History): string[] {
  const expected = project(history);
  return VIEWS.flatMap((view) => {
    const found = history.views[view];
    if (found === undefined) return [];
    const docs = expected.get(view);
    return docs === undefined ? compareVersions(history, view, found) : compare(view, docs, found);
  });
}

type Found = ReadonlyMap<string, Readonly<Doc>>;

/** Of an aggregate whose projection is not written here: which entities there are, and at which version. */
function compareVersions(history: History, view: ViewName, found: Found): string[] {
  const expected = collect(newest(history, `${view}.state`), (_id, { version }) => ({ _id, version }));
  return compare(view, expected, new Map([...found].map(([_id, { version }]) => [_id, { _id, version }])));
}

function compare(view: ViewName, expected: Docs, found: Found): string[] {
  const violations: string[] = [];
  for (const [id, doc] of expected) {
    const shown = found.get(id);
    // A placeholder may be one that no client sees.
    if (shown === undefined && doc['version'] !== 0) violations.push(`${view} ${id} is missing from the view`);
    for (const [field, value] of Object.entries(shown ?? {})) {
      if (isDeepStrictEqual(value, doc[field])) continue;
      const [is, want] = [JSON.stringify(value), JSON.stringify(doc[field])];
      violations.push(`${view} ${id}: ${field} is ${is} where the states give ${want}`);
    }
  }
  for (const [id, { count }] of found) {
    // A pair whose purchases were all cancelled stays behind, and counts none.
    if (!expected.has(id) && count !== 0) violations.push(`${view} ${id} is in the view, and no state gives it`);
  }
  return violations;
}

function newest(history: History, topic: string): ReadonlyMap<string, Entry['data']> {
  return new Map(entriesOf(history, topic).map(({ key, data }) => [key, data]));
}

function project(history: History): ReadonlyMap<ViewName, Docs> {
  const states = {
    customers: newest(history, 'customers.state'),
    products: newest(history, 'products.state'),
    purchases: newest(history, 'purchases.state'),
  };
  const customers = collect(states.customers, customerOf);
  const products = collect(states.products, productOf);
  for (const { customerId, lines } of states.purchases.values()) {
    if (!customers.has(customerId)) customers.set(customerId, customerOf(customerId, UNKNOWN_CUSTOMER));
    for (const { productId } of lines) {
      if (!products.has(productId)) products.set(productId, productOf(productId, UNKNOWN_PRODUCT));
    }
  }
  const purchases = collect(states.purchases, (id, state) =>
    purchaseOf(id, state, customers.get(state.customerId) ?? {}, (product) => products.get(product) ?? {}),
  );
  const pairs = addTotals([...purchases.values()], customers, products);
  const transactions = collect(newest(history, 'transactions'), (_id, { id, ...record }) => ({ _id: id, ...record }));
  const docs = { customers, products, purchases, transactions, product_customers: pairs };
  return new Map(Object.entries(docs) as [keyof typeof docs, Docs][]);
}

function collect(states: ReadonlyMap<string, Entry['data']>, of: (id: string, state: Entry['data']) => Doc): Docs {
  return new Map([...states].map(([id, state]) => [id, of(id, state)]));
}

const UNKNOWN_CUSTOMER = { version: 0, firstName: '', lastName: '', email: null, removed: false, erased: false };
const UNKNOWN_PRODUCT = { version: 0, name: '', price: 0, free: 0, reserved: 0, received: 0, discontinued: false };

/** `userId`, `number` and `erased` are not in states of before there were any. */
function customerOf(_id: string, { userId = null, number = null, erased = false, ...state }: Entry['data']): Doc {
  const { version, firstName, lastName, email, removed } = state;
  return {
    ...{ _id, version, firstName, lastName, email, number, removed, erased, userId },
    ...{ purchaseCount: 0, totalSpent: 0n, lastPurchaseAt: null, references: 0 },
    nameKey: fold(`${lastName} ${firstName}`.trim()),
    emailKey: typeof email === 'string' ? fold(email) : null,
    words: wordsOf(firstName, lastName, email ?? '', number ?? ''),
  };
}

function productOf(_id: string, { version, name, number = null, price, free: stock, ...state }: Entry['data']): Doc {
  const { reserved, received, discontinued } = state;
  return {
    ...{ _id, version, name, number, price, stock, reserved, received, discontinued },
    ...{ purchaseCount: 0, customerCount: 0, unitsSold: 0, revenue: 0n, references: 0 },
    nameKey: fold(name),
    words: wordsOf(name, number ?? ''),
  };
}

function purchaseOf(_id: string, state: Entry['data'], customer: Doc, productOf: (id: string) => Doc): Doc {
  const { version, status, customerId, placedAt, confirmedAt, cancelledAt, rejection, transactionId } = state;
  const total = status === 'REJECTED' || (status === 'CANCELLED' && confirmedAt === null) ? 0 : state.total;
  const { userId = null, number = null } = state;
  const customerName = `${customer['firstName']} ${customer['lastName']}`.trim();
  const lines = state.lines.map((line: Entry['data']) => {
    const { productId, quantity, unitPrice, listPrice = unitPrice, discount = null } = line;
    return {
      ...{ productId, productName: productOf(productId)['name'], quantity, listPrice, unitPrice, discount },
      total: unitPrice === null ? null : lessDiscount(unitPrice * quantity, discount),
    };
  });
  const names: string[] = lines.map((line: Doc) => String(line['productName']));
  return {
    ...{ _id, version, number, status, customerId, customerName, customerKey: customer['nameKey'], lines, total },
    ...{ placedAt, confirmedAt, cancelledAt, rejection, transactionId, userId },
    words: wordsOf(number ?? '', customerName, ...names),
  };
}

/** Half a cent is rounded up. `discount` is in ten-thousandths. */
function lessDiscount(price: number, discount: number | null): number {
  return Number((BigInt(price) * BigInt(10_000 - (discount ?? 0)) + 5_000n) / 10_000n);
}

/** Counts what names a customer or product, and of confirmed purchases what they come to. Returns the pairs. */
function addTotals(purchases: readonly Doc[], customers: Docs, products: Docs): Docs {
  const pairs = new Map<string, number>();
  for (const purchase of purchases as readonly Entry['data'][]) {
    const { customerId, lines, total, placedAt } = purchase;
    const confirmed = purchase.status === 'CONFIRMED';
    const once = confirmed ? 1 : 0;
    const customer: Entry['data'] = customers.get(customerId);
    customer.references += 1;
    customer.purchaseCount += once;
    if (confirmed) {
      customer.totalSpent += BigInt(total);
      if ((customer.lastPurchaseAt ?? '') < placedAt) customer.lastPurchaseAt = placedAt;
    }
    for (const { productId, quantity, total } of lines) {
      const product: Entry['data'] = products.get(productId);
      product.references += 1;
      product.purchaseCount += once;
      product.unitsSold += once * quantity;
      product.revenue += BigInt(once) * BigInt(total ?? 0);
      const pair = `${productId}/${customerId}`;
      const count = pairs.get(pair) ?? 0;
      if (confirmed && count === 0) product.customerCount += 1;
      if (confirmed) pairs.set(pair, count + 1);
    }
  }
  for (const customer of customers.values()) customer['totalSpent'] = asText(customer['totalSpent']);
  for (const product of products.values()) product['revenue'] = asText(product['revenue']);
  return new Map([...pairs].map(([_id, count]) => [_id, { _id, count }]));
}

/** Documents hold sums as text, because they may outgrow numbers: how many digits, a colon, the digits. */
function asText(sum: unknown): string {
  const digits = String(sum);
  return `${String(digits.length).padStart(3, '0')}:${digits}`;
}
