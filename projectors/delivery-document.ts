/** What the deliveries view holds: each delivery that is under way, or was settled lately. */
import type { DeliveryState } from '../records/delivery-record.ts';
import type { ViewSpec } from '../views/view-store.ts';

/** Of a document as of a state: whether it is not settled. */
export { isOpen } from '../records/delivery-record.ts';

export const DELIVERIES = 'deliveries';

export interface DeliveryDoc {
  readonly _id: string;
  readonly webhookId: string;
  readonly aggregate: string;
  readonly entityId: string;
  readonly eventId: string;
  readonly type: string;
  /** When the event happened. */
  readonly eventAt: string;
  readonly status: DeliveryState['status'];
  readonly attempts: number;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly lastAttemptAt: string | null;
  readonly nextAttemptAt: string | null;
}

export function deliveryDocOf(_id: string, delivery: DeliveryState): DeliveryDoc {
  const { webhookId, aggregate, event, status, attempts, last, nextAttemptAt } = delivery;
  const { entityId, eventId, type, at: eventAt } = event;
  return {
    ...{ _id, webhookId, aggregate, entityId, eventId, type, eventAt, status, attempts },
    ...{ statusCode: last?.statusCode ?? null, error: last?.error ?? null, lastAttemptAt: last?.at ?? null },
    nextAttemptAt,
  };
}

export const deliveriesView: ViewSpec = {
  name: DELIVERIES,
  indexes: [['eventAt'], ['webhookId', 'eventAt'], ['status', 'eventAt'], ['entityId', 'eventAt']],
};
