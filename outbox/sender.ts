/**
 * Takes up the events of a partition for each webhook, and sends what is due, for as long as the partition is this process's own.
 * It changes nothing by itself: what it takes up and what it tried, it notes on the log, and goes on when the note is decided.
 * So what a killed process had sent and not noted is sent again by the next owner, under the same id.
 */
import { randomUUID } from 'node:crypto';
import { sentAggregates, sentEventTypes } from '../domain/event-types.ts';
import type { EventLog } from '../log/event-log.ts';
import { UnreadableRecord } from '../records/cloud-event.ts';
import {
  type DeliveryNote,
  type DeliveryState,
  deliveryId,
  isOpen,
  laneKey,
  noteRecord,
  OUTBOX,
  type SentEvent,
} from '../records/delivery-record.ts';
import { eventsTopic } from '../records/topics.ts';
import { BackOff, jitterAround } from '../waiting/back-off.ts';
import { pause } from '../waiting/pause.ts';
import type { KnownWebhook, KnownWebhooks } from './known-webhooks.ts';
import { dueIn, type Lane, type Lanes, MOST_OPEN, openIn } from './lanes.ts';
import { messageOf } from './message.ts';
import type { Answer, Poster } from './post.ts';
import { pauseAfter, type Schedule } from './schedule.ts';
import type { Tail } from './tail.ts';

export interface SenderOptions {
  readonly lanes: Lanes;
  readonly log: EventLog;
  /** The same log, with personal texts open. */
  readonly opened: EventLog;
  readonly tail: Tail;
  readonly webhooks: KnownWebhooks;
  readonly poster: Poster;
  readonly schedule: Schedule;
  /** The secret of a webhook; undefined: it cannot be opened here. */
  openSecret(sealed: string): Promise<string | undefined>;
  /** A webhook can be sent to again: tell all senders. */
  onFree(): void;
  /** Something could not be done; it is tried again. */
  onTrouble(error: unknown): void;
}

/** How long the secret before this one signs too, ms. */
const BOTH_SECRETS_MS = 24 * 60 * 60 * 1000;
/** Events that nobody wants are noted as passed over when there are so many; a restart reads them again. */
const NOTED_AFTER = 1000;
/** Before what went wrong on our side is tried again, ms. */
const AGAIN_AFTER_MS = 1000;
/** The longest that a timer can wait, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const EVERY_TYPE: ReadonlySet<string> = new Set(sentEventTypes);
const AGGREGATES = sentAggregates.map(({ name }) => name);

function wants({ types }: KnownWebhook, { type }: SentEvent): boolean {
  return types.length === 0 ? EVERY_TYPE.has(type) : types.includes(type);
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #partition: number;
  readonly #stopped = new AbortController();
  /** Lanes whose events are being taken up, by key. */
  readonly #reading = new Set<string>();
  /** How far lanes have been read beyond what is noted. */
  readonly #readTo = new Map<string, number>();
  /** Deliveries that are on their way or being noted, by lane. */
  readonly #busy = new Map<string, Set<number>>();
  readonly #forgetting = new Set<string>();
  #waiters: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #woken = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#partition = options.lanes.partition;
  }

  get partition(): number {
    return this.#partition;
  }

  /** Notes have been decided. */
  changed(): void {
    for (const told of this.#waiters.splice(0)) told();
    this.wake();
  }

  /** Something may have to be done. */
  wake(): void {
    if (this.#woken || this.#isStopped) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      if (!this.#isStopped) this.#look();
    });
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    for (const told of this.#waiters.splice(0)) told();
  }

  /** When the oldest event happened that is not delivered yet to a webhook that is to be sent to, ms since 1970; undefined: there is none. */
  oldest(): number | undefined {
    const { lanes, webhooks } = this.#options;
    let oldest: number | undefined;
    for (const { webhookId, deliveries } of lanes.all()) {
      if (webhooks.get(webhookId)?.enabled !== true) continue;
      for (const delivery of deliveries.values()) {
        if (!isOpen(delivery)) continue;
        oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, Date.parse(delivery.event.at));
        break;
      }
    }
    return oldest;
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #look(): void {
    const { webhooks, lanes } = this.#options;
    for (const webhook of webhooks.all()) {
      if (webhook.enabled && !webhook.removed) for (const name of AGGREGATES) this.#takeUp(webhook, name);
    }
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const lane of lanes.all()) {
      const webhook = webhooks.get(lane.webhookId);
      if (webhook?.removed) this.#forget(lane.webhookId);
      else if (webhook?.enabled) next = Math.min(next, this.#sendDue(webhook, lane, now));
    }
    clearTimeout(this.#timer);
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(next - now, 1), LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  #sendDue(webhook: KnownWebhook, lane: Lane, now: number): number {
    const key = laneKey(lane);
    const busy = this.#busy.get(key) ?? new Set();
    const due = dueIn(lane, busy, now);
    for (const delivery of due.now) {
      if (!this.#options.webhooks.begin(webhook.id)) break;
      this.#busy.set(key, busy.add(delivery.event.offset));
      void this.#deliver(webhook, delivery).finally(() => {
        busy.delete(delivery.event.offset);
        this.wake();
      });
    }
    return due.next;
  }

  /** Sends it once, and notes what came of it. */
  async #deliver(webhook: KnownWebhook, delivery: DeliveryState): Promise<void> {
    const { webhooks, lanes, schedule, onFree, onTrouble } = this.#options;
    let answer: Answer | undefined;
    try {
      answer = await this.#attempt(webhook, delivery);
    } catch (error) {
      onTrouble(error);
    } finally {
      webhooks.ended(webhook.id);
      onFree();
    }
    if (answer === undefined) return await pause(AGAIN_AFTER_MS, { signal: this.#stopped.signal, ref: false });
    // What was cut off by stopping is no failure of the receiver.
    if (this.#isStopped && answer.error !== null) return;
    const { offset } = delivery.event;
    // Meanwhile it may have been asked for anew, with all attempts.
    const round = lanes.get(laneKey(delivery))?.deliveries.get(offset)?.round ?? delivery.round;
    const wait = answer.error === null ? undefined : pauseAfter(round + 1, schedule, Math.random());
    const now = Date.now();
    await this.#note({
      type: 'recordAttempt',
      data: {
        id: deliveryId(delivery, this.#partition, offset),
        attempt: delivery.attempts + 1,
        ...answer,
        at: new Date(now).toISOString(),
        nextAttemptAt: wait === undefined ? null : new Date(now + wait).toISOString(),
      },
    });
    await this.#until(() => {
      const is = lanes.get(laneKey(delivery))?.deliveries.get(offset);
      return is === undefined || is.attempts !== delivery.attempts || !isOpen(is);
    });
  }

  /** @throws {LogUnavailable} when what is to be sent, or signed with, cannot be read now */
  async #attempt(webhook: KnownWebhook, { aggregate, event }: DeliveryState): Promise<Answer> {
    const { opened, openSecret, poster } = this.#options;
    const place = { topic: eventsTopic(aggregate), partition: this.#partition, offset: event.offset };
    const [record] = await opened.recordsAt([place]);
    if (record === undefined) return { statusCode: null, error: 'the event is no longer on the log' };
    const sealed = [webhook.sealedSecret];
    if (webhook.earlierSecret !== '' && Date.now() - Date.parse(webhook.rotatedAt) < BOTH_SECRETS_MS)
      sealed.push(webhook.earlierSecret);
    const secrets = (await Promise.all(sealed.map(openSecret))).filter((secret) => secret !== undefined);
    if (secrets.length === 0)
      return { statusCode: null, error: 'the secret cannot be opened: give the webhook another one' };
    try {
      return await poster.post(webhook.url, messageOf(record, secrets, Date.now()), this.#stopped.signal);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return { statusCode: null, error: `the event cannot be read: ${error.message}` };
    }
  }

  #takeUp(webhook: KnownWebhook, aggregate: string): void {
    const { lanes, onTrouble } = this.#options;
    const key = laneKey({ webhookId: webhook.id, aggregate });
    if (this.#reading.has(key) || !this.#hasMore(lanes.get(key), key, aggregate)) return;
    this.#reading.add(key);
    void this.#read(webhook.id, aggregate, key)
      .catch(async (error: unknown) => {
        onTrouble(error);
        await pause(AGAIN_AFTER_MS, { signal: this.#stopped.signal, ref: false });
      })
      .finally(() => {
        this.#reading.delete(key);
        this.wake();
      });
  }

  #hasMore(lane: Lane | undefined, key: string, aggregate: string): boolean {
    if (!this.#options.tail.follows) return false;
    if (lane === undefined) return true;
    const position = Math.max(lane.position, this.#readTo.get(key) ?? 0);
    return position < this.#options.tail.end(eventsTopic(aggregate), this.#partition) && openIn(lane) < MOST_OPEN;
  }

  async #read(webhookId: string, aggregate: string, key: string): Promise<void> {
    const { lanes, tail, webhooks } = this.#options;
    const topic = eventsTopic(aggregate);
    const of = { webhookId, aggregate };
    const begun = lanes.get(key);
    if (begun === undefined) {
      const addedAt = Date.parse(webhooks.get(webhookId)?.addedAt ?? '');
      const to = await tail.since(topic, this.#partition, addedAt);
      return await this.#moved(key, { ...of, from: null, to, events: [] });
    }
    const from = Math.max(begun.position, this.#readTo.get(key) ?? 0);
    for await (const { events, next } of tail.read(topic, this.#partition, from)) {
      const [webhook, lane] = [webhooks.get(webhookId), lanes.get(key)];
      if (this.#isStopped || lane === undefined || !webhook?.enabled || webhook.removed) return;
      const wanted = events.filter((event) => wants(webhook, event));
      const room = MOST_OPEN - openIn(lane);
      const [taken, left] = [wanted.slice(0, room), wanted[room]];
      const to = left?.offset ?? next;
      if (taken.length > 0 || to - lane.position >= NOTED_AFTER) {
        await this.#moved(key, { ...of, from: lane.position, to, events: taken });
      } else this.#readTo.set(key, to);
      if (left !== undefined) return;
    }
  }

  async #moved(key: string, data: Extract<DeliveryNote, { type: 'takeUpEvents' }>['data']): Promise<void> {
    await this.#note({ type: 'takeUpEvents', data });
    await this.#until(() => (this.#options.lanes.get(key)?.position ?? null) !== data.from);
    this.#readTo.delete(key);
  }

  #forget(webhookId: string): void {
    if (this.#forgetting.has(webhookId)) return;
    this.#forgetting.add(webhookId);
    const { lanes } = this.#options;
    const gone = () => ![...lanes.all()].some((lane) => lane.webhookId === webhookId);
    void this.#note({ type: 'forgetWebhook', data: { webhookId } })
      .then(() => this.#until(gone))
      .finally(() => this.#forgetting.delete(webhookId));
  }

  /**
   * Resolves once the log has it, however long that takes; tried once when this has stopped. Twice is as once, and too late as
   * not at all: see `Draft.take`.
   */
  async #note(note: DeliveryNote): Promise<void> {
    const { log, onTrouble } = this.#options;
    const at = new Date().toISOString();
    const record = noteRecord(note, { partition: this.#partition, id: randomUUID(), source: OUTBOX, at });
    const backOff = new BackOff({ firstMs: 100, longestMs: 5000, jitter: jitterAround, ref: false });
    do {
      try {
        await log.append([record]);
        return;
      } catch (error) {
        onTrouble(error);
        await backOff.wait(this.#stopped.signal);
      }
    } while (!this.#isStopped);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!this.#isStopped && !isSo()) await new Promise<void>((told) => this.#waiters.push(told));
  }
}
