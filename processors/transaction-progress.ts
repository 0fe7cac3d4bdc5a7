/** How outcomes move transactions on: from what was decided to the next status of the transactions it concerns. Pure. */
import type { Message, PurchaseEvents, Rejection } from '../domain/index.ts';
import { isFinal, type TransactionRecord, type TransactionStatus } from '../log/transaction-record.ts';

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

/** What an event does to the transaction that placed the purchase, if it does anything. */
export function progressOfPlacing(event: Message<PurchaseEvents>): Progress | undefined {
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
      // A confirmed purchase's placing has ended long ago, and stays COMPLETED.
      return {
        name: 'cancelled',
        status: 'REJECTED',
        rejection: { code: 'CANCELLED', message: 'the purchase was cancelled before it was confirmed' },
      };
  }
}
