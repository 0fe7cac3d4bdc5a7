/**
 * What stands on the topics of deliveries. `deliveries.state` holds, for each webhook and each partition of an aggregate's
 * events, a lane: how far these events have been taken up; and each delivery that is under way or was settled lately. What is to
 * change there comes as a note on `deliveries.commands`, in the same partition, and is decided by one writer.
 */
import { z } from 'zod';
import { openObject } from '../domain/versions.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { attributesOf, dataOf, toHeaders, UnreadableRecord } from './cloud-event.ts';
import { ownTombstone } from './state-record.ts';
import { commandsTopic, DELIVERIES, stateTopic } from './topics.ts';

export const LANE = 'Lane';
export const DELIVERY = 'Delivery';
/** Who sends writes this as `ce_source`. */
export const OUTBOX = '/outbox';

/** PENDING: to be sent, perhaps again; FAILED: given up, until an admin has it tried again or drops it. */
const DELIVERY_STATUSES = ['PENDING', 'FAILED', 'DELIVERED', 'DROPPED'] as const;

const event = openObject({
  /** Of the event within its partition. */
  offset: z.int().nonnegative(),
  /** `ce_id`, `ce_type` and `ce_time` of the event; the entity is its key. */
  eventId: z.string(),
  type: z.string(),
  entityId: z.string(),
  at: z.string(),
});
export type SentEvent = z.infer<typeof event>;

const ofLane = { webhookId: z.string(), aggregate: z.string() };

export const laneState = openObject({ ...ofLane, position: z.int().nonnegative() });
export type LaneState = z.infer<typeof laneState>;

const outcome = {
  /** HTTP status; null: there was no answer. */
  statusCode: z.int().nullable(),
  /** In one line; null: it was taken. */
  error: z.string().nullable(),
  /** When the attempt ended, ISO 8601 UTC. */
  at: z.string(),
};

export const deliveryState = openObject({
  ...ofLane,
  event,
  status: z.enum(DELIVERY_STATUSES),
  /** Of all rounds. A round is what was tried since an admin asked for it last. */
  attempts: z.int().nonnegative(),
  round: z.int().nonnegative(),
  last: openObject(outcome).nullable(),
  /** PENDING: when it is to be sent, ISO 8601 UTC; null: now, or never again. */
  nextAttemptAt: z.string().nullable(),
});
export type DeliveryState = z.infer<typeof deliveryState>;

/** It is not settled: it is to be sent, or waits for an admin. */
export function isOpen({ status }: Pick<DeliveryState, 'status'>): boolean {
  return status === 'PENDING' || status === 'FAILED';
}

const some = z.object({ webhookId: z.string(), ids: z.array(z.string()).nullable() });

/** Notes by name. */
export const deliveryNotes = {
  /** A stretch of events has been taken up, of which these are to be sent. */
  takeUpEvents: z.object({
    ...ofLane,
    from: z.int().nonnegative().nullable(),
    to: z.int().nonnegative(),
    events: z.array(event),
  }),
  /** An attempt has ended. `attempt` counts all there were of the delivery, from 1. */
  recordAttempt: z.object({
    id: z.string(),
    attempt: z.int().positive(),
    ...outcome,
    /** Null: it is not tried again. */
    nextAttemptAt: z.string().nullable(),
  }),
  /** By an admin: sends what is PENDING or FAILED now, in a new round. `ids`: null for all of the webhook. */
  retryDeliveries: some,
  /** By an admin: never sends what is PENDING or FAILED. */
  dropDeliveries: some,
  /** The webhook was removed. */
  forgetWebhook: z.object({ webhookId: z.string() }),
};
type Notes = { [T in keyof typeof deliveryNotes]: z.infer<(typeof deliveryNotes)[T]> };
export type DeliveryNote = { [T in keyof Notes]: { readonly type: T; readonly data: Notes[T] } }[keyof Notes];

interface Written {
  readonly partition: number;
  /** Of the note. */
  readonly id: string;
  readonly source: string;
  readonly issuedBy?: string | undefined;
  /** ISO 8601 UTC. */
  readonly at: string;
}

export function noteRecord({ type, data }: DeliveryNote, { partition, id, source, issuedBy, at }: Written): NewRecord {
  const key = 'webhookId' in data ? data.webhookId : webhookIn(data.id);
  return {
    topic: commandsTopic(DELIVERIES),
    partition,
    key,
    value: JSON.stringify(data),
    headers: toHeaders({ id, type, source, subject: key, time: at, issuedby: issuedBy }),
  };
}

/** @throws {UnreadableRecord} */
export function readNote(record: LogRecord): DeliveryNote {
  const { type } = attributesOf(record);
  if (!isNote(type)) throw new UnreadableRecord(`ce_type: there is no note ${type}`);
  return { type, data: dataOf<Notes[typeof type]>(record, deliveryNotes[type]) } as DeliveryNote;
}

function isNote(type: string): type is keyof Notes {
  return Object.hasOwn(deliveryNotes, type);
}

/** `<webhook>/<aggregate>`, in each partition. */
export function laneKey({ webhookId, aggregate }: Pick<LaneState, 'webhookId' | 'aggregate'>): string {
  return `${webhookId}/${aggregate}`;
}

/** `<webhook>/<aggregate>/<partition>/<offset>`: where the event stands, and for whom. */
export function deliveryId(
  lane: Pick<LaneState, 'webhookId' | 'aggregate'>,
  partition: number,
  offset: number,
): string {
  return `${laneKey(lane)}/${partition}/${offset}`;
}

const DELIVERY_ID = /^([\w-]{1,64})\/([a-z]+)\/(\d{1,9})\/(\d{1,15})$/;

/** Undefined: it is no delivery's id. */
export function placeOfDelivery(id: string) {
  const [, webhookId, aggregate, partition, offset] = DELIVERY_ID.exec(id) ?? [];
  if (webhookId === undefined || aggregate === undefined) return undefined;
  return { webhookId, aggregate, partition: Number(partition), offset: Number(offset) };
}

function webhookIn(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('/')));
}

export function laneRecord(lane: LaneState, partition: number, at: string): NewRecord {
  return stateRecord(LANE, laneKey(lane), partition, lane, at);
}

export function deliveryRecord(delivery: DeliveryState, partition: number, at: string): NewRecord {
  return stateRecord(DELIVERY, deliveryId(delivery, partition, delivery.event.offset), partition, delivery, at);
}

function stateRecord(type: string, key: string, partition: number, value: unknown, at: string): NewRecord {
  const headers = toHeaders({ id: key, type, source: OUTBOX, subject: key, time: at });
  return { topic: stateTopic(DELIVERIES), partition, key, value: JSON.stringify(value), headers };
}

export function forgottenRecord(key: string, partition: number, at: string): NewRecord {
  return ownTombstone({ topic: stateTopic(DELIVERIES), partition, key }, OUTBOX, at);
}

export type ReadDeliveryState =
  | { readonly is: 'lane'; readonly lane: LaneState }
  | { readonly is: 'delivery'; readonly delivery: DeliveryState };

/** What is no tombstone. @throws {UnreadableRecord} */
export function readDeliveryState(record: LogRecord): ReadDeliveryState {
  const { type } = attributesOf(record);
  if (type === LANE) return { is: 'lane', lane: dataOf(record, laneState) };
  if (type === DELIVERY) return { is: 'delivery', delivery: dataOf(record, deliveryState) };
  throw new UnreadableRecord(`ce_type: it is ${type}`);
}
