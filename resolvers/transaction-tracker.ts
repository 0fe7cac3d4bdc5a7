/**
 * Knows the status of every transaction, at any gateway, without a gap between a mutation's answer and a subscription.
 *
 * It follows the commands (a user's command on the log is ACCEPTED) from where the processors are, and the statuses from
 * where the view is; so what is not in its memory stands in the view, and what is in neither was never acknowledged as
 * far as the log's end, which it waits for before it says so. Entries leave the memory once the view has them.
 */
import { aggregates } from '../domain/index.ts';
import { attributesOf, dataOf, UnreadableRecord } from '../log/cloud-event.ts';
import { idempotencyOf } from '../log/command-record.ts';
import {
  type EventLog,
  type FollowBatch,
  type Following,
  type LogRecord,
  LogUnavailable,
  type Processor,
} from '../log/event-log.ts';
import { AGGREGATES, COMMAND_TOPICS, commandsTopic, KEYS, TRANSACTIONS as TOPIC } from '../log/topics.ts';
import { accepted, isFinal, isNews, type TransactionRecord, transactionRecord } from '../log/transaction-record.ts';
import { TimeSlice } from '../time-slice.ts';
import { TRANSACTIONS, type TransactionDoc } from '../views/documents.ts';
import type { ViewStore } from '../views/view-store.ts';
import { Grouped } from './grouped.ts';
import { LatestQueue } from './latest-queue.ts';

/** How long a look-up waits for what is on the log to be read here. */
const REACH_WITHIN_MS = 5000;

export interface TrackerOptions {
  readonly log: EventLog;
  readonly views: ViewStore;
  /** The processor of an aggregate. */
  processorOf(aggregate: string): Processor;
  /** Entries are kept at least so long; default 30 s. */
  readonly keepMs?: number;
}

interface Entry {
  readonly record: TransactionRecord;
  /** When it was first known here, ms. */
  readonly since: number;
}

/** One transaction's subscriber: what it has been told last, so that nothing comes twice or out of order. */
interface Subscriber {
  readonly queue: LatestQueue<TransactionRecord>;
  last: TransactionRecord | undefined;
}

export class TransactionTracker {
  readonly #log: EventLog;
  readonly #views: ViewStore;
  readonly #keepMs: number;
  readonly #entries = new Map<string, Entry>();
  /** The entries' ids by idempotency key. */
  readonly #underKey = new Grouped();
  readonly #ofOne = new Map<string, Set<Subscriber>>();
  readonly #ofAll = new Set<(record: TransactionRecord) => void>();
  #following: Following | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ log, views, keepMs = 30_000 }: TrackerOptions) {
    this.#log = log;
    this.#views = views;
    this.#keepMs = keepMs;
  }

  static async start(options: TrackerOptions): Promise<TransactionTracker> {
    const { log, views, processorOf } = options;
    const tracker = new TransactionTracker(options);
    // First where the processors are, then where the view is: what was decided before the one is on the other's topic.
    const decided = new Map<string, number>();
    // Keys before aggregates, for the same reason: a command that the one has handed on is on the other's topic.
    for (const name of [KEYS, ...AGGREGATES]) {
      const input = commandsTopic(name);
      for (const { partition, offset } of await log.committed(processorOf(name))) {
        decided.set(`${input}/${partition}`, offset);
      }
    }
    tracker.#following = await log.follow({
      name: 'transaction-tracker',
      topics: [...COMMAND_TOPICS, TOPIC],
      from: async ({ topic, partition }) =>
        topic === TOPIC ? await views.position(topic, partition) : (decided.get(`${topic}/${partition}`) ?? 0),
      onBatch: (batch) => tracker.#take(batch),
    });
    tracker.#timer = setInterval(() => void tracker.#prune(), 1000);
    tracker.#timer.unref();
    return tracker;
  }

  /** How the following of the log goes. */
  following(): Following {
    if (this.#following === undefined) throw new Error('the tracker has not been started');
    return this.#following;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const subscribers of [...this.#ofOne.values()]) for (const { queue } of [...subscribers]) queue.end();
    await this.#following?.stop();
  }

  /** Tells that this gateway has just appended a command; returns what is known of its transaction by now. */
  appended(record: TransactionRecord): TransactionRecord {
    this.#learn(record);
    return this.#entries.get(record.id)?.record ?? record;
  }

  /**
   * The transactions under an idempotency key that are known here and now, or, with `toTheEnd`, all that the log has by now.
   * @throws {LogUnavailable} when the log's end cannot be reached in time
   */
  async underKey(key: string, toTheEnd = false): Promise<readonly TransactionRecord[]> {
    if (toTheEnd) await inTime(this.following().reached(await this.#log.ends([...COMMAND_TOPICS, TOPIC])));
    const known = new Map<string, TransactionRecord>();
    try {
      const sort = [['acceptedAt', -1]] as const;
      const filter = { 'idempotency.key': key };
      for (const { _id, ...rest } of await this.#views.find<TransactionDoc>(TRANSACTIONS, {
        filter,
        sort,
        limit: 20,
      })) {
        known.set(_id, { id: _id, ...rest });
      }
    } catch {
      // Views out of reach are no reason to refuse a command: the owner of the key knows better anyway.
    }
    for (const id of this.#underKey.get(key) ?? []) {
      const record = this.#entries.get(id)?.record;
      if (record !== undefined && isNews(known.get(id), record)) known.set(id, record);
    }
    return [...known.values()];
  }

  /**
   * The transaction as it is now, or undefined when the log, up to its end, has none with this id.
   * @throws {LogUnavailable} when the log's end cannot be reached in time
   */
  async lookUp(id: string): Promise<TransactionRecord | undefined> {
    const known = await this.#known(id);
    if (known !== undefined) return known;
    await inTime(this.following().reached(await this.#log.ends([...COMMAND_TOPICS, TOPIC])));
    return await this.#known(id);
  }

  /**
   * The transaction as it is now, then as it goes on; ends after its final status. Undefined when there is none, or none
   * that `visible` lets through.
   */
  async follow(
    id: string,
    visible: (record: TransactionRecord) => boolean = () => true,
  ): Promise<LatestQueue<TransactionRecord> | undefined> {
    const subscribers = this.#ofOne.get(id) ?? new Set();
    this.#ofOne.set(id, subscribers);
    const queue: LatestQueue<TransactionRecord> = new LatestQueue(() => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#ofOne.get(id) === subscribers) this.#ofOne.delete(id);
    });
    const subscriber: Subscriber = { queue, last: undefined };
    subscribers.add(subscriber);
    try {
      const now = await this.lookUp(id);
      if (now === undefined || !visible(now)) {
        queue.end();
        return undefined;
      }
      tell(subscriber, now);
      return queue;
    } catch (error) {
      queue.end();
      throw error;
    }
  }

  /** Calls back with every status from now on, each transaction's in order. Returns what ends it. */
  followAll(onRecord: (record: TransactionRecord) => void): () => void {
    this.#ofAll.add(onRecord);
    return () => this.#ofAll.delete(onRecord);
  }

  /** Resolves with the final status; waits at most `ms`. Undefined: none such, or not final by then. */
  async final(id: string, ms: number): Promise<TransactionRecord | undefined> {
    const queue = await this.follow(id);
    if (queue === undefined) return undefined;
    const timer = setTimeout(() => queue.end(), ms);
    try {
      for await (const record of queue) if (isFinal(record.status)) return record;
      return undefined;
    } finally {
      clearTimeout(timer);
      queue.end();
    }
  }

  async #known(id: string): Promise<TransactionRecord | undefined> {
    const entry = this.#entries.get(id);
    // A command may stand on the log a second time, after its transaction has ended and left this memory.
    if (entry !== undefined && entry.record.status !== 'ACCEPTED') return entry.record;
    const doc = (await this.#views.get<TransactionDoc>(TRANSACTIONS, [id])).get(id);
    if (doc !== undefined) {
      const { _id, ...rest } = doc;
      this.#learn({ id: _id, ...rest });
    }
    return this.#entries.get(id)?.record;
  }

  async #take(batch: FollowBatch): Promise<void> {
    const slice = new TimeSlice();
    for (const record of batch.records) {
      if (slice.over()) await slice.next();
      try {
        if (batch.topic === TOPIC) this.#learn(dataOf(record, transactionRecord));
        else this.#takeCommand(record, batch.topic);
      } catch (error) {
        // The processor sets unreadable commands aside and says so; here they are nobody's transaction.
        if (!(error instanceof UnreadableRecord)) throw error;
      }
    }
  }

  #takeCommand(record: LogRecord, topic: string): void {
    const attributes = attributesOf(record);
    const { id, transactionid, type: command, subject: entityId, issuedby: issuedBy, time: at } = attributes;
    if (id !== transactionid || issuedBy === undefined) return;
    const owner = AGGREGATES.find((name) => commandsTopic(name) === topic);
    const aggregate = owner ?? AGGREGATES.find((name) => Object.hasOwn(aggregates[name].commands, command)) ?? '';
    this.#learn(accepted({ id, command, aggregate, entityId, issuedBy, at, idempotency: idempotencyOf(attributes) }));
  }

  #learn(record: TransactionRecord): void {
    const entry = this.#entries.get(record.id);
    if (!isNews(entry?.record, record)) return;
    this.#entries.set(record.id, { record, since: entry?.since ?? Date.now() });
    if (record.idempotency) this.#underKey.add(record.idempotency.key, record.id);
    for (const subscriber of this.#ofOne.get(record.id) ?? []) tell(subscriber, record);
    for (const onRecord of this.#ofAll) onRecord(record);
  }

  /** Lets go of what the view shows by now, and of commands that turn out to be repeats of what it shows. */
  async #prune(): Promise<void> {
    const old = Date.now() - this.#keepMs;
    const leaving: [string, Entry][] = [];
    for (const [id, entry] of this.#entries) {
      if (entry.since > old || leaving.length >= 5000) break;
      leaving.push([id, entry]);
    }
    if (leaving.length === 0) return;
    try {
      const shown = await this.#views.get<TransactionDoc>(
        TRANSACTIONS,
        leaving.map(([id]) => id),
      );
      for (const [id, entry] of leaving) {
        const doc = shown.get(id);
        if (doc !== undefined && isFinal(doc.status)) {
          const { _id, ...rest } = doc;
          this.#learn({ id: _id, ...rest });
          this.#entries.delete(id);
          if (doc.idempotency) this.#underKey.delete(doc.idempotency.key, id);
        } else {
          // Looked at again after others: it is still under way, or the view is behind.
          const { record } = this.#entries.get(id) ?? entry;
          this.#entries.delete(id);
          this.#entries.set(id, { record, since: Date.now() });
        }
      }
    } catch {
      // Views out of reach: everything stays, and the next round tries again.
    }
  }
}

async function inTime(reached: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `the log's end was not reached within ${REACH_WITHIN_MS / 1000} s: ask again`;
    timer = setTimeout(() => reject(new LogUnavailable(message)), REACH_WITHIN_MS);
  });
  try {
    await Promise.race([reached, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tell(subscriber: Subscriber, record: TransactionRecord): void {
  if (!isNews(subscriber.last, record)) return;
  subscriber.last = record;
  // Every status has a key of its own, so that none is left out for one transaction's subscriber.
  subscriber.queue.push(String(record.steps.length), record);
  if (isFinal(record.status)) subscriber.queue.end();
}
