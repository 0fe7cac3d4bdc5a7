/**
 * What the outbox knows of one partition. A lane is a webhook's way through the events of one aggregate: how far they have been
 * taken up, and the deliveries of those that were. All of it is bounded: a lane takes up no more while `MOST_OPEN` of its
 * deliveries are not settled, and of the settled it keeps the newest `MOST_SETTLED`. No I/O, no clock.
 */
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import {
  type DeliveryNote,
  type DeliveryState,
  deliveryId,
  deliveryRecord,
  forgottenRecord,
  isOpen,
  type LaneState,
  laneKey,
  laneRecord,
  placeOfDelivery,
  readDeliveryState,
} from '../records/delivery-record.ts';
import { isOwnTombstone } from '../records/state-record.ts';

/** Deliveries of a lane that may be under way or given up at a time. */
export const MOST_OPEN = 200;
/** Settled deliveries of a lane that are kept, for people to look at. */
export const MOST_SETTLED = 50;

export interface Lane {
  readonly webhookId: string;
  readonly aggregate: string;
  /** The offset of the next event to be taken up. */
  readonly position: number;
  /** By the event's offset, in its order. */
  readonly deliveries: ReadonlyMap<number, DeliveryState>;
}

export function openIn(lane: Lane | undefined): number {
  let open = 0;
  for (const delivery of lane?.deliveries.values() ?? []) if (isOpen(delivery)) open += 1;
  return open;
}

export interface Due {
  readonly now: readonly DeliveryState[];
  /** When the next one is due, ms since 1970; Infinity: none waits for a time. */
  readonly next: number;
}

/**
 * What is to be sent. Of an entity only its first open delivery can be: the others wait until that one is settled, so a delivery
 * that was given up holds back its entity, and no other.
 * @param busy offsets of those that are on their way
 */
export function dueIn({ deliveries }: Lane, busy: ReadonlySet<number>, now: number): Due {
  const entities = new Set<string>();
  const due: DeliveryState[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const [offset, delivery] of deliveries) {
    const { entityId } = delivery.event;
    if (!isOpen(delivery) || entities.has(entityId)) continue;
    entities.add(entityId);
    if (delivery.status === 'FAILED' || busy.has(offset)) continue;
    const at = delivery.nextAttemptAt === null ? 0 : Date.parse(delivery.nextAttemptAt);
    if (at <= now) due.push(delivery);
    else next = Math.min(next, at);
  }
  return { now: due, next };
}

export class Lanes {
  readonly partition: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(partition: number) {
    this.partition = partition;
  }

  get(key: string): Lane | undefined {
    return this.#lanes.get(key);
  }

  all(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** @throws {UnreadableRecord} */
  restore(record: LogRecord): void {
    const key = record.key ?? '';
    const place = placeOfDelivery(key);
    if (isOwnTombstone(record)) {
      const lane = place && this.#lanes.get(laneKey(place));
      if (place === undefined) this.#lanes.delete(key);
      else if (lane) this.#lanes.set(laneKey(place), without(lane, place.offset));
      return;
    }
    const read = readDeliveryState(record);
    if (read.is === 'lane') {
      const { webhookId, aggregate, position } = read.lane;
      const deliveries = this.#lanes.get(key)?.deliveries ?? new Map();
      this.#lanes.set(key, { webhookId, aggregate, position, deliveries });
    } else {
      const { webhookId, aggregate, event } = read.delivery;
      const was = this.#lanes.get(laneKey(read.delivery));
      const deliveries = new Map(was?.deliveries).set(event.offset, read.delivery);
      // Its lane's record stands on the log too, before or behind: they are written together.
      const position = was?.position ?? event.offset + 1;
      this.#lanes.set(laneKey(read.delivery), { webhookId, aggregate, position, deliveries });
    }
  }

  /** Deliveries come back in the order in which they were last written. */
  restored(): void {
    for (const [key, lane] of this.#lanes) {
      this.#lanes.set(key, { ...lane, deliveries: new Map([...lane.deliveries].sort(([a], [b]) => a - b)) });
    }
  }

  draft(): Draft {
    return new Draft(this.partition, this.#lanes);
  }

  accept({ changed }: Draft): void {
    for (const [key, lane] of changed) {
      if (lane === undefined) this.#lanes.delete(key);
      else this.#lanes.set(key, lane);
    }
  }
}

function without(lane: Lane, offset: number): Lane {
  const deliveries = new Map(lane.deliveries);
  deliveries.delete(offset);
  return { ...lane, deliveries };
}

/** What became of a delivery, for those who count. */
export type DeliveryResult = 'delivered' | 'retried' | 'failed' | 'dropped';

/** A step of the partition, on top of lanes that it does not change. */
export class Draft {
  /** Undefined: the lane is no more. */
  readonly changed = new Map<string, Lane | undefined>();
  readonly results: DeliveryResult[] = [];
  readonly #partition: number;
  readonly #lanes: ReadonlyMap<string, Lane>;

  constructor(partition: number, lanes: ReadonlyMap<string, Lane>) {
    this.#partition = partition;
    this.#lanes = lanes;
  }

  /** A note that does not fit what is known changes nothing: it was written by an earlier owner, or came twice. */
  take({ type, data }: DeliveryNote): void {
    switch (type) {
      case 'takeUpEvents': {
        const key = laneKey(data);
        const was = this.#get(key);
        if ((was?.position ?? null) !== data.from) return;
        const deliveries = new Map(was?.deliveries);
        const { webhookId, aggregate } = data;
        for (const event of data.events) {
          const fresh = { status: 'PENDING', attempts: 0, round: 0, last: null, nextAttemptAt: null } as const;
          deliveries.set(event.offset, { webhookId, aggregate, event, ...fresh });
        }
        this.changed.set(key, { webhookId, aggregate, position: data.to, deliveries });
        return;
      }
      case 'recordAttempt': {
        const place = placeOfDelivery(data.id);
        const was = place && this.#get(laneKey(place))?.deliveries.get(place.offset);
        if (was?.status !== 'PENDING' || was.attempts !== data.attempt - 1) return;
        const { statusCode, error, at, nextAttemptAt } = data;
        const status = error === null ? 'DELIVERED' : nextAttemptAt === null ? 'FAILED' : 'PENDING';
        this.results.push(error === null ? 'delivered' : nextAttemptAt === null ? 'failed' : 'retried');
        const last = { statusCode, error, at };
        this.#put({ ...was, status, attempts: data.attempt, round: was.round + 1, last, nextAttemptAt });
        return;
      }
      case 'retryDeliveries':
        for (const was of this.#openOf(data.webhookId, data.ids))
          this.#put({ ...was, status: 'PENDING', round: 0, nextAttemptAt: null });
        return;
      case 'dropDeliveries':
        for (const was of this.#openOf(data.webhookId, data.ids)) {
          this.results.push('dropped');
          this.#put({ ...was, status: 'DROPPED', nextAttemptAt: null });
        }
        return;
      case 'forgetWebhook':
        for (const [key, { webhookId }] of [...this.#lanes, ...this.changed].flatMap(([key, lane]) =>
          lane === undefined ? [] : [[key, lane] as const],
        ))
          if (webhookId === data.webhookId) this.changed.set(key, undefined);
        return;
    }
  }

  /** What is to be written, with settled deliveries forgotten that are too many. */
  records(at: string): readonly NewRecord[] {
    return [...this.changed].flatMap(([key, draft]) => {
      const was = this.#lanes.get(key);
      const lane = draft && trimmed(draft);
      this.changed.set(key, lane);
      return [...changes(this.#partition, key, was, lane, at)];
    });
  }

  #get(key: string): Lane | undefined {
    return this.changed.has(key) ? this.changed.get(key) : this.#lanes.get(key);
  }

  #openOf(webhookId: string, ids: readonly string[] | null): readonly DeliveryState[] {
    const keys = new Set([...this.#lanes.keys(), ...this.changed.keys()]);
    const lanes = [...keys].flatMap((key) => this.#get(key) ?? []).filter((lane) => lane.webhookId === webhookId);
    const open = lanes.flatMap(({ deliveries }) => [...deliveries.values()].filter(isOpen));
    return ids === null
      ? open
      : open.filter((each) => ids.includes(deliveryId(each, this.#partition, each.event.offset)));
  }

  #put(delivery: DeliveryState): void {
    const lane = this.#get(laneKey(delivery));
    if (lane === undefined) return;
    const deliveries = new Map(lane.deliveries).set(delivery.event.offset, delivery);
    this.changed.set(laneKey(delivery), { ...lane, deliveries });
  }
}

function trimmed(lane: Lane): Lane {
  const settled = [...lane.deliveries].filter(([, delivery]) => !isOpen(delivery));
  if (settled.length <= MOST_SETTLED) return lane;
  const deliveries = new Map(lane.deliveries);
  for (const [offset] of settled.slice(0, -MOST_SETTLED)) deliveries.delete(offset);
  return { ...lane, deliveries };
}

function* changes(
  partition: number,
  key: string,
  was: Lane | undefined,
  lane: Lane | undefined,
  at: string,
): Iterable<NewRecord> {
  for (const offset of was?.deliveries.keys() ?? []) {
    if (lane?.deliveries.has(offset) === true || was === undefined) continue;
    yield forgottenRecord(deliveryId(was, partition, offset), partition, at);
  }
  if (lane === undefined) {
    if (was !== undefined) yield forgottenRecord(key, partition, at);
    return;
  }
  const { webhookId, aggregate, position, deliveries } = lane;
  if (position !== was?.position) {
    const state: LaneState = { webhookId, aggregate, position };
    yield laneRecord(state, partition, at);
  }
  for (const [offset, delivery] of deliveries) {
    if (was?.deliveries.get(offset) !== delivery) yield deliveryRecord(delivery, partition, at);
  }
}
