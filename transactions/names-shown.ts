/** Waits until purchases show a new name: a fan-out carries it to them beside the feed, so no position tells of it. */
import { FAN_OUTS, fanOutId, fanOutPending, isShownView } from '../projectors/fan-out-tasks.ts';
import type { ViewStore } from '../views/view-store.ts';
import { LatestQueue } from './latest-queue.ts';

/** An entity as it was after a transaction. */
export interface RenamedEntity {
  readonly aggregate: string;
  readonly entityId: string;
  readonly entityVersion: number;
}

/**
 * Resolves when no purchase shows a name that the entity had before this version. Call it once the entity's own document
 * has that version.
 * @throws the signal's reason once it is aborted; {ViewsUnavailable}
 */
export async function namesShown(
  views: Pick<ViewStore, 'get' | 'watch'>,
  { aggregate, entityId, entityVersion }: RenamedEntity,
  signal: AbortSignal,
): Promise<void> {
  if (!isShownView(aggregate)) return;
  const task = fanOutId(aggregate, entityId);
  const pending = () => fanOutPending(views, aggregate, entityId, entityVersion);
  // There rarely is one, and one read is cheaper than a watch.
  if (!(await pending())) return;

  const changes = new LatestQueue<'changed'>(() => undefined);
  const changed = () => changes.push(task, 'changed');
  const abort = () => changes.fail(signal.reason);
  // The task is read again after a gap in the changes, too.
  const stop = await views.watch([FAN_OUTS], ({ id }) => (id === task ? changed() : undefined), changed);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    // It may have ended before the watch began.
    changed();
    for await (const _ of changes) if (!(await pending())) return;
  } finally {
    signal.removeEventListener('abort', abort);
    await stop();
  }
}
