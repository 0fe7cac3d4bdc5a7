/** What admins want done with deliveries to webhooks: a note for the outbox, in the partition where the delivery is. */
import type { EventLog } from '../log/event-log.ts';
import { noteRecord, placeOfDelivery } from '../records/delivery-record.ts';
import { newId } from './ids.ts';

export interface DeliveryOrder {
  readonly type: 'retryDeliveries' | 'dropDeliveries';
  readonly webhookId: string;
  /** Of a delivery of that webhook; null: all of the webhook's. */
  readonly id: string | null;
  readonly issuedBy: string;
}

/** Resolves with when it was written, ISO 8601 UTC. @throws {LogUnavailable} */
export type OrderDeliveries = (order: DeliveryOrder) => Promise<string>;

/** @param partitions of every topic */
export function createOrderDeliveries(log: Pick<EventLog, 'append'>, partitions: number): OrderDeliveries {
  return async ({ type, webhookId, id, issuedBy }) => {
    const at = new Date().toISOString();
    const place = id === null ? undefined : placeOfDelivery(id);
    const where = place === undefined ? Array.from({ length: partitions }, (_, n) => n) : [place.partition];
    const note = { type, data: { webhookId, ids: id === null ? null : [id] } };
    await log.append(
      where.map((partition) => noteRecord(note, { partition, id: newId(), source: '/gateway', issuedBy, at })),
    );
    return at;
  };
}
