/** Reading one's own writes: a query with `reflecting` waits until the views show all that the transaction caused. */
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import { within } from '../waiting/within.ts';
import { mayNotSee } from './access.ts';
import type { Context } from './context.ts';
import { asGraphqlError, notFound, unavailable } from './errors.ts';

/** How long a query waits, in ms. */
const PATIENCE_MS = 5000;

/** What is waited for already, by operation: its fields have the same answer, and look the transaction up once. */
const underWay = new WeakMap<Context, Map<string, Promise<void>>>();

/**
 * Resolves once the views show all that the transaction caused, its follow-ups included, however it ended.
 * @throws {GraphQLError} NOT_FOUND for a transaction the viewer may not see, UNAVAILABLE after 5 s, or when too many wait
 */
export async function reflect(context: Context, transactionId: string | null | undefined): Promise<void> {
  if (transactionId === null || transactionId === undefined) return;
  const ofOperation = underWay.get(context) ?? new Map<string, Promise<void>>();
  underWay.set(context, ofOperation);
  const waiting = ofOperation.get(transactionId) ?? wait(context, transactionId);
  ofOperation.set(transactionId, waiting);
  await waiting;
}

/**
 * Resolves once the views show all that stands on the log now, and what follows from it.
 * @throws {GraphQLError} UNAVAILABLE after 5 s, or when too many wait
 */
export async function allShown(context: Context): Promise<void> {
  const leave = entered(context);
  const controller = new AbortController();
  const late = () => unavailable(`the views do not show all of the log after ${PATIENCE_MS / 1000} s: try again`);
  try {
    await within(PATIENCE_MS, late, context.reflection.allShown(controller.signal));
    context.loaders.forget();
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    leave();
  }
}

async function wait(context: Context, transactionId: string): Promise<void> {
  const leave = entered(context);
  const controller = new AbortController();
  const shown = reflected(context, transactionId, controller.signal);
  const late = () => tooLate(transactionId);
  try {
    await within(PATIENCE_MS, late, shown);
    // Fields of the operation that wait for nothing may have read the same documents too early.
    context.loaders.forget();
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    leave();
  }
}

function entered({ reflection }: Context): () => void {
  try {
    return reflection.enter();
  } catch (error) {
    throw asGraphqlError(error);
  }
}

async function reflected({ tracker, reflection, viewer }: Context, id: string, signal: AbortSignal): Promise<void> {
  const statuses = await tracker.follow(id, (record) => !mayNotSee(viewer, record));
  if (statuses === undefined) throw notFound(`there is no transaction ${id}`);
  const end = () => statuses.end();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  let final: TransactionRecord | undefined;
  for await (const record of statuses) if (isFinal(record.status)) final = record;
  // The time is up, or the gateway stops.
  if (final === undefined) throw tooLate(id);
  await reflection.shown(final, signal);
}

function tooLate(id: string) {
  return unavailable(
    `the views do not show all of transaction ${id} after ${PATIENCE_MS / 1000} s: ask again, or without reflecting`,
  );
}
