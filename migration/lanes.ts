/**
 * Webhooks in a copy: how far events have been sent is told by places of the old log, so it is not copied. In the copy every
 * webhook begins behind the events that are there; so nothing may be on its way when it is made.
 */
import { sentAggregates } from '../domain/event-types.ts';
import { webhook } from '../domain/index.ts';
import type { EventLog } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import { deliveryId, isOpen, laneRecord, readDeliveryState } from '../records/delivery-record.ts';
import { stateOf } from '../records/state-record.ts';
import { DELIVERIES, eventsTopic, stateTopic } from '../records/topics.ts';
import { CopyRefused } from './copy-refused.ts';
import { newestOfEach } from './newest.ts';

/** @throws {CopyRefused} while something is to be sent, or waits for an admin */
export async function mustBeDelivered(log: EventLog, signal?: AbortSignal): Promise<void> {
  for (const place of await log.ends([stateTopic(DELIVERIES)])) {
    for await (const records of newestOfEach(log, place, signal)) {
      for (const record of records) {
        const read = orNothing(() => readDeliveryState(record));
        if (read?.is !== 'delivery') continue;
        const { status, event } = read.delivery;
        if (!isOpen(read.delivery)) continue;
        throw new CopyRefused(
          `delivery ${deliveryId(read.delivery, place.partition, event.offset)} is ${status}, and names a place of this log: ` +
            'let the outbox deliver it, drop it, or remove its webhook, and try again',
        );
      }
    }
  }
}

/** Has every webhook of the copy begin at the ends of its events. */
export async function beginAtEnds(log: EventLog, signal?: AbortSignal): Promise<void> {
  const at = new Date().toISOString();
  const ends = await Promise.all(
    sentAggregates.map(async ({ name }) => ({ name, ends: await log.ends([eventsTopic(name)]) })),
  );
  for (const place of await log.ends([stateTopic(webhook.name)])) {
    for await (const records of newestOfEach(log, place, signal)) {
      const there = records.filter((record) => orNothing(() => stateOf(record, webhook))?.removed === false);
      const lanes = there.flatMap(({ key }) =>
        ends.flatMap(({ name, ends }) =>
          ends.map(({ partition, offset }) =>
            laneRecord({ webhookId: key ?? '', aggregate: name, position: offset }, partition, at),
          ),
        ),
      );
      if (lanes.length > 0) await log.append(lanes);
    }
  }
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}
