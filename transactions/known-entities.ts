/** Which entities a user's command can be about, before it is decided: those that the views show. */
import { type AggregateName, customerIdOf } from '../domain/index.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';
import type { ViewerIdentity } from './viewer.ts';

type Versioned = Doc & { readonly version?: number };

/**
 * Whether the entity exists as far as the views show, or has the id that the viewer's own customer gets: its registration may
 * not be shown yet, and there is one such id for each user. A placeholder, of what others name, has version 0.
 */
export function knownIn(views: Pick<ViewStore, 'get'>) {
  return async (aggregate: AggregateName, id: string, { id: userId }: ViewerIdentity): Promise<boolean> => {
    if (aggregate === 'customers' && id === customerIdOf(userId)) return true;
    const found = await views.get<Versioned>(aggregate, [id]);
    return (found.get(id)?.version ?? 0) > 0;
  };
}
