/** How outcomes move transactions on: from what was decided to the next status of the transactions it concerns. Pure. */
import type { Aggregate, Catalogue, Message, Progress, ProgressStep, Versioned } from './aggregate.ts';
import { COMPLETED } from './progress-steps.ts';
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
export function progressOfCommand<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { progress, inquiries }: Pick<Aggregate<string, C, E, S, P>, 'progress' | 'inquiries'>,
  events: readonly Message<E>[],
): ProgressStep {
  for (const { type } of events) {
    const name = progress?.begins[type] ?? inquiries?.begins[type];
    if (name !== undefined) return { name, status: 'PENDING' };
  }
  return COMPLETED;
}

/**
 * What an event does to the transaction that the entity keeps open, if anything. The entity's state before the event tells
 * it, and no remembered status, which may have left the log: the transaction is open exactly as long as the entity is pending.
 */
export function progressOfOpen<C extends Catalogue, E extends Catalogue, S extends Versioned>(
  progress: Progress<C, E, S>,
  before: S,
  event: Message<E>,
): ProgressStep | undefined {
  return progress.pending(before) ? progress.steps[event.type]?.(event.data) : undefined;
}

/**
 * Makes the open transaction of a pending entity anew from its state, for when the statuses have left the log (retention).
 * The steps' own times are lost, so they get the time at which the transaction began. Their number is right, and statuses
 * are ordered by that.
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
