/** How outcomes move transactions on: from what was decided to the next status of the transactions it concerns. Pure. */
import type { Catalogue, Message, Progress, ProgressStep, Versioned } from './aggregate.ts';
import { accepted, isFinal, type TransactionRecord } from './transaction.ts';

/** The record after one more step. A final one stays as it is: callers test for identity. */
export function advance(was: TransactionRecord, step: ProgressStep, at: string, version: number): TransactionRecord {
  if (isFinal(was.status)) return was;
  const final = isFinal(step.status);
  return {
    ...was,
    status: step.status,
    steps: [...was.steps, { name: step.name, status: step.status, at, entityId: step.entityId ?? null }],
    rejection: step.rejection ?? null,
    entityVersion: step.status === 'COMPLETED' ? version : null,
    finishedAt: final ? at : null,
  };
}

/** What a user's own command did to its transaction: it waits for others, or is done at once. */
export function progressOfCommand<C extends Catalogue, E extends Catalogue, S extends Versioned>(
  progress: Progress<C, E, S> | undefined,
  events: readonly Message<E>[],
): ProgressStep {
  for (const { type } of events) {
    const name = progress?.begins[type];
    if (name !== undefined) return { name, status: 'PENDING' };
  }
  return { name: 'completed', status: 'COMPLETED' };
}

/**
 * What an event does to the transaction that the entity keeps open, if it does anything. Told from the entity itself as it
 * was before the event, never from what is remembered of the transaction: that is open as long as the entity is pending,
 * and has ended for ever with anything else.
 */
export function progressOfOpen<C extends Catalogue, E extends Catalogue, S extends Versioned>(
  progress: Progress<C, E, S>,
  before: S,
  event: Message<E>,
): ProgressStep | undefined {
  return progress.pending(before) ? progress.steps[event.type]?.(event.data) : undefined;
}

/**
 * The open transaction of a pending entity, as far as the entity tells: for one whose statuses have left the log. Steps have
 * the time of its beginning, as their own is known no more; their number is right, and that is what orders records.
 */
export function openSoFar<C extends Catalogue, E extends Catalogue, S extends Versioned>(
  { name: aggregate, progress }: { readonly name: string; readonly progress: Progress<C, E, S> },
  entityId: string,
  state: S,
): TransactionRecord | undefined {
  const open = progress.transaction(state);
  if (open === undefined) return undefined;
  const { id, command, issuedBy, acceptedAt: at } = open;
  const begun = accepted({ id, command, aggregate, entityId, issuedBy, at });
  return progress.soFar(state).reduce((was, step) => advance(was, step, at, 0), begun);
}
