/**
 * The events of all aggregates as they come: where their partitions end, and the last few of each, so that lanes which keep up
 * read them from memory, whatever the number of webhooks.
 */
import type { EventLog, FollowBatch, Following, LogRecord } from '../log/event-log.ts';
import { headerOf } from '../log/lazy-record.ts';
import { placeOf } from '../log/place.ts';
import type { SentEvent } from '../records/delivery-record.ts';

/** Events of each partition that are kept in memory. */
const MOST_RECENT = 200;
/** Clocks differ: how much earlier an event's time may be than that of one before it, ms. */
const SKEW_MS = 15 * 60 * 1000;

interface Recent {
  from: number;
  next: number;
  events: SentEvent[];
}

export interface Stretch {
  readonly events: readonly SentEvent[];
  /** Behind the last of them, and what is no event. */
  readonly next: number;
}

/** Undefined: it is none of ours, and is sent to nobody. */
function eventIn(record: LogRecord): SentEvent | undefined {
  const [eventId, type, at] = ['ce_id', 'ce_type', 'ce_time'].map((name) => headerOf(record, name));
  const { key, offset } = record;
  if (key === null || !eventId || !type || !at || Number.isNaN(Date.parse(at))) return undefined;
  return { offset, eventId, type, entityId: key, at };
}

const eventsIn = (records: readonly LogRecord[]) => records.flatMap((record) => eventIn(record) ?? []);

export class Tail {
  readonly #log: EventLog;
  /** As they were at the start. */
  readonly #ends = new Map<string, number>();
  readonly #recent = new Map<string, Recent>();

  private constructor(log: EventLog) {
    this.#log = log;
  }

  /** @param onMoved an end has moved on */
  static async follow(
    log: EventLog,
    topics: readonly string[],
    onMoved: (partition: number) => void,
  ): Promise<{ readonly tail: Tail; readonly following: Following }> {
    const tail = new Tail(log);
    const following = await log.follow({
      name: 'outbox-tail',
      topics,
      from: 'now',
      lazy: true,
      onBatch(batch) {
        tail.#take(batch);
        onMoved(batch.partition);
      },
    });
    try {
      for (const end of await log.ends(topics)) tail.#ends.set(placeOf(end), end.offset);
      return { tail, following };
    } catch (error) {
      await following.stop();
      throw error;
    }
  }

  /** Up to where it can be read, as last known: what is behind that will be told of. */
  end(topic: string, partition: number): number {
    const place = placeOf({ topic, partition });
    return this.#recent.get(place)?.next ?? this.#ends.get(place) ?? 0;
  }

  /** The events from `from` on, to the end as it is now. */
  async *read(topic: string, partition: number, from: number): AsyncIterable<Stretch> {
    const end = this.end(topic, partition);
    const recent = this.#recent.get(placeOf({ topic, partition }));
    if (recent !== undefined && recent.from <= from) {
      if (from < recent.next) yield { events: recent.events.filter(({ offset }) => offset >= from), next: recent.next };
      return;
    }
    let next = from;
    for await (const records of this.#log.read({ topic, partition }, from)) {
      next = (records.at(-1)?.offset ?? next - 1) + 1;
      yield { events: eventsIn(records), next };
    }
    // Behind the last record there may be none, up to the end: transaction markers leave gaps.
    if (next < end) yield { events: [], next: end };
  }

  /**
   * Where a webhook begins that was added at this time: the first event that is no older, or the end. Binary search by the
   * events' times, which go up but for what clocks differ.
   */
  async since(topic: string, partition: number, time: number): Promise<number> {
    const end = this.end(topic, partition);
    let [low, high] = [0, end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const event = await this.#firstFrom(topic, partition, middle);
      if (event === undefined || event.offset >= high || Date.parse(event.at) >= time - SKEW_MS) high = middle;
      else low = event.offset + 1;
    }
    for await (const records of this.#log.read({ topic, partition }, low)) {
      const found = eventsIn(records).find(({ offset, at }) => offset >= end || Date.parse(at) >= time);
      if (found !== undefined) return Math.min(found.offset, end);
    }
    return end;
  }

  async #firstFrom(topic: string, partition: number, from: number): Promise<SentEvent | undefined> {
    for await (const records of this.#log.read({ topic, partition }, from)) {
      const [first] = eventsIn(records);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #take(batch: FollowBatch): void {
    const place = placeOf(batch);
    const events = eventsIn(batch.records);
    const recent = this.#recent.get(place);
    // A gap: the log was followed anew.
    if (recent === undefined || recent.next !== batch.from) {
      this.#recent.set(place, { from: batch.from, next: batch.next, events });
      return;
    }
    recent.events.push(...events);
    recent.next = batch.next;
    const old = recent.events.splice(0, Math.max(0, recent.events.length - MOST_RECENT)).at(-1);
    if (old !== undefined) recent.from = old.offset + 1;
  }
}
