/**
 * The events of an aggregate as they come to the log, from a place on that whoever was told of an event can go back to. Within
 * an entity they come in order; among entities of different partitions there is none.
 *
 * Back-pressure: of each partition one batch is kept at most. The log is not read on before its events have been taken.
 */
import { createHash } from 'node:crypto';
import type { EventLog, FollowBatch, Following } from '../log/event-log.ts';
import { eventsTopic } from '../records/topics.ts';
import { CursorRefused } from './errors.ts';
import { type PastRecord, pastRecord } from './past-record.ts';

/** An event, and where to go on behind it. */
export interface ToldEvent {
  readonly event: PastRecord;
  readonly cursor: string;
}

/** Where each partition goes on, in their order. */
type Offsets = readonly number[];

export type Beginning = 'now' | 'beginning' | { readonly after: string };

/**
 * @param aggregate one of the list @param onEnd called once nobody reads them any more
 * @throws {CursorRefused} for a cursor that is not of these events {LogUnavailable}
 */
export async function followEvents(
  log: Pick<EventLog, 'follow' | 'ends' | 'identity'>,
  aggregate: string,
  from: Beginning,
  onEnd: () => void = () => undefined,
): Promise<AsyncIterableIterator<ToldEvent>> {
  const topic = eventsTopic(aggregate);
  const ends = [...(await log.ends([topic]))].sort((a, b) => a.partition - b.partition).map(({ offset }) => offset);
  const mark = createHash('sha256')
    .update(`${await log.identity()} ${topic}`)
    .digest('base64url')
    .slice(0, 8);
  const begin = from === 'now' ? ends : from === 'beginning' ? ends.map(() => 0) : offsetsIn(from.after, mark, ends);
  const events = new EventQueue(aggregate, mark, begin, onEnd);
  await events.follow(log, topic);
  return events;
}

function cursorOf(mark: string, offsets: Offsets): string {
  return Buffer.from(JSON.stringify([mark, ...offsets])).toString('base64url');
}

function offsetsIn(cursor: string, mark: string, ends: Offsets): Offsets {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new CursorRefused();
  }
  if (!Array.isArray(parsed) || parsed.length !== ends.length + 1 || parsed[0] !== mark) throw new CursorRefused();
  return ends.map((end, partition) => {
    const offset: unknown = parsed[partition + 1];
    if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0 || offset > end)
      throw new CursorRefused();
    return offset;
  });
}

class EventQueue implements AsyncIterableIterator<ToldEvent> {
  readonly #aggregate: string;
  readonly #mark: string;
  readonly #offsets: number[];
  /** Up to where each partition has been handed over: where the log asks again, it goes on behind that. */
  readonly #handed: number[];
  readonly #onEnd: () => void;
  /** What has been read and not been taken: one batch of a partition at most. */
  readonly #batches: { readonly batch: FollowBatch; taken: number; done(): void }[] = [];
  #following: Following | undefined;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(aggregate: string, mark: string, begin: Offsets, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#aggregate = aggregate;
    this.#mark = mark;
    this.#offsets = [...begin];
    this.#handed = [...begin];
  }

  async follow(log: Pick<EventLog, 'follow'>, topic: string): Promise<void> {
    this.#following = await log.follow({
      name: `events-${this.#aggregate}`,
      topics: [topic],
      from: async ({ partition }) => this.#handed[partition] ?? 0,
      onBatch: (batch) => this.#take(batch),
    });
  }

  async next(): Promise<IteratorResult<ToldEvent>> {
    for (;;) {
      if (this.#ended) return { done: true, value: undefined };
      const [first] = this.#batches;
      const record = first?.batch.records[first.taken];
      if (first === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (record === undefined) {
        this.#offsets[first.batch.partition] = first.batch.next;
        this.#batches.shift();
        first.done();
        continue;
      }
      first.taken++;
      this.#offsets[record.partition] = record.offset + 1;
      const event = pastRecord(this.#aggregate, 'events', record);
      return { done: false, value: { event, cursor: cursorOf(this.#mark, this.#offsets) } };
    }
  }

  async return(): Promise<IteratorResult<ToldEvent>> {
    this.#ended = true;
    this.#onEnd();
    this.#wake?.();
    // The log waits for batches under way before it stops.
    for (const { done } of this.#batches.splice(0)) done();
    await this.#following?.stop();
    return { done: true, value: undefined };
  }

  async throw(error: Error): Promise<IteratorResult<ToldEvent>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves once all of it has been taken. */
  #take(batch: FollowBatch): Promise<void> {
    const from = this.#handed[batch.partition] ?? 0;
    if (this.#ended || batch.next <= from) return Promise.resolve();
    this.#handed[batch.partition] = batch.next;
    const fresh =
      batch.from >= from ? batch : { ...batch, records: batch.records.filter(({ offset }) => offset >= from) };
    return new Promise((done) => {
      this.#batches.push({ batch: fresh, taken: 0, done });
      this.#wake?.();
    });
  }
}
