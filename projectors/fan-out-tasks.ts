/**
 * Names under way: what is left to do when an entity that very many purchases show has been renamed. Each task is a
 * document of a view of its own, written in the step that renames the entity and worked off beside the feed, see
 * `projectors/fan-out.ts`.
 */

import type { Doc, Scalar, ViewSpec, ViewStore } from '../views/view-store.ts';
import { CUSTOMERS } from './customer-document.ts';
import { PRODUCTS } from './product-document.ts';

/** Renames that purchases are yet to show. */
export const FAN_OUTS = 'fan_outs';

export const fanOutsView: ViewSpec = { name: FAN_OUTS, indexes: [] };

/** Views whose entities purchases show by name. */
export type ShownView = typeof CUSTOMERS | typeof PRODUCTS;

export interface FanOutDoc extends Doc {
  /** `<view>/<entity id>` */
  readonly _id: string;
  readonly view: ShownView;
  readonly entityId: string;
  /** The entity's version at the first rename that purchases may not show yet. */
  readonly since: number;
  /** The entity's version at the newest rename. */
  readonly version: number;
  /** Purchases up to this cursor, in order of `placedAt`, show the newest name; null: none is known to. */
  readonly after: readonly Scalar[] | null;
}

export function isShownView(view: string): view is ShownView {
  return view === CUSTOMERS || view === PRODUCTS;
}

export function fanOutId(view: ShownView, entityId: string): string {
  return `${view}/${entityId}`;
}

/**
 * Whether purchases may still show a name that the entity had before this version. Read the entity's document first: once
 * that has the version, no fan-out up to it begins any more.
 */
export async function fanOutPending(
  views: Pick<ViewStore, 'get'>,
  view: ShownView,
  entityId: string,
  version: number,
): Promise<boolean> {
  const id = fanOutId(view, entityId);
  const task = (await views.get<FanOutDoc>(FAN_OUTS, [id])).get(id);
  return task !== undefined && task.since <= version;
}
