/** A product that very many purchases show, in a view store, and states of it and of purchases as records. */
import type { PublishedProduct, PurchaseState } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import { PRODUCTS, type ProductDoc, PURCHASES, unknownProduct } from '../projectors/documents.ts';
import { projectors } from '../projectors/index.ts';
import { purchaseDocument } from '../projectors/purchase-document.ts';
import type { ViewStore } from '../views/view-store.ts';
import { stateHeaders } from './state-headers.ts';

export const PRODUCT = 'chai';

export function productState(version: number, name: string): PublishedProduct {
  return {
    version,
    name,
    price: 100,
    received: 9,
    free: 9,
    reserved: 0,
    sold: 0,
    discontinued: false,
    number: null,
    claim: null,
  };
}

export function purchaseState(at: number, version: number, status: PurchaseState['status']): PurchaseState {
  const placedAt = new Date(Date.UTC(2024, 0, 1) + at * 1000).toISOString();
  return {
    ...{ version, status, customerId: 'ada', approved: true, total: 100, placedAt, acceptedAt: placedAt },
    ...{ confirmedAt: null, cancelledAt: null, rejection: null, transactionId: 't', issuedBy: 'u', userId: null },
    number: null,
    numberGiven: true,
    lines: [{ productId: PRODUCT, quantity: 1, agreedPrice: null, discount: null, listPrice: 100, unitPrice: 100 }],
  };
}

export function idOf(at: number): string {
  return `o${String(at).padStart(6, '0')}`;
}

/** As the projectors would have left it: so many purchases, and their product under the name Chai, version 1. */
export async function fillShop(views: ViewStore, count: number): Promise<void> {
  const names = { customerName: '', customerKey: '', productName: () => 'Chai' };
  for (let from = 0; from < count; from += 1000) {
    const docs = Array.from({ length: Math.min(1000, count - from) }, (_, i) =>
      purchaseDocument(idOf(from + i), purchaseState(from + i, 1, 'PENDING'), names),
    );
    await views.step([], (tx) => tx.put(PURCHASES, docs));
  }
  const named = { version: 1, name: 'Chai', nameKey: 'chai', words: ['chai'] };
  const product: ProductDoc = { ...unknownProduct(PRODUCT), ...named, references: count };
  await views.step([], (tx) => tx.put(PRODUCTS, [product]));
}

/** Hands the newest states of one aggregate to its projector, as one step of a feed that has come to `from`. */
export async function feed(
  views: ViewStore,
  aggregate: 'products' | 'purchases',
  from: number,
  states: ReadonlyMap<string, { readonly version: number }>,
): Promise<readonly string[]> {
  const topic = `${aggregate}.state`;
  const records = [...states].map(([key, state], i): LogRecord => {
    const value = Buffer.from(JSON.stringify(state));
    const headers = stateHeaders(key, state.version);
    return { topic, partition: 0, offset: from + i, key, value, headers, timestamp: 0 };
  });
  const projector = projectors.find((each) => each.topic === topic);
  let begun: readonly string[] = [];
  const result = await views.step([{ topic, partition: 0, from, next: from + records.length }], async (tx) => {
    begun = (await projector?.project(records, tx, (_, reason) => fail(reason))) ?? [];
  });
  if (result !== 'applied') fail('the step was refused');
  return begun;
}

function fail(message: string): never {
  throw new Error(message);
}
