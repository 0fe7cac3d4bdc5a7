/**
 * Purchases that hang: one still pending after the time allowed gets an `expirePurchase` on the log. The clock only
 * decides when to ask; what becomes of the purchase is decided by that command, so a replay gives the same.
 */
import type { PurchaseState } from '../domain/index.ts';
import { toHeaders } from '../log/cloud-event.ts';
import type { EventLog } from '../log/event-log.ts';
import { commandsTopic } from '../log/topics.ts';
import type { Companion } from './aggregate-process.ts';

export interface DeadlineOptions {
  readonly log: EventLog;
  /** How long a purchase may be pending, in ms. */
  readonly timeoutMs: number;
  readonly now?: () => number;
  /** An `expirePurchase` could not be appended; it is tried again. */
  onTrouble?(error: unknown): void;
}

export function watchDeadlines({
  log,
  timeoutMs,
  now = Date.now,
  onTrouble,
}: DeadlineOptions): Companion<PurchaseState> {
  const pending = new Map<string, PurchaseState>();
  let asking = false;
  let closed = false;

  function note(states: ReadonlyMap<string, PurchaseState>): void {
    for (const [id, state] of states) {
      if (state.status === 'PENDING') pending.set(id, state);
      else pending.delete(id);
    }
  }

  async function ask(): Promise<void> {
    if (asking || closed) return;
    asking = true;
    const due = [...pending].filter(([, state]) => Date.parse(state.acceptedAt) + timeoutMs <= now()).slice(0, 1000);
    try {
      // Asking twice does no harm: the second finds the purchase ended.
      if (due.length > 0) await log.append(due.map(([id, state]) => expire(id, state, new Date(now()))));
    } catch (error) {
      onTrouble?.(error);
    }
    asking = false;
  }

  const timer = setInterval(() => void ask(), Math.min(Math.max(timeoutMs / 10, 50), 5000));
  timer.unref();
  return {
    restored: note,
    committed: note,
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
}

function expire(id: string, { transactionId, issuedBy }: PurchaseState, at: Date) {
  return {
    topic: commandsTopic('purchases'),
    key: id,
    value: JSON.stringify({ purchaseId: id }),
    headers: toHeaders({
      id: `${transactionId}.deadline`,
      type: 'expirePurchase',
      source: '/processors/purchases',
      subject: id,
      time: at.toISOString(),
      transactionid: transactionId,
      issuedby: issuedBy,
      causationid: transactionId,
    }),
  };
}
