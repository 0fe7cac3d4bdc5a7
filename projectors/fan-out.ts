/**
 * Brings a new name to the purchases that show it. Few purchases are written in the step that renames; for many, that step
 * leaves a task, and they are walked in bounded steps beside the feed, so that no rename can hold it up or outgrow a
 * transaction. The position of the walk is kept in the task, so whoever comes by can go on with it.
 *
 * Why no purchase keeps an old name. A purchase gets its names in the step that first writes it, and from here alone later.
 * That first step also writes the entity's document (`references`), so it conflicts with a rename and commits before it or
 * after it: before, and the walk meets the purchase; after, and it has the new name. Every rename and every step of a walk
 * writes the task, so they conflict too: a walk with an old name cannot overtake a newer rename.
 */

import { cursorOf } from '../views/keyset.ts';
import type { Doc, Sort, ViewStep, ViewStore } from '../views/view-store.ts';
import { CUSTOMERS } from './customer-document.ts';
import { FAN_OUTS, type FanOutDoc, fanOutId, type ShownView } from './fan-out-tasks.ts';
import { PURCHASES, type PurchaseDoc } from './purchase-document.ts';
import { shownNames } from './shown-names.ts';

/** Most purchases that the renaming step itself may write. */
const AT_ONCE = 500;
/** Most purchases in a step of the walk: large enough for a commit, short enough for the event loop, which makes embedded ones. */
const FAN_OUT_STEP = { shared: 500, embedded: 250 } as const;
/** Never changes in a purchase, and indexed after what is searched for. */
const WALK: Sort = [['placedAt', 1]];

interface Renamed extends Doc {
  readonly version: number;
  readonly references: number;
}

/**
 * To be called in the step that writes the entities' documents, after they have been put.
 * @returns the ids of the tasks that were left for later.
 */
export async function showRenamed(
  tx: ViewStep,
  view: ShownView,
  renamed: readonly Renamed[],
): Promise<readonly string[]> {
  if (renamed.length === 0) return [];
  const begun = await tx.get<FanOutDoc>(
    FAN_OUTS,
    renamed.map(({ _id }) => fanOutId(view, _id)),
  );
  const now: string[] = [];
  const later: FanOutDoc[] = [];
  let room = AT_ONCE;
  for (const { _id: entityId, version, references } of renamed) {
    const _id = fanOutId(view, entityId);
    if (references <= room) {
      room -= references;
      now.push(entityId);
    } else {
      const since = begun.get(_id)?.since ?? version;
      later.push({ _id, view, entityId, since, version, after: null });
    }
  }
  if (now.length > 0) {
    const { where, read } = shownNames[view];
    const purchases = await tx.find<PurchaseDoc>(PURCHASES, { filter: where(now), limit: AT_ONCE });
    await putChanged(tx, purchases, await read(tx, now));
    await tx.remove(
      FAN_OUTS,
      now.map((id) => fanOutId(view, id)).filter((id) => begun.has(id)),
    );
  }
  await tx.put(FAN_OUTS, later);
  return later.map(({ _id }) => _id);
}

/**
 * One step of these tasks: at most so many purchases. A step that fails, or whose outcome is unknown, can be made again.
 * @returns those that are not done, as they are now.
 * @throws {ViewsUnavailable}
 */
export async function fanOutStep(
  views: ViewStore,
  ids: readonly string[],
  most: number = views.shared ? FAN_OUT_STEP.shared : FAN_OUT_STEP.embedded,
): Promise<readonly FanOutDoc[]> {
  let left: FanOutDoc[] = [];
  await views.step([], async (tx) => {
    left = [];
    const tasks = await tx.get<FanOutDoc>(FAN_OUTS, ids);
    let room = most;
    for (const task of tasks.values()) {
      const next = room > 0 ? await walk(tx, task, room) : { task, walked: 0 };
      room -= next.walked;
      if (next.task !== undefined) left.push(next.task);
    }
  });
  return left;
}

/** Works off all tasks there are, for views that nobody else writes into. */
export async function finishFanOuts(views: ViewStore, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const tasks = await views.find<FanOutDoc>(FAN_OUTS, { limit: 50 });
    if (tasks.length === 0) return;
    await fanOutStep(
      views,
      tasks.map(({ _id }) => _id),
    );
    await new Promise(setImmediate);
  }
}

async function walk(
  tx: ViewStep,
  task: FanOutDoc,
  room: number,
): Promise<{ readonly task: FanOutDoc | undefined; readonly walked: number }> {
  const { where, read } = shownNames[task.view];
  const purchases = await tx.find<PurchaseDoc>(PURCHASES, {
    filter: where([task.entityId]),
    sort: WALK,
    limit: room,
    ...(task.after === null ? {} : { after: task.after }),
  });
  await putChanged(tx, purchases, await read(tx, [task.entityId]));
  const last = purchases.at(-1);
  if (last === undefined || purchases.length < room) {
    await tx.remove(FAN_OUTS, [task._id]);
    // The customer may have been erased: the last of its purchases has lost the name with this step.
    if (task.view === CUSTOMERS) tx.purge?.();
    return { task: undefined, walked: purchases.length };
  }
  const moved = { ...task, after: cursorOf(last, WALK) };
  await tx.put(FAN_OUTS, [moved]);
  return { task: moved, walked: purchases.length };
}

async function putChanged(
  tx: ViewStep,
  purchases: readonly PurchaseDoc[],
  show: (purchase: PurchaseDoc) => PurchaseDoc,
): Promise<void> {
  await tx.put(
    PURCHASES,
    purchases.map((was) => ({ was, now: show(was) })).flatMap(({ was, now }) => (was === now ? [] : [now])),
  );
}
