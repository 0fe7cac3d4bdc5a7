/** How outcomes move transactions on: from what was decided to the next status of the transactions it concerns. Pure. */
import type { Message, PurchaseEvents, PurchaseState, Rejection } from './index.ts';
import { accepted, isFinal, type TransactionRecord, type TransactionStatus } from './transaction.ts';

export interface Progress {
  readonly name: string;
  readonly status: TransactionStatus;
  readonly entityId?: string;
  readonly rejection?: Rejection;
}

/** The record after one more step. A final one stays as it is: callers test for identity. */
export function advance(was: TransactionRecord, step: Progress, at: string, version: number): TransactionRecord {
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

/** What a user's own command did to its transaction. A placed purchase waits for others; all else is done at once. */
export function progressOfCommand(events: readonly { readonly type: string }[]): Progress {
  return events.some((event) => event.type === 'PurchasePlaced')
    ? { name: 'placed', status: 'PENDING' }
    : { name: 'completed', status: 'COMPLETED' };
}

/**
 * What an event does to the transaction that placed the purchase, if it does anything. Told from the purchase itself as it
 * was before the event, never from what is remembered of the transaction: its placing is under way as long as it is
 * PENDING, and has ended for ever with anything else.
 */
export function progressOfPlacing(before: PurchaseState, event: Message<PurchaseEvents>): Progress | undefined {
  if (before.version === 0 || before.status !== 'PENDING') return undefined;
  switch (event.type) {
    case 'PurchasePlaced':
      return undefined;
    case 'LineReserved':
      return { name: 'stock reserved', status: 'PENDING', entityId: event.data.productId };
    case 'CustomerApproved':
      return { name: 'customer approved', status: 'PENDING' };
    case 'PurchaseConfirmed':
      return { name: 'confirmed', status: 'COMPLETED' };
    case 'PurchaseRejected':
      return { name: 'rejected', status: 'REJECTED', rejection: event.data.rejection };
    case 'PurchaseCancelled':
      return {
        name: 'cancelled',
        status: 'REJECTED',
        rejection: { code: 'CANCELLED', message: 'the purchase was cancelled before it was confirmed' },
      };
  }
}

/**
 * The placing transaction of a pending purchase, as far as the purchase tells: for one whose statuses have left the log.
 * Steps have the time of the placing, as their own is known no more; their number is right, and that is what orders records.
 */
export function placingSoFar(id: string, purchase: PurchaseState): TransactionRecord {
  const { transactionId, issuedBy, acceptedAt: at, lines, approved } = purchase;
  const begun = accepted({
    id: transactionId,
    command: 'placePurchase',
    aggregate: 'purchases',
    entityId: id,
    issuedBy,
    at,
  });
  const steps: readonly Progress[] = [
    { name: 'placed', status: 'PENDING' },
    ...lines
      .filter(({ unitPrice }) => unitPrice !== null)
      .map(({ productId }): Progress => ({ name: 'stock reserved', status: 'PENDING', entityId: productId })),
    ...(approved ? [{ name: 'customer approved', status: 'PENDING' } as const] : []),
  ];
  return steps.reduce((was, step) => advance(was, step, at, 0), begun);
}
