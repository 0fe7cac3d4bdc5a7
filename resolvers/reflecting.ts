/** Reading one's own writes: a query with `reflecting` waits until the view shows what that transaction did. */
import { setTimeout as pause } from 'node:timers/promises';
import { isFinal } from '../log/transaction-record.ts';
import { TRANSACTIONS, type TransactionDoc } from '../views/documents.ts';
import { fanOutPending } from '../views/fan-out-tasks.ts';
import type { Doc } from '../views/view-store.ts';
import { mayNotSee } from './access.ts';
import type { Context } from './context.ts';
import { notFound, unavailable } from './errors.ts';

/** How long a query waits, in ms. */
export const PATIENCE_MS = 5000;

interface VersionedDoc extends Doc {
  readonly version: number;
}

/**
 * Resolves once the view of the transaction's entity (`'transactions'`: of transactions) shows it. A rejected one changed
 * nothing, so there is nothing to wait for.
 * @throws {GraphQLError} NOT_FOUND for a transaction the viewer may not see, UNAVAILABLE after 5 s
 */
export async function reflect(
  { tracker, views, viewer }: Context,
  transactionId: string | null | undefined,
  what: 'entity' | 'transactions' = 'entity',
): Promise<void> {
  if (transactionId === null || transactionId === undefined) return;
  const deadline = Date.now() + PATIENCE_MS;
  const begun = await tracker.lookUp(transactionId);
  if (begun === undefined || mayNotSee(viewer, begun)) throw notFound(`there is no transaction ${transactionId}`);
  const final = isFinal(begun.status) ? begun : await tracker.final(transactionId, deadline - Date.now());
  if (final === undefined) throw tooLate(transactionId);
  const { aggregate, entityId, entityVersion } = final;
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    if (what === 'transactions') {
      const doc = (await views.get<TransactionDoc>(TRANSACTIONS, [transactionId])).get(transactionId);
      if (doc && isFinal(doc.status)) return;
    } else {
      if (entityVersion === null) return;
      // Views are named as the aggregates they show.
      const doc = (await views.get<VersionedDoc>(aggregate, [entityId])).get(entityId);
      // A new name may still be on its way to the purchases that show it.
      if (doc && doc.version >= entityVersion && !(await fanOutPending(views, aggregate, entityId, entityVersion)))
        return;
    }
    if (Date.now() > deadline) throw tooLate(transactionId);
    await pause(wait);
  }
}

function tooLate(id: string) {
  return unavailable(
    `the view does not show transaction ${id} after ${PATIENCE_MS / 1000} s: ask again, or without reflecting`,
  );
}
