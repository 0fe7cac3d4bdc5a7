/**
 * Knows the status of every transaction, at any gateway, without a gap between a mutation's answer and a subscription.
 *
 * It follows the commands from the processors' positions on: a user's command on the log is ACCEPTED. It follows the statuses
 * from the view's position on: they tell what was decided since. So every transaction is in this memory or in the view. That
 * a transaction does not exist is said only after the log has been read to its end. An entry leaves the memory once the view
 * shows its final status.
 */
import { aggregateNames, aggregateOfCommand } from '../domain/registry.ts';
import { accepted, isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
import {
  type EventLog,
  type FollowBatch,
  type Following,
  type LogRecord,
  LogUnavailable,
  type Position,
  type Processor,
} from '../log/event-log.ts';
import { placeOf } from '../log/place.ts';
import { attributesOf, UnreadableRecord } from '../records/cloud-event.ts';
import { idempotencyOf } from '../records/command-record.ts';
import { readStatus } from '../records/status-record.ts';
import { COMMAND_TOPICS, commandsTopic, KEYS, TRANSACTIONS as TOPIC } from '../records/topics.ts';
import type { ViewStore } from '../views/view-store.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import { within } from '../waiting/within.ts';
import type { LatestQueue, QueueMeter } from './latest-queue.ts';
import { LogEnd } from './log-end.ts';
import { RecentTransactions } from './recent-transactions.ts';
import { ShownTransactions } from './shown-transactions.ts';
import { Subscribers, tell } from './subscribers.ts';
import { TransactionNews } from './transaction-news.ts';
import { UndecidedCommands } from './undecided-commands.ts';

/** How long a look-up waits for what is on the log to be read here. */
const REACH_WITHIN_MS = 5000;

export interface TrackerOptions {
  readonly log: EventLog;
  readonly views: ViewStore;
  /** The processor of an aggregate. */
  processorOf(aggregate: string): Processor;
  /** Entries are kept at least so long; default 30 s. */
  readonly keepMs?: number;
  /** Told of what subscribers of one transaction are sent. */
  readonly meter?: QueueMeter | undefined;
}

export class TransactionTracker {
  readonly #log: EventLog;
  readonly #processorOf: (aggregate: string) => Processor;
  readonly #keepMs: number;
  readonly #recent = new RecentTransactions();
  readonly #subscribers: Subscribers;
  readonly #news: TransactionNews;
  readonly #end: LogEnd;
  readonly #shown: ShownTransactions;
  /** Up to where each partition has been read here. */
  readonly #read = new Map<string, number>();
  /** Commands that are on the log and not known to be decided; see `decided`. */
  readonly undecided = new UndecidedCommands();
  #following: Following | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ log, views, processorOf, keepMs = 30_000, meter }: TrackerOptions) {
    this.#subscribers = new Subscribers(meter);
    this.#log = log;
    this.#processorOf = processorOf;
    this.#keepMs = keepMs;
    this.#end = new LogEnd({
      ends: () => this.#log.ends([...COMMAND_TOPICS, TOPIC]),
      reached: (ends) => inTime(this.following().reached(ends)),
    });
    this.#shown = new ShownTransactions(views);
    this.#news = new TransactionNews(async (ids) => new Set((await this.#shown.of(ids)).keys()));
  }

  static async start(options: TrackerOptions): Promise<TransactionTracker> {
    const { log, views } = options;
    const tracker = new TransactionTracker(options);
    // What was decided before these positions has its status on the log by now: it is in the view, or is followed below.
    const decided = new Map<string, number>();
    // Keys before aggregates: what was handed on before the keys' positions is on the aggregates' topics by now.
    for (const topics of [[commandsTopic(KEYS)], aggregateNames.map(commandsTopic)]) {
      for (const each of await tracker.decided(topics)) decided.set(placeOf(each), each.offset);
    }
    tracker.#following = await log.follow({
      name: 'transaction-tracker',
      topics: [...COMMAND_TOPICS, TOPIC],
      from: async (place) => {
        // When it is started again: the view may be ahead by now, and statuses in between would never be told.
        const read = tracker.#read.get(placeOf(place));
        if (read !== undefined) return read;
        return place.topic === TOPIC
          ? await views.position(TOPIC, place.partition)
          : (decided.get(placeOf(place)) ?? 0);
      },
      onBatch: (batch) => tracker.#take(batch),
    });
    tracker.#timer = setInterval(() => void tracker.#tidy(), 1000);
    tracker.#timer.unref();
    return tracker;
  }

  /** How the following of the log goes. */
  following(): Following {
    if (this.#following === undefined) throw new Error('the tracker has not been started');
    return this.#following;
  }

  /** Up to where the commands of each aggregate have been decided; the memory of those that were not is kept by it. */
  async decided(topics: readonly string[] = COMMAND_TOPICS): Promise<readonly Position[]> {
    const owners = [KEYS, ...aggregateNames].filter((name) => topics.includes(commandsTopic(name)));
    const positions = await Promise.all(owners.map((name) => this.#log.committed(this.#processorOf(name))));
    this.undecided.decided(positions.flat());
    return positions.flat();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#subscribers.end();
    await this.#following?.stop();
  }

  /** Tells that this gateway has just appended a command; returns what is known of its transaction by now. */
  appended(record: TransactionRecord): TransactionRecord {
    this.#learn(record, 'log');
    return this.#recent.get(record.id) ?? record;
  }

  /** How many transactions are in memory: those that have not ended, or that the view does not show for certain. */
  get kept(): number {
    return this.#recent.size;
  }

  /** How many transactions of a user have begun and not ended, as far as the log has been read here. */
  unfinishedOf(user: string): number {
    return this.#recent.unfinishedOf(user);
  }

  /**
   * The transactions under an idempotency key that are known here and now, or, with `toTheEnd`, all that the log has by now.
   * @throws {LogUnavailable} when the log's end cannot be reached in time
   */
  async underKey(key: string, toTheEnd = false): Promise<readonly TransactionRecord[]> {
    if (toTheEnd) await this.#end.reached();
    const known = new Map<string, TransactionRecord>();
    try {
      for (const record of await this.#shown.underKey(key)) known.set(record.id, record);
    } catch {
      // Views out of reach are no reason to refuse a command: the owner of the key knows better anyway.
    }
    for (const record of this.#recent.under(key)) {
      if (isNews(known.get(record.id), record)) known.set(record.id, record);
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
    await this.#end.reached();
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
    const subscriber = this.#subscribers.add(id);
    const { queue } = subscriber;
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
    return this.#news.listen(onRecord);
  }

  async #known(id: string): Promise<TransactionRecord | undefined> {
    const recent = this.#recent.get(id);
    // A command may stand on the log a second time, after its transaction has ended and left this memory.
    if (recent !== undefined && recent.status !== 'ACCEPTED') return recent;
    const shown = await this.#shown.one(id);
    const now = this.#recent.get(id);
    // Old: known to the view and not in this memory. It is answered, not remembered, and told to no subscriber.
    if (shown === undefined || now === undefined) return shown ?? now;
    this.#learn(shown, 'view');
    return this.#recent.get(id) ?? shown;
  }

  async #take(batch: FollowBatch): Promise<void> {
    const slice = new TimeSlice();
    const place = placeOf(batch);
    const read = this.#read.get(place) ?? 0;
    for (const record of batch.records) {
      if (slice.over()) await slice.next();
      if (record.offset < read) continue;
      this.#read.set(place, record.offset + 1);
      try {
        if (batch.topic === TOPIC) this.#learn(readStatus(record), 'log');
        else this.#takeCommand(record, batch.topic);
      } catch (error) {
        // The processor sets unreadable commands aside and says so; here they are nobody's transaction.
        if (!(error instanceof UnreadableRecord)) throw error;
      }
    }
    this.#read.set(place, Math.max(read, batch.next));
  }

  #takeCommand(record: LogRecord, topic: string): void {
    const attributes = attributesOf(record);
    const { id, transactionid, type: command, subject: entityId, issuedby: issuedBy, time: at } = attributes;
    if (transactionid !== undefined) this.undecided.note(transactionid, record);
    if (id !== transactionid || issuedBy === undefined) return;
    const owner = aggregateNames.find((name) => commandsTopic(name) === topic);
    const aggregate = owner ?? aggregateOfCommand(command) ?? '';
    const begun = { id, command, aggregate, entityId, issuedBy, at, idempotency: idempotencyOf(attributes) };
    this.#learn(accepted(begun), 'log');
  }

  /**
   * The view may be ahead of what has been read of the log here. Subscribers to all transactions are told only of what comes
   * from the log, so that they get each status once and in order.
   */
  #learn(record: TransactionRecord, from: 'log' | 'view'): void {
    if (this.#recent.learn(record)) this.#subscribers.tellAll(record);
    if (from === 'log') this.#news.take(record);
  }

  async #tidy(): Promise<void> {
    await this.#prune();
    await this.#news.resolveDoubts();
    try {
      if (!this.undecided.empty) await this.decided();
    } catch {
      // The log is out of reach: they stay, and the next round tries again.
    }
  }

  /** Lets go of what the view shows by now, and of commands that turn out to be repeats of what it shows. */
  async #prune(): Promise<void> {
    const leaving = this.#recent.olderThan(this.#keepMs);
    if (leaving.length === 0) return;
    try {
      const shown = await this.#shown.of(leaving.map(({ id }) => id));
      for (const record of leaving) {
        const now = shown.get(record.id);
        if (now !== undefined && isFinal(now.status)) {
          this.#learn(now, 'view');
          this.#recent.forget(now);
          this.#news.forget(now.id);
        } else {
          // It is still under way, or the view is behind.
          this.#recent.lookedAt(record);
        }
      }
    } catch {
      // Views out of reach: everything stays, and the next round tries again.
    }
  }
}

function inTime(reached: Promise<void>): Promise<void> {
  const late = () => new LogUnavailable(`the log's end was not reached within ${REACH_WITHIN_MS / 1000} s: ask again`);
  return within(REACH_WITHIN_MS, late, reached);
}
