/** The outbox's rules: what is taken up, what is sent when, and what is kept of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { dueIn, Lanes, MOST_SETTLED } from '../outbox/lanes.ts';
import { pauseAfter, SCHEDULE } from '../outbox/schedule.ts';
import {
  type DeliveryNote,
  type DeliveryState,
  deliveryId,
  isOpen,
  type SentEvent,
} from '../records/delivery-record.ts';

const PARTITION = 2;
const AT = '2026-01-01T08:00:00.000Z';
const NOW = Date.parse(AT);
const LANE = { webhookId: 'w', aggregate: 'products' };
const NONE: ReadonlySet<number> = new Set();

function event(offset: number, entityId: string): SentEvent {
  return { offset, eventId: `e${offset}`, type: 'ProductAdded', entityId, at: AT };
}

function takeUp(from: number | null, to: number, ...events: readonly SentEvent[]): DeliveryNote {
  return { type: 'takeUpEvents', data: { ...LANE, from, to, events: [...events] } };
}

function attempt(offset: number, n: number, error: string | null, nextAttemptAt: string | null = null): DeliveryNote {
  const id = deliveryId(LANE, PARTITION, offset);
  const outcome = { statusCode: error === null ? 204 : 500, error, at: AT, nextAttemptAt };
  return { type: 'recordAttempt', data: { id, attempt: n, ...outcome } };
}

function order(type: 'retryDeliveries' | 'dropDeliveries', ...offsets: readonly number[]): DeliveryNote {
  const ids = offsets.map((offset) => deliveryId(LANE, PARTITION, offset));
  return { type, data: { webhookId: 'w', ids: ids.length === 0 ? null : ids } };
}

/** A partition that takes notes as a process does, and keeps what is written. */
class Partition {
  readonly lanes = new Lanes(PARTITION);
  /** As a compacted topic has them. */
  readonly topic = new Map<string, NewRecord>();

  take(...notes: readonly DeliveryNote[]): readonly NewRecord[] {
    const draft = this.lanes.draft();
    for (const note of notes) draft.take(note);
    const records = draft.records(AT);
    for (const record of records) {
      this.topic.delete(record.key);
      this.topic.set(record.key, record);
    }
    this.lanes.accept(draft);
    return records;
  }

  /** What the next owner of the partition knows. */
  restored(): Lanes {
    const lanes = new Lanes(PARTITION);
    for (const [offset, record] of [...this.topic.values()].entries()) {
      const { topic, key, headers } = record;
      const value = record.value === null ? null : Buffer.from(record.value);
      const read: LogRecord = { topic, partition: PARTITION, offset, key, value, headers, timestamp: NOW };
      lanes.restore(read);
    }
    lanes.restored();
    return lanes;
  }

  get deliveries(): readonly DeliveryState[] {
    return [...(this.lanes.get('w/products')?.deliveries.values() ?? [])];
  }

  due(now = NOW, busy = NONE): readonly number[] {
    const lane = this.lanes.get('w/products');
    return lane === undefined ? [] : dueIn(lane, busy, now).now.map((each) => each.event.offset);
  }
}

/** As lists: two maps count as equal whatever their order. */
function inOrder(lanes: Lanes) {
  return [...lanes.all()].map((lane) => ({ ...lane, deliveries: [...lane.deliveries] }));
}

describe('a lane', () => {
  it('takes a stretch of events up once, and none from another place than it is at', () => {
    const partition = new Partition();
    const first = takeUp(null, 10, event(3, 'a'));
    partition.take(first);
    expect(partition.take(first)).toEqual([]);
    expect(partition.take(takeUp(9, 20, event(12, 'a')))).toEqual([]);
    partition.take(takeUp(10, 20, event(12, 'a')));
    expect(partition.deliveries.map((each) => each.event.offset)).toEqual([3, 12]);
    expect(partition.lanes.get('w/products')?.position).toBe(20);
  });

  it('sends the events of an entity one after the other, and holds up no other entity', () => {
    const partition = new Partition();
    partition.take(takeUp(null, 10, event(1, 'a'), event(2, 'b'), event(3, 'a')));
    expect(partition.due()).toEqual([1, 2]);
    expect(partition.due(NOW, new Set([1]))).toEqual([2]);
    partition.take(attempt(1, 1, 'no', '2026-01-01T08:00:05.000Z'));
    expect(partition.due()).toEqual([2]);
    expect(partition.due(NOW + 5000)).toEqual([1, 2]);
    partition.take(attempt(1, 2, null));
    expect(partition.due()).toEqual([2, 3]);
  });

  it('holds an entity back behind what was given up, until an admin has it sent again or drops it', () => {
    const partition = new Partition();
    partition.take(takeUp(null, 10, event(1, 'a'), event(3, 'a')), attempt(1, 1, 'no'));
    expect(partition.deliveries[0]?.status).toBe('FAILED');
    expect(partition.due()).toEqual([]);
    partition.take(order('retryDeliveries', 1));
    expect(partition.due()).toEqual([1]);
    expect(partition.deliveries[0]).toMatchObject({ status: 'PENDING', attempts: 1, round: 0 });
    partition.take(attempt(1, 2, 'no'), order('dropDeliveries', 1));
    expect(partition.due()).toEqual([3]);
    expect(partition.deliveries[0]?.status).toBe('DROPPED');
  });

  it('takes no note of an attempt twice, nor of one that was dropped meanwhile', () => {
    const partition = new Partition();
    partition.take(takeUp(null, 10, event(1, 'a'), event(2, 'b')), attempt(1, 1, 'no', AT));
    expect(partition.take(attempt(1, 1, null))).toEqual([]);
    partition.take(order('dropDeliveries', 2));
    expect(partition.take(attempt(2, 1, null))).toEqual([]);
    expect(partition.deliveries.map(({ status }) => status)).toEqual(['PENDING', 'DROPPED']);
  });

  it('does what an admin wants with all that is open of one webhook, and with nothing else', () => {
    const partition = new Partition();
    const others = { webhookId: 'other', aggregate: 'products', from: null, to: 5, events: [event(1, 'a')] };
    partition.take(takeUp(null, 10, event(1, 'a'), event(2, 'b'), event(3, 'c')), attempt(1, 1, null));
    partition.take({ type: 'takeUpEvents', data: others }, attempt(2, 1, 'no'), order('dropDeliveries'));
    expect(partition.deliveries.map(({ status }) => status)).toEqual(['DELIVERED', 'DROPPED', 'DROPPED']);
    expect([...(partition.lanes.get('other/products')?.deliveries.values() ?? [])][0]?.status).toBe('PENDING');
  });

  it('keeps the newest of what is settled, forgets the others on the log too, and never what is open', () => {
    const partition = new Partition();
    const many = MOST_SETTLED + 20;
    partition.take(takeUp(null, many, ...Array.from({ length: many }, (_, n) => event(n, `e${n}`))));
    partition.take(...Array.from({ length: many - 1 }, (_, n) => attempt(n + 1, 1, null)));
    const kept = [0, ...Array.from({ length: MOST_SETTLED }, (_, n) => many - MOST_SETTLED + n)];
    expect(partition.deliveries.map((each) => each.event.offset)).toEqual(kept);
    const left = [...partition.topic.values()].filter(({ value }) => value !== null);
    expect(left).toHaveLength(kept.length + 1);
  });

  it('leaves nothing of a webhook that was removed', () => {
    const partition = new Partition();
    partition.take(takeUp(null, 10, event(1, 'a')));
    partition.take({ type: 'forgetWebhook', data: { webhookId: 'w' } });
    expect([...partition.topic.values()].filter(({ value }) => value !== null)).toEqual([]);
    expect([...partition.restored().all()]).toEqual([]);
  });

  it('is the same to the next owner of the partition, whatever has happened', () => {
    const note = fc.oneof(
      fc.tuple(fc.nat(6), fc.constantFrom('a', 'b')).map(([offset, entity]) => (lanes: Lanes) => {
        const at = lanes.get('w/products')?.position ?? null;
        return takeUp(at, (at ?? 0) + offset + 1, event((at ?? 0) + offset, entity));
      }),
      fc.tuple(fc.nat(30), fc.boolean(), fc.option(fc.constant(AT))).map(([offset, taken, next]) => (lanes: Lanes) => {
        const was = lanes.get('w/products')?.deliveries.get(offset);
        return attempt(offset, (was?.attempts ?? 0) + 1, taken ? null : 'no', taken ? null : next);
      }),
      fc.nat(30).map((offset) => () => order('retryDeliveries', offset)),
      fc.nat(30).map((offset) => () => order('dropDeliveries', offset)),
    );
    fc.assert(
      fc.property(fc.array(note, { maxLength: 80 }), (notes) => {
        const partition = new Partition();
        for (const each of notes) {
          partition.take(each(partition.lanes));
          const lane = partition.lanes.get('w/products');
          if (lane === undefined) continue;
          // Of an entity at most one is sent at a time, and it is the first that is open.
          for (const due of dueIn(lane, NONE, Number.POSITIVE_INFINITY).now) {
            const first = partition.deliveries.find((one) => one.event.entityId === due.event.entityId && isOpen(one));
            expect(first).toBe(due);
          }
        }
        expect(inOrder(partition.restored())).toEqual(inOrder(partition.lanes));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the pauses between attempts', () => {
  it('grow up to a longest one, with jitter around it, and come to an end', () => {
    const pauses = Array.from({ length: SCHEDULE.attempts }, (_, n) => pauseAfter(n + 1, SCHEDULE, 0.5));
    expect(pauses.slice(0, 4)).toEqual([1000, 3000, 9000, 27_000]);
    expect(pauses.at(-2)).toBe(SCHEDULE.longestMs);
    expect(pauses.at(-1)).toBeUndefined();
    expect(pauseAfter(1, SCHEDULE, 0)).toBe(800);
    expect(pauseAfter(1, SCHEDULE, 1)).toBe(1200);
  });
});
