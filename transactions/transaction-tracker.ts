/**
 * Knows the status of every transaction, at any gateway, without a gap between a mutation's answer and a subscription.
 *
 * It follows the commands from the processors' positions on: a user's command on the log is ACCEPTED. It follows the statuses
 * from the view's position on: they tell what was decided since. So every transaction is in this memory or in the view. That
 * a transaction does not exist is said only after the log has been read to its end. An entry leaves the memory once the view
 * shows its final status.
 *
 * Transactions that nobody here has begun, follows or asks for are kept unread (`unopened-transactions.ts`), so what a gateway
 * spends on others' is little. They are opened when somebody asks.
 */
import { aggregateNames } from '../domain/registry.ts';
import { isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
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
import { COMMAND_TOPICS, commandsTopic, KEYS, TRANSACTIONS as TOPIC } from '../records/topics.ts';
import { beginsTransaction, idempotencyKeyOf, issuerOf, transactionOf } from '../records/unread.ts';
import { type ViewStore, ViewsIncomplete } from '../views/view-store.ts';
import { pause } from '../waiting/pause.ts';
import { TimeSlice } from '../waiting/time-slice.ts';
import { within } from '../waiting/within.ts';
import type { LatestQueue, QueueMeter } from './latest-queue.ts';
import { LogEnd } from './log-end.ts';
import { RecentTransactions } from './recent-transactions.ts';
import { ShownTransactions } from './shown-transactions.ts';
import { Subscribers, tell } from './subscribers.ts';
import { toldBy } from './told-by-record.ts';
import { TransactionNews } from './transaction-news.ts';
import { UndecidedCommands } from './undecided-commands.ts';
import { UnopenedTransactions } from './unopened-transactions.ts';

/** How long a look-up waits for what is on the log to be read here. */
const REACH_WITHIN_MS = 5000;
/** How many statuses of a partition are kept here until views that are being filled show them. */
const MOST_UNSHOWN = 20_000;
/** How often it is asked whether views that are being filled are whole. */
const WHOLE_EVERY_MS = 100;

export interface TrackerOptions {
  readonly log: EventLog;
  /** While the views are being filled, with more statuses in a partition than this to be kept until they are shown, it waits. */
  readonly mostUnshown?: number;
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
  readonly #views: ViewStore;
  readonly #processorOf: (aggregate: string) => Processor;
  readonly #keepMs: number;
  readonly #recent = new RecentTransactions();
  readonly #unopened = new UnopenedTransactions();
  readonly #subscribers: Subscribers;
  readonly #news: TransactionNews;
  readonly #end: LogEnd;
  readonly #shown: ShownTransactions;
  /** Up to where each partition has been read here. */
  readonly #read = new Map<string, number>();
  /** Where each partition of the statuses ended when this gateway came. */
  readonly #endedAt: number[] = [];
  #tidying = false;
  /** Commands that are on the log and not known to be decided; see `decided`. */
  readonly undecided = new UndecidedCommands();
  readonly #stopped = new AbortController();
  #following: Following | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ log, views, processorOf, keepMs = 30_000, meter }: TrackerOptions) {
    this.#subscribers = new Subscribers(meter);
    this.#log = log;
    this.#views = views;
    this.#processorOf = processorOf;
    this.#keepMs = keepMs;
    this.#end = new LogEnd({
      ends: () => this.#log.ends([...COMMAND_TOPICS, TOPIC]),
      reached: (ends) => this.following().reached(ends),
    });
    this.#shown = new ShownTransactions(views);
    this.#news = new TransactionNews(async (ids) => new Set((await this.#shown.of(ids)).keys()));
  }

  static async start(options: TrackerOptions): Promise<TransactionTracker> {
    const { log, views, mostUnshown = MOST_UNSHOWN } = options;
    const tracker = new TransactionTracker(options);
    // What was decided before these positions has its status on the log by now: it is in the view, or is followed below.
    const decided = new Map<string, number>();
    // Keys before aggregates: what was handed on before the keys' positions is on the aggregates' topics by now.
    for (const topics of [[commandsTopic(KEYS)], aggregateNames.map(commandsTopic)]) {
      for (const each of await tracker.decided(topics)) decided.set(placeOf(each), each.offset);
    }
    // All that those steps wrote stands before these ends.
    for (const end of await log.ends([TOPIC])) tracker.#endedAt[end.partition] = end.offset;
    tracker.#following = await log.follow({
      name: 'transaction-tracker',
      topics: [...COMMAND_TOPICS, TOPIC],
      lazy: true,
      from: async (place) => {
        // When it is started again: the view may be ahead by now, and statuses in between would never be told.
        const read = tracker.#read.get(placeOf(place));
        if (read !== undefined) return read;
        if (place.topic !== TOPIC) return decided.get(placeOf(place)) ?? 0;
        const ahead = (tracker.#endedAt[place.partition] ?? 0) - (await views.position(TOPIC, place.partition));
        // With little to keep there is nothing to wait for, also where nobody fills the views yet.
        if (ahead > mostUnshown) await tracker.#whenWhole();
        return await views.position(TOPIC, place.partition);
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
    this.#stopped.abort();
    clearInterval(this.#timer);
    this.#subscribers.end();
    await this.#following?.stop();
  }

  /** Tells that this gateway has just appended a command; returns what is known of its transaction by now. */
  appended(record: TransactionRecord): TransactionRecord {
    // What follows from the command may have been read already, before it was known to be ours.
    this.#open(record.id);
    this.#learn(record, 'log');
    return this.#recent.get(record.id) ?? record;
  }

  /** How many transactions have not ended, or are not shown by the view, as far as is known here. */
  get kept(): number {
    return this.#recent.waiting + this.#unopened.waiting;
  }

  /**
   * Those that were begun before, ISO 8601 UTC, and are not known here to have ended. The view has more of them, from before
   * this gateway came; what was begun within the last half minute may be left out.
   */
  unfinished(before: string): readonly TransactionRecord[] {
    return [...this.#recent.unfinished()].filter(({ acceptedAt }) => acceptedAt < before);
  }

  /** The newest status of those that is known here, and nobody is asked. */
  newest(shown: TransactionRecord): TransactionRecord {
    this.#open(shown.id);
    const known = this.#recent.get(shown.id);
    return known !== undefined && isNews(shown, known) ? known : shown;
  }

  /** How many transactions of a user have begun and not ended, as far as the log has been read here. */
  unfinishedOf(user: string): number {
    return this.#recent.unfinishedOf(user) + this.#unopened.unfinishedOf(user);
  }

  /**
   * The transactions under an idempotency key that are known here and now, or, with `toTheEnd`, all that the log has by now.
   * @throws {LogUnavailable} when the log's end cannot be reached in time
   */
  async underKey(key: string, toTheEnd = false): Promise<readonly TransactionRecord[]> {
    if (toTheEnd) await inTime(this.#end.reached());
    const known = new Map<string, TransactionRecord>();
    try {
      for (const record of await this.#shown.underKey(key)) known.set(record.id, record);
    } catch {
      // Views out of reach are no reason to refuse a command: the owner of the key knows better anyway.
    }
    for (const id of this.#unopened.under(key)) this.#open(id);
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
    await inTime(this.#end.reached());
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

  /**
   * Calls back with every status from now on, each transaction's in order.
   * @param user whose transactions; left out: everyone's, of which every record has to be read
   * @returns what ends it
   */
  followAll(onRecord: (record: TransactionRecord) => void, user?: string): () => void {
    return this.#news.listen(onRecord, user);
  }

  /**
   * Resolves when the views may be read. While they are being filled from a long log, all statuses of a week would be kept here
   * until they show them; what they will show by then need not be read at all.
   */
  async #whenWhole(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#shown.of(['']);
        return;
      } catch (error) {
        if (!(error instanceof ViewsIncomplete)) throw error;
      }
      await pause(WHOLE_EVERY_MS, { signal, ref: false });
    }
  }

  async #known(id: string): Promise<TransactionRecord | undefined> {
    this.#open(id);
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
      if (batch.topic === TOPIC) this.#takeStatus(record);
      else this.#takeCommand(record);
    }
    this.#read.set(place, Math.max(read, batch.next));
  }

  #takeStatus(record: LogRecord): void {
    const id = record.key;
    if (id === null) return;
    const user = this.#unopened.userOf(id) ?? issuerOf(record);
    // The command of such a one may have been decided before this gateway came: its key is told by the status alone.
    const early = record.offset < (this.#endedAt[record.partition] ?? 0);
    if (early || this.#concerns(id, user)) this.#takeNow(id, record);
    else this.#unopened.keep(id, record, { user });
  }

  #takeCommand(record: LogRecord): void {
    const id = transactionOf(record);
    if (id === undefined) return;
    this.undecided.note(id, record);
    if (!beginsTransaction(record, id)) return;
    const user = issuerOf(record);
    if (this.#concerns(id, user)) this.#takeNow(id, record);
    else if (user !== undefined) this.#unopened.keep(id, record, { user, key: idempotencyKeyOf(record) });
  }

  /** Whether anyone here has asked for the transaction, or for all of its user. */
  #concerns(id: string, user: string | undefined): boolean {
    return this.#recent.get(id) !== undefined || this.#subscribers.has(id) || this.#news.concern(user);
  }

  #takeNow(id: string, record: LogRecord): void {
    this.#open(id);
    const told = toldBy(id, record);
    if (told !== undefined) this.#learn(told.status, 'log', told.at);
  }

  /** Reads what has come of a transaction while nobody asked. */
  #open(id: string): void {
    const newest = this.#unopened.open(id);
    if (newest !== undefined) this.#learn(newest.status, 'before', newest.at);
  }

  /**
   * The view may be ahead of what has been read of the log here. Subscribers to all transactions are told only of what comes
   * from the log now, so that they get each status once and in order.
   */
  #learn(record: TransactionRecord, from: 'log' | 'before' | 'view', at?: Position): void {
    if (this.#recent.learn(record, at)) this.#subscribers.tellAll(record);
    if (from === 'log') this.#news.take(record);
    // Otherwise a second copy of the command would be news to them, although the end has gone by.
    else if (from === 'before') this.#news.passed(record);
  }

  async #tidy(): Promise<void> {
    if (this.#tidying) return;
    this.#tidying = true;
    try {
      // Buffers are let go of all the same when the views are out of reach.
      await this.#leave().finally(() => this.#settle());
    } catch {
      // Views out of reach: everything stays, and the next round tries again.
    }
    await this.#news.resolveDoubts();
    try {
      if (!this.undecided.empty) await this.decided();
    } catch {
      // The log is out of reach: they stay, and the next round tries again.
    }
    this.#tidying = false;
  }

  /** Lets go of what the view shows by now. @throws {ViewsUnavailable} */
  async #leave(): Promise<void> {
    if (this.#unopened.empty && this.#recent.empty) return;
    const places = this.#endedAt.map((_, partition) => ({ topic: TOPIC, partition }));
    const shown = await this.#views.positions(places);
    const isShown = ({ partition, offset }: Position) => offset < (shown[partition] ?? 0);
    this.#unopened.leave(isShown, this.#keepMs);
    const { forgotten, old } = this.#recent.lookThrough(isShown, this.#keepMs);
    for (const { id } of forgotten) this.#news.forget(id);
    await this.#askTheView(old);
  }

  /** Lets go of the buffers that unread records came in. It asks no view. */
  async #settle(): Promise<void> {
    const slice = new TimeSlice();
    for (const id of this.#unopened.settle(this.#keepMs)) {
      this.#open(id);
      if (slice.over()) await slice.next();
    }
  }

  /** Lets go of those whose end the view shows: of commands that turn out to be repeats of them, too. */
  async #askTheView(old: readonly TransactionRecord[]): Promise<void> {
    if (old.length === 0) return;
    const shown = await this.#shown.of(old.map(({ id }) => id));
    for (const record of old) {
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
  }
}

/** All of it: that the log tells its ends, which may take it longer than anyone waits, and that they are read here. */
function inTime(reached: Promise<void>): Promise<void> {
  const late = () => new LogUnavailable(`the log's end was not reached within ${REACH_WITHIN_MS / 1000} s: ask again`);
  return within(REACH_WITHIN_MS, late, reached);
}
