/**
 * The events of all aggregates as they come: where their partitions end, and the last few of each, so that lanes which keep up
 * read them from memory, whatever the number of webhooks.
 */
import type { EventLog, FollowBatch, Following, LogRecord, Running } from '../log/event-log.ts';
import { headerOf } from '../log/lazy-record.ts';
import { placeOf } from '../log/place.ts';
import type { SentEvent } from '../records/delivery-record.ts';
import { pause } from '../waiting/pause.ts';

/** Events of each partition that are kept in memory. */
const MOST_RECENT = 200;
/** Clocks differ: how much earlier an event's time may be than that of one before it, ms. */
const SKEW_MS = 15 * 60 * 1000;
/** Before it is tried again to begin, ms. */
const AGAIN_AFTER_MS = 1000;

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

export interface TailOptions {
  readonly log: EventLog;
  readonly topics: readonly string[];
  /** An end has moved on; undefined: all are known now. */
  onMoved(partition?: number): void;
  /** It follows from now on. */
  readonly onFollowing?: ((following: Running) => void) | undefined;
  /** It could not begin; it is tried again. */
  onTrouble(error: unknown): void;
}

export class Tail {
  readonly #options: TailOptions;
  readonly #log: EventLog;
  /** As they were at the start. */
  readonly #ends = new Map<string, number>();
  readonly #recent = new Map<string, Recent>();
  readonly #stopped = new AbortController();
  #begun: Promise<void> | undefined;
  #following: Following | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** Follows from now on. Nobody needs it before there is a webhook, and every event costs something. */
  begin(): void {
    this.#begun ??= this.#begin();
  }

  /** Whether the ends are known. */
  get follows(): boolean {
    return this.#following !== undefined;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#begun;
    await this.#following?.stop();
  }

  async #begin(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        return await this.#follow();
      } catch (error) {
        this.#options.onTrouble(error);
        await pause(AGAIN_AFTER_MS, { signal, ref: false });
      }
    }
  }

  async #follow(): Promise<void> {
    const { topics, onMoved, onFollowing } = this.#options;
    const following = await this.#log.follow({
      name: 'outbox-tail',
      topics,
      from: 'now',
      lazy: true,
      onBatch: (batch) => {
        this.#take(batch);
        onMoved(batch.partition);
      },
    });
    try {
      for (const end of await this.#log.ends(topics)) this.#ends.set(placeOf(end), end.offset);
    } catch (error) {
      await following.stop();
      throw error;
    }
    this.#following = following;
    onFollowing?.(following);
    onMoved();
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
