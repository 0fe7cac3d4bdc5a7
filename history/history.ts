/** The past, as the resolvers ask for it: what happened, what was, and what comes. */
import type { Catalogue, Decider, Versioned } from '../domain/index.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import type { EventLog } from '../log/event-log.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type LogPlace, recordsInOrder, stretchOfEntity } from './entity-log.ts';
import { TooManyFollowers } from './errors.ts';
import { type EventPageQuery, pageOfEvents } from './event-page.ts';
import { type Beginning, followEvents, type ToldEvent } from './follow-events.ts';
import { oldTransaction } from './old-transaction.ts';
import { type PastRecord, recordsAtPlaces } from './past-record.ts';
import { recordsOfEntity, recordsOfTransaction } from './record-lists.ts';
import { type Moment, statesAt, versionAt } from './state-then.ts';

/** An entity, and the version of it that is known: the index is waited for until it has that. */
export interface Entity {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
}

/** An event of a page, and its place in the list. */
export interface PlacedEvent {
  readonly ordinal: number;
  readonly event: PastRecord;
}

export interface EventsFound {
  readonly events: readonly PlacedEvent[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

export interface LogFound {
  readonly records: readonly { readonly record: PastRecord; readonly next: LogPlace }[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

export interface HistoryOptions {
  readonly log: EventLog;
  readonly views: ViewStore;
  /** How many may follow the log at once: each has connections or reads of its own. Default 100. */
  readonly mostFollowers?: number;
}

const MOST_FOLLOWERS = 100;

export class History {
  readonly #log: EventLog;
  readonly #views: ViewStore;
  readonly #mostFollowers: number;
  readonly #followers = new Set<AsyncIterableIterator<ToldEvent>>();
  /** Followers that are being started. */
  #starting = 0;

  constructor({ log, views, mostFollowers = MOST_FOLLOWERS }: HistoryOptions) {
    this.#log = log;
    this.#views = views;
    this.#mostFollowers = mostFollowers;
  }

  /** A page of what happened to an entity. @throws {IndexBehind} {LogUnavailable} */
  async events({ aggregate, id, version }: Entity, query: EventPageQuery): Promise<EventsFound> {
    const records = await recordsOfEntity(this.#views, aggregate, id, version);
    if (records === undefined) return { events: [], hasNextPage: false, totalCount: 0 };
    const page = await pageOfEvents(records, query);
    const { partition } = records.events;
    const places = page.records.map(({ offset }) => ({ aggregate, kind: 'events', partition, offset }) as const);
    const found = await recordsAtPlaces(this.#log, places);
    return {
      events: page.records.flatMap(({ ordinal }, i) => {
        const event = found[i];
        return event === undefined ? [] : [{ ordinal, event }];
      }),
      hasNextPage: page.hasNextPage,
      totalCount: query.changesOnly ? records.version : records.events.total,
    };
  }

  /**
   * What an entity was at a moment; undefined: it did not exist yet.
   * @throws {NoSuchVersion} {TooLongAgo} {EventsMissing} {IndexBehind} {LogUnavailable}
   */
  async stateThen<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
    decider: Decider<C, E, S, P>,
    { id, version: known }: Pick<Entity, 'id' | 'version'>,
    moment: Moment,
  ): Promise<S | undefined> {
    const records = await recordsOfEntity(this.#views, decider.name, id, known);
    if (records === undefined) return undefined;
    const version = await versionAt(`${decider.name} ${id}`, records, moment);
    if (version === 0) return undefined;
    return (await statesAt(this.#log, decider, id, records, new Set([version]))).get(version);
  }

  /** What an entity was at each of these versions, by version. @throws as `stateThen` */
  async statesThen<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
    decider: Decider<C, E, S, P>,
    id: string,
    versions: ReadonlySet<number>,
  ): Promise<ReadonlyMap<number, S>> {
    const records = await recordsOfEntity(this.#views, decider.name, id);
    return records === undefined ? new Map() : await statesAt(this.#log, decider, id, records, versions);
  }

  /** A stretch of an entity's commands and events, in order of time. @throws {LogUnavailable} */
  async logOfEntity(aggregate: string, id: string, after: LogPlace, first: number): Promise<LogFound> {
    const lists = await recordsOfEntity(this.#views, aggregate, id);
    if (lists === undefined) return { records: [], hasNextPage: false, totalCount: 0 };
    const found = await stretchOfEntity(aggregate, lists, after, first + 1);
    const page = found.slice(0, first);
    const records = await recordsAtPlaces(
      this.#log,
      page.map(({ place }) => place),
    );
    return {
      records: page.flatMap(({ next }, i) => {
        const record = records[i];
        return record === undefined ? [] : [{ record, next }];
      }),
      hasNextPage: found.length > first,
      totalCount: lists.commands.total + lists.events.total,
    };
  }

  /** The commands and events of a transaction, of all aggregates, each behind what caused it. @throws {LogUnavailable} */
  async logOfTransaction(id: string): Promise<readonly PastRecord[]> {
    return await recordsInOrder(this.#log, await recordsOfTransaction(this.#views, id));
  }

  /** A transaction whose statuses may have left the log, told again from the events. @throws {LogUnavailable} */
  async transaction(id: string): Promise<TransactionRecord | undefined> {
    return await oldTransaction({ log: this.#log, views: this.#views }, id);
  }

  /** The events of an aggregate as they come. @throws {TooManyFollowers} {CursorRefused} {LogUnavailable} */
  async follow(aggregate: string, from: Beginning): Promise<AsyncIterableIterator<ToldEvent>> {
    if (this.#followers.size + this.#starting >= this.#mostFollowers) throw new TooManyFollowers(this.#mostFollowers);
    this.#starting++;
    try {
      const events = await followEvents(this.#log, aggregate, from, () => this.#followers.delete(events));
      this.#followers.add(events);
      return events;
    } finally {
      this.#starting--;
    }
  }

  /** Ends all who follow. */
  async stop(): Promise<void> {
    await Promise.all([...this.#followers].map((events) => events.return?.()));
  }
}
