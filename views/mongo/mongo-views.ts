/**
 * The view store that many processes share: documents in MongoDB, steps as multi-document transactions, watching by
 * change streams. It follows the live generation: after a rebuild it goes over to the new one by itself.
 */
import { randomUUID } from 'node:crypto';
import type { ChangeStreamDocument, Collection, Db, MongoClient, Timestamp } from 'mongodb';
import type { Logger } from 'pino';
import {
  type Change,
  type Doc,
  type Filter,
  type Find,
  type Group,
  type GroupSums,
  type Move,
  type Place,
  type StoredPosition,
  type ViewSpec,
  type ViewStore,
  type ViewsHealth,
  ViewsUnavailable,
  type ViewTransaction,
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
import { LiveGeneration } from './live-generation.ts';
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
  /** true: a new database is incomplete, and not read, until a projector has filled it. Default false. */
  readonly fill?: boolean;
  /** How often it is checked that what is stored is still there, in ms. Default 2000. */
  readonly checkEveryMs?: number;
  /** How long generations that were live are kept, in ms: readers in other processes have to notice the switch. Default 60,000. */
  readonly graceMs?: number;
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
    const { shape = '', timeoutMs = DEFAULT_TIMEOUT_MS, fill, views, generation } = options;
    const start = await answerWithin(timeoutMs, async () => {
      const isNew = (await readMeta(db)) === null;
      const meta = await ensureMeta(db, shape, fill ? 'the views have not been built from the log yet' : null);
      return { isNew, meta, at: await clusterTime(db, timeoutMs) };
    });
    if (generation !== undefined) {
      await ensureCollections(db, generation, views);
      return new MongoStore(client, db, options, start.meta, start.at);
    }
    const store = new MongoStore(client, db, options, start.meta, start.at);
    try {
      // Collections that have gone while nobody looked; those of another shape are rebuilt as a whole anyway.
      const complete = !start.isNew && !start.meta.filling && start.meta.shape === shape;
      if (complete) await answerWithin(timeoutMs, () => store.checkCollections());
      // May take long, when it is an index on a large view; a lost connection ends it.
      await ensureCollections(db, store.generation(), views);
      await answerWithin(timeoutMs, () => store.begin());
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
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
  /** Absent in a store that stays with one generation. */
  readonly #live: LiveGeneration | undefined;
  readonly #pinned: number;
  readonly #moved = new Set<() => void>();
  readonly #feeds = new Map<string, ChangeFeed<Doc>>();
  readonly #watchers = new Set<Watcher>();
  #closed = false;

  constructor(client: MongoClient, db: Db, options: MongoViewsOptions, meta: MetaDoc, since: Timestamp) {
    this.#client = client;
    this.#db = db;
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#names = new Set(options.views.map(({ name }) => name));
    this.#pinned = options.generation ?? 0;
    if (options.generation !== undefined) return;
    const { views, shape = '', checkEveryMs, graceMs, logger } = options;
    this.#live = new LiveGeneration(
      {
        ...{ db, views, shape, checkEveryMs, graceMs, timeoutMs: this.#timeoutMs },
        onMoved: (from, to) => {
          logger?.info({ from, to }, 'another generation of the views is live');
          for (const feed of this.#feeds.values()) feed.restart();
          for (const callback of [...this.#moved]) isolated(callback);
        },
        onLost: (reason) => logger?.warn({ reason }, 'the views are lost: they are built again from the log'),
        onTrouble: (error) => this.#trouble(error),
      },
      meta,
      since,
    );
  }

  generation(): number {
    return this.#live?.number ?? this.#pinned;
  }

  /** Begins to check now and then that what is stored is still there. */
  async begin(): Promise<void> {
    await this.#live?.begin();
  }

  async checkCollections(): Promise<void> {
    await this.#live?.checkCollections();
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
    const generation = this.generation();
    const born = this.#live?.born ?? null;
    const ids = moves.map(({ topic, partition }) => positionId(topic, partition));
    let outcome: 'applied' | 'refused' | 'not live' = 'refused';
    await transact(this.#client, this.#options.stepTimeoutMs ?? 6 * this.#timeoutMs, async (session) => {
      outcome = 'refused';
      const meta = await metaOf(this.#db).findOne({ _id: 'live' }, { session });
      if (!this.#mayWrite(generation, born, meta)) {
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
    const live = this.#live;
    if (live === undefined) {
      throw new GenerationLost(
        `generation ${generation} of the views is neither live nor being rebuilt by this process`,
      );
    }
    await this.#ask(() => live.look());
    return 'refused';
  }

  #mayWrite(generation: number, born: string | null, meta: MetaDoc | null): boolean {
    if (this.#live !== undefined) return meta?.generation === generation && (meta.born ?? null) === born;
    return meta?.generation === generation || meta?.rebuild?.generation === generation;
  }

  async position(topic: string, partition: number): Promise<number> {
    const [position] = await this.positions([{ topic, partition }]);
    return position ?? 0;
  }

  async positions(places: readonly Place[]): Promise<readonly number[]> {
    const ids = places.map(({ topic, partition }) => positionId(topic, partition));
    const stored = () => positionsOf(this.#db, this.generation()).find({ _id: { $in: ids } }, this.#limits);
    const found = await this.#ask(() => stored().toArray());
    const next = new Map(found.map((each) => [each._id, each.next]));
    return ids.map((id) => next.get(id) ?? 0);
  }

  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#read(() => documentsByIds<D>(this.#view(view), ids, this.#limits));
  }

  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    return this.#read(() => searched<D>(this.#view(view), find, this.#limits));
  }

  count(view: string, filter: Filter): Promise<number> {
    return this.#read(() => counted(this.#view(view), filter, this.#limits));
  }

  groups(view: string, sums: GroupSums): Promise<readonly Group[]> {
    return this.#read(() => grouped(this.#view(view), sums, this.#limits));
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

  health(): ViewsHealth {
    return this.#live?.health() ?? { state: 'running' };
  }

  onMoved(callback: () => void): () => void {
    this.#moved.add(callback);
    return () => this.#moved.delete(callback);
  }

  async filling(reason: string): Promise<void> {
    const live = this.#live;
    if (live !== undefined) await this.#ask(() => live.filling(reason));
  }

  async filled(positions: readonly StoredPosition[]): Promise<boolean> {
    const live = this.#live;
    if (live?.incomplete === undefined) return true;
    const { number, born } = live;
    const stored = await this.#ask(() => positionsOf(this.#db, number).find({}, this.#limits).toArray());
    const nextOf = new Map(stored.map(({ _id, next }) => [_id, next]));
    const reached = ({ topic, partition, offset }: StoredPosition) =>
      (nextOf.get(positionId(topic, partition)) ?? 0) >= offset;
    if (!positions.every(reached)) return false;
    await this.#ask(() => live.filled(number, born));
    return live.incomplete === undefined;
  }

  async ping(): Promise<void> {
    await this.#ask(() => this.#db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#live?.close();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#watchers.clear();
    this.#moved.clear();
    await this.#client.close();
  }

  get #limits() {
    return { maxTimeMS: this.#timeoutMs };
  }

  async #read<T>(question: () => Promise<T>): Promise<T> {
    const incomplete = this.#live?.incomplete;
    if (incomplete !== undefined) throw new ViewsUnavailable(incomplete);
    return this.#ask(question);
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    return answerWithin(this.#timeoutMs, async () => question());
  }

  #view(name: string, generation = this.generation()): Collection<Doc> {
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
