/** `deliveries.state` → the deliveries view. What is no longer known there is no longer shown. */
import { UnreadableRecord } from '../records/cloud-event.ts';
import { readDeliveryState } from '../records/delivery-record.ts';
import { isOwnTombstone } from '../records/state-record.ts';
import { stateTopic, DELIVERIES as TOPIC } from '../records/topics.ts';
import { DELIVERIES, type DeliveryDoc, deliveryDocOf } from './delivery-document.ts';
import type { Projector } from './projector.ts';

export const deliveries: Projector = {
  topic: stateTopic(TOPIC),
  async project(records, tx, unreadable) {
    const newest = new Map<string, DeliveryDoc | undefined>();
    for (const record of records) {
      try {
        if (record.key === null) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
        if (isOwnTombstone(record)) {
          newest.set(record.key, undefined);
          continue;
        }
        const read = readDeliveryState(record);
        if (read.is === 'delivery') newest.set(record.key, deliveryDocOf(record.key, read.delivery));
      } catch (error) {
        if (!(error instanceof UnreadableRecord)) throw error;
        unreadable(record, error.message);
      }
    }
    await tx.put(
      DELIVERIES,
      [...newest.values()].filter((doc) => doc !== undefined),
    );
    await tx.remove(
      DELIVERIES,
      [...newest].flatMap(([id, doc]) => (doc === undefined ? [id] : [])),
    );
    return undefined;
  },
};
