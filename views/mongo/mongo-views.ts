/**
 * The view store that many processes share: documents in MongoDB, steps as multi-document transactions, watching by
 * change streams. It follows the live generation: after a rebuild it goes over to the new one by itself.
 */
import { randomUUID } from 'node:crypto';
import type { ChangeStreamDocument, Collection, Db, MongoClient, Timestamp } from 'mongodb';
import type { Logger } from 'pino';
import type {
  Change,
  Doc,
  Filter,
  Find,
  Group,
  GroupSums,
  Move,
  ViewSpec,
  ViewStore,
  ViewTransaction,
} from '../view-store.ts';
import { ChangeFeed, clusterTime } from './change-feed.ts';
import {
  type ConnectOptions,
  clientOf,
  DEFAULT_TIMEOUT_MS,
  databaseOf,
  ensureCollections,
  ensureMeta,
  type MetaDoc,
  metaOf,
  positionsOf,
  readMeta,
  viewOf,
} from './collections.ts';
import { answerWithin, orUnavailable } from './outage.ts';
import { counted, documentsByIds, grouped, searched } from './reads.ts';
import { StepTransaction } from './step-transaction.ts';
import { transact } from './transact.ts';

export interface MongoViewsOptions extends ConnectOptions {
  readonly views: readonly ViewSpec[];
  /** Told of lost connections and of switches between generations. */
  readonly logger?: Pick<Logger, 'info' | 'warn'>;
  /** How long a step is tried before `ViewsUnavailable`. Default six times `timeoutMs`. */
  readonly stepTimeoutMs?: number;
  /** What this program's documents look like; written down when the database is new. See `liveShape`. Default ''. */
  readonly shape?: string;
  /** Stay with this generation, which a rebuild is writing, instead of following the live one. */
  readonly generation?: number;
}

/** This generation is not the live one, nor is its rebuild under way any more: another one has taken its place. */
export class GenerationLost extends Error {
  override readonly name = 'GenerationLost';
}

export interface MongoViewStore extends ViewStore {
  /** The generation that is read and written now. */
  generation(): number;
  /** The shape that the live generation was built for: when it is not this program's, the views should be rebuilt. */
  liveShape(): Promise<string>;
}

/** @throws {ViewsUnavailable} when MongoDB is out of reach; try again then. */
export async function openMongoViews(options: MongoViewsOptions): Promise<MongoViewStore> {
  const client = clientOf(options);
  const db = databaseOf(client, options);
  try {
    const start = await answerWithin(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, async () => {
      const { generation } = await ensureMeta(db, options.shape ?? '');
      return { generation, at: await clusterTime(db, options.timeoutMs ?? DEFAULT_TIMEOUT_MS) };
    });
    const generation = options.generation ?? start.generation;
    // May take long, when it is an index on a large view; a lost connection ends it.
    await ensureCollections(db, generation, options.views);
    return new MongoStore(client, db, options, generation, start.at);
  } catch (error) {
    await client.close().catch(() => {});
    throw orUnavailable(error);
  }
}

interface Watcher {
  readonly views: ReadonlySet<string>;
  /** Changes up to this time were committed before it began to watch. */
  readonly since: Timestamp;
  readonly onChange: (change: Change) => void;
  readonly onGap: () => void;
}

class MongoStore implements MongoViewStore {
  readonly shared = true;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #options: MongoViewsOptions;
  readonly #timeoutMs: number;
  readonly #names: ReadonlySet<string>;
  readonly #pinned: boolean;
  readonly #feeds = new Map<string, ChangeFeed<Doc>>();
  readonly #watchers = new Set<Watcher>();
  readonly #metaFeed: ChangeFeed<MetaDoc> | undefined;
  #generation: number;
  #closed = false;

  constructor(client: MongoClient, db: Db, options: MongoViewsOptions, generation: number, since: Timestamp) {
    this.#client = client;
    this.#db = db;
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#names = new Set(options.views.map(({ name }) => name));
    this.#generation = generation;
    this.#pinned = options.generation !== undefined;
    if (this.#pinned) return;
    const check = () => void this.#followLive().catch((error) => this.#trouble(error));
    this.#metaFeed = ChangeFeed.since<MetaDoc>(since, {
      db,
      timeoutMs: this.#timeoutMs,
      collection: () => metaOf(db),
      onEvent: check,
      onGap: check,
      onTrouble: (error) => this.#trouble(error),
    });
  }

  generation(): number {
    return this.#generation;
  }

  async liveShape(): Promise<string> {
    return (await this.#ask(() => ensureMeta(this.#db, this.#options.shape ?? ''))).shape;
  }

  /**
   * `'refused'` is also the answer when another generation has become live, or the database was deleted: positions must
   * be read again in any case. A step whose commit went unanswered finds out whether it was applied and says so, unless
   * another one has moved the same positions on since; then it says `'refused'`, having been applied.
   */
  async step(moves: readonly Move[], run: (tx: ViewTransaction) => Promise<void>): Promise<'applied' | 'refused'> {
    const step = randomUUID();
    const generation = this.#generation;
    const ids = moves.map(({ topic, partition }) => positionId(topic, partition));
    let outcome: 'applied' | 'refused' | 'not live' = 'refused';
    await transact(this.#client, this.#options.stepTimeoutMs ?? 6 * this.#timeoutMs, async (session) => {
      outcome = 'refused';
      const meta = await metaOf(this.#db).findOne({ _id: 'live' }, { session });
      if (!this.#mayWrite(generation, meta)) {
        outcome = 'not live';
        return 'abort';
      }
      const positions = positionsOf(this.#db, generation);
      const stored = await positions.find({ _id: { $in: ids } }, { session }).toArray();
      if (moves.length > 0 && stored.length === moves.length && stored.every((position) => position.step === step)) {
        // The commit of an earlier round got through after all.
        outcome = 'applied';
        return 'abort';
      }
      const nextOf = new Map(stored.map(({ _id, next }) => [_id, next]));
      if (moves.some((move, i) => (nextOf.get(ids[i] ?? '') ?? 0) !== move.from)) return 'abort';
      const tx = new StepTransaction(session, (view) => this.#view(view, generation));
      await run(tx);
      await tx.flush();
      if (moves.length > 0) {
        const operations = moves.map(({ next }, i) => {
          const _id = ids[i] ?? '';
          return { replaceOne: { filter: { _id }, replacement: { _id, next, step }, upsert: true } };
        });
        await positions.bulkWrite(operations, { session });
      }
      outcome = 'applied';
      return 'commit';
    });
    if (outcome !== ('not live' as string)) return outcome;
    if (this.#pinned) {
      throw new GenerationLost(
        `generation ${generation} of the views is neither live nor being rebuilt by this process`,
      );
    }
    await this.#ask(() => this.#followLive());
    return 'refused';
  }

  #mayWrite(generation: number, meta: MetaDoc | null): boolean {
    return meta?.generation === generation || (this.#pinned && meta?.rebuild?.generation === generation);
  }

  async position(topic: string, partition: number): Promise<number> {
    const _id = positionId(topic, partition);
    const found = await this.#ask(() => positionsOf(this.#db, this.#generation).findOne({ _id }, this.#limits));
    return found?.next ?? 0;
  }

  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#ask(() => documentsByIds<D>(this.#view(view), ids, this.#limits));
  }

  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    return this.#ask(() => searched<D>(this.#view(view), find, this.#limits));
  }

  count(view: string, filter: Filter): Promise<number> {
    return this.#ask(() => counted(this.#view(view), filter, this.#limits));
  }

  groups(view: string, sums: GroupSums): Promise<readonly Group[]> {
    return this.#ask(() => grouped(this.#view(view), sums, this.#limits));
  }

  async watch(
    views: readonly string[],
    onChange: (change: Change) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>> {
    for (const view of views) this.#view(view);
    const since = await clusterTime(this.#db, this.#timeoutMs);
    const watcher: Watcher = { views: new Set(views), since, onChange, onGap: onGap ?? (() => {}) };
    this.#watchers.add(watcher);
    for (const view of watcher.views) {
      if (!this.#feeds.has(view)) this.#feeds.set(view, this.#feed(view, since));
    }
    return async () => {
      this.#watchers.delete(watcher);
      for (const view of watcher.views) {
        if (this.#watchersOf(view).length > 0) continue;
        this.#feeds.get(view)?.close();
        this.#feeds.delete(view);
      }
    };
  }

  /** One change stream per view, however many watch it. */
  #feed(view: string, since: Timestamp): ChangeFeed<Doc> {
    return ChangeFeed.since<Doc>(since, {
      db: this.#db,
      timeoutMs: this.#timeoutMs,
      collection: () => this.#view(view),
      onEvent: (event) => this.#deliver(view, event),
      onGap: () => {
        for (const { onGap } of this.#watchersOf(view)) isolated(onGap);
      },
      onTrouble: (error) => this.#trouble(error),
    });
  }

  #deliver(view: string, event: ChangeStreamDocument<Doc>): void {
    let change: Change;
    // Documents are only ever replaced whole, so the events carry them.
    if (event.operationType === 'insert' || event.operationType === 'replace') {
      change = { view, id: event.documentKey._id, doc: event.fullDocument };
    } else if (event.operationType === 'delete') change = { view, id: event.documentKey._id, doc: null };
    else return;
    for (const { since, onChange } of this.#watchersOf(view)) {
      if (event.clusterTime === undefined || event.clusterTime.gt(since)) isolated(() => onChange(change));
    }
  }

  #watchersOf(view: string): readonly Watcher[] {
    return [...this.#watchers].filter((watcher) => watcher.views.has(view));
  }

  /** Goes over to the live generation when it is another one; makes the first again when the database was deleted. */
  async #followLive(): Promise<void> {
    let meta = await readMeta(this.#db);
    if (this.#closed) return;
    if (meta === null) {
      meta = await ensureMeta(this.#db, this.#options.shape ?? '');
      await ensureCollections(this.#db, meta.generation, this.#options.views);
    }
    if (meta.generation === this.#generation) return;
    this.#options.logger?.info(
      { from: this.#generation, to: meta.generation },
      'another generation of the views is live',
    );
    this.#generation = meta.generation;
    for (const feed of this.#feeds.values()) feed.restart();
  }

  async ping(): Promise<void> {
    await this.#ask(() => this.#db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#metaFeed?.close();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#watchers.clear();
    await this.#client.close();
  }

  get #limits() {
    return { maxTimeMS: this.#timeoutMs };
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    return answerWithin(this.#timeoutMs, async () => question());
  }

  #view(name: string, generation = this.#generation): Collection<Doc> {
    if (!this.#names.has(name))
      throw new RangeError(`no view is named ${name}; there are ${[...this.#names].join(', ')}`);
    return viewOf(this.#db, name, generation);
  }

  #trouble(error: unknown): void {
    if (this.#closed) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.logger?.warn({ reason }, 'the views’ change stream was interrupted; trying again');
  }
}

function positionId(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** A watcher's failure is its own: the feed goes on, and the others must still be told. */
function isolated(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
