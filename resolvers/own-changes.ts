/** Purchases as they change, for a customer: those of the customers that belong to the viewer at that moment. */
import { CUSTOMERS, type CustomerDoc, PURCHASES, type PurchaseDoc } from '../projectors/documents.ts';
import { UpdatesMissed } from '../transactions/errors.ts';
import { LatestQueue, type QueueMeter } from '../transactions/latest-queue.ts';
import type { Change, ViewStore } from '../views/view-store.ts';
import { customersOf, isOwnCustomer } from './access.ts';
import type { ViewerIdentity } from './context.ts';

/**
 * What is another's is dropped as it comes, so that nothing of it is kept. Which customers are the viewer's is followed in
 * the same stream of changes: no look-up for each purchase.
 * @throws {UpdatesMissed}, and ends, when changes may have been missed
 */
export async function* ownPurchaseChanges(
  views: ViewStore,
  viewer: ViewerIdentity,
  id: string | null | undefined,
  meter?: QueueMeter,
): AsyncIterableIterator<PurchaseDoc> {
  let stop: (() => Promise<void>) | undefined;
  const queue = new LatestQueue<PurchaseDoc>(() => void stop?.(), undefined, meter);
  /** By customer: whether it is the viewer's, as far as it has been told. */
  const own = new Map<string, boolean>();
  /** Purchases that came before it was known whose they are. */
  let early: PurchaseDoc[] | undefined = [];

  const take = (purchase: PurchaseDoc) => {
    if (own.get(purchase.customerId) === true) queue.push(purchase._id, purchase);
  };
  stop = await views.watch(
    [CUSTOMERS, PURCHASES],
    (change) => {
      if (change.view === CUSTOMERS) {
        // Those that never were the viewer's are not kept.
        const isOwn = change.doc !== null && isOwnCustomer(change.doc as CustomerDoc, viewer);
        if (isOwn || own.has(change.id) || early !== undefined) own.set(change.id, isOwn);
      } else if (mayBeOwn(change, viewer) && (!id || change.id === id)) {
        if (early === undefined) take(change.doc as PurchaseDoc);
        else early.push(change.doc as PurchaseDoc);
      }
    },
    () => queue.fail(new UpdatesMissed('changes may have been missed')),
  );
  try {
    for (const { _id } of await customersOf(views, viewer.id)) if (!own.has(_id)) own.set(_id, true);
    for (const purchase of early) take(purchase);
    early = undefined;
    yield* queue;
  } finally {
    queue.end();
    await stop();
  }
}

function mayBeOwn({ doc }: Change, viewer: ViewerIdentity): boolean {
  const purchase = doc as PurchaseDoc | null;
  return purchase !== null && (purchase.userId === null || purchase.userId === viewer.id);
}
