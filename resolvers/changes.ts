/** Documents as they change, for the subscriptions. */

import { UpdatesMissed } from '../transactions/errors.ts';
import { LatestQueue, type QueueMeter } from '../transactions/latest-queue.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';

/**
 * Yields documents of a view as they change, or one of them; of one that changes faster than it is read, the newest.
 * @param wanted which of them; the others are not kept
 * @throws {UpdatesMissed}, and ends, when changes may have been missed: after a rebuild of the views, or when
 * the view store no longer knows what has changed since it was last asked.
 */
export async function* changesOf<D extends Doc & { readonly version?: number }>(
  views: ViewStore,
  view: string,
  id: string | null | undefined,
  wanted: (doc: D) => boolean = () => true,
  meter?: QueueMeter,
): AsyncIterableIterator<D> {
  let stop: (() => Promise<void>) | undefined;
  const queue = new LatestQueue<D>(() => void stop?.(), undefined, meter);
  stop = await views.watch(
    [view],
    (change) => {
      // Version 0 is a placeholder: its own record has not come yet.
      const doc = change.doc as D | null;
      if (doc !== null && doc.version !== 0 && (!id || change.id === id) && wanted(doc)) queue.push(change.id, doc);
    },
    () => queue.fail(new UpdatesMissed('changes may have been missed')),
  );
  try {
    yield* queue;
  } finally {
    queue.end();
    await stop();
  }
}
