/**
 * The view store that many processes share: documents in MongoDB, steps as multi-document transactions, watching by
 * change streams. It follows the live generation: after a rebuild it goes over to the new one by itself.
 */
import type { Collection, Db, MongoClient, Timestamp } from 'mongodb';
import type { Logger } from 'pino';
import { isolated } from '../isolated.ts';
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
  type ViewStep,
  type ViewStore,
  type ViewsHealth,
  ViewsIncomplete,
} from '../view-store.ts';
import { orMisconfigured } from './access.ts';
import { applyStep } from './apply-step.ts';
import { clusterTime } from './change-feed.ts';
import {
  type ConnectOptions,
  clientOf,
  DEFAULT_TIMEOUT_MS,
  databaseOf,
  ensureCollections,
  ensureMeta,
  type MetaDoc,
  readMeta,
  viewOf,
} from './collections.ts';
import { groupsKept, type Kept, keptOf } from './kept-totals.ts';
import { LiveGeneration } from './live-generation.ts';
import { answerWithin, orUnavailable } from './outage.ts';
import { counted, documentsByIds, grouped, searched, storedPositions } from './reads.ts';
import { Watchers } from './watchers.ts';

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

const NOT_BUILT = 'the views have not been built from the log yet';

/**
 * @throws {ViewsMisconfigured} when MongoDB refuses this process; {ViewsUnavailable} when it is out of reach: try again then
 */
export async function openMongoViews(options: MongoViewsOptions): Promise<MongoViewStore> {
  const client = clientOf(options);
  const db = databaseOf(client, options);
  try {
    const { shape = '', timeoutMs = DEFAULT_TIMEOUT_MS, fill, views, generation } = options;
    const first = async () => {
      const isNew = (await readMeta(db)) === null;
      const meta = await ensureMeta(db, shape, fill ? NOT_BUILT : null);
      return { isNew, meta, at: await clusterTime(db, timeoutMs) };
    };
    const start = await answerWithin(timeoutMs, () => orMisconfigured(client, first));
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

class MongoStore implements MongoViewStore {
  readonly shared = true;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #options: MongoViewsOptions;
  readonly #timeoutMs: number;
  readonly #names: ReadonlySet<string>;
  /** The views whose totals are kept. */
  readonly #kept: ReadonlyMap<string, Kept>;
  /** Absent in a store that stays with one generation. */
  readonly #live: LiveGeneration | undefined;
  readonly #pinned: number;
  readonly #moved = new Set<() => void>();
  readonly #watchers: Watchers;
  #closed = false;

  constructor(client: MongoClient, db: Db, options: MongoViewsOptions, meta: MetaDoc, since: Timestamp) {
    this.#client = client;
    this.#db = db;
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#names = new Set(options.views.map(({ name }) => name));
    this.#kept = new Map(options.views.flatMap((view) => keptOf(view) ?? []).map((kept) => [kept.view, kept]));
    this.#pinned = options.generation ?? 0;
    this.#watchers = new Watchers({
      db,
      timeoutMs: this.#timeoutMs,
      collection: (view) => this.#view(view),
      readable: () => this.#live?.incomplete === undefined,
      onTrouble: (error) => this.#trouble(error),
    });
    if (options.generation !== undefined) return;
    const { views, shape = '', checkEveryMs, graceMs, logger } = options;
    this.#live = new LiveGeneration(
      {
        ...{ db, views, shape, checkEveryMs, graceMs, timeoutMs: this.#timeoutMs },
        onMoved: (from, to) => {
          logger?.info({ from, to }, 'another generation of the views is live');
          this.#watchers.restart();
          for (const callback of [...this.#moved]) isolated(callback);
        },
        onFilled: () => this.#watchers.gap(),
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
    const { shape = '', fill } = this.#options;
    return (await this.#ask(() => ensureMeta(this.#db, shape, fill ? NOT_BUILT : null))).shape;
  }

  /**
   * `'refused'` is also the answer when another generation has become live, or the database was deleted: positions must
   * be read again in any case. See `applyStep`.
   */
  async step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'> {
    const generation = this.generation();
    const born = this.#live?.born ?? null;
    const target = {
      client: this.#client,
      db: this.#db,
      generation,
      timeoutMs: this.#options.stepTimeoutMs ?? 6 * this.#timeoutMs,
      mayWrite: (meta: MetaDoc | null) => this.#mayWrite(generation, born, meta),
      collection: (view: string) => this.#view(view, generation),
      kept: [...this.#kept.values()],
    };
    const outcome = await applyStep(target, moves, run);
    if (outcome !== 'not live') return outcome;
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
    return this.#ask(() => storedPositions(this.#db, this.generation(), places, this.#limits));
  }

  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#read(() => documentsByIds<D>(this.#view(view), ids, this.#limits));
  }

  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    return this.#read(() => searched<D>(this.#view(view), find, this.#limits));
  }

  count(view: string, filter: Filter): Promise<number> {
    return this.#read(async () => {
      const collection = this.#view(view);
      const kept = await this.#keptGroups(view, { filter, by: null, sums: [] });
      return kept === undefined ? await counted(collection, filter, this.#limits) : (kept[0]?.count ?? 0);
    });
  }

  groups(view: string, sums: GroupSums): Promise<readonly Group[]> {
    return this.#read(async () => {
      const collection = this.#view(view);
      return (await this.#keptGroups(view, sums)) ?? (await grouped(collection, sums, this.#limits));
    });
  }

  #keptGroups(view: string, question: GroupSums): Promise<readonly Group[] | undefined> {
    return groupsKept(this.#db, this.generation(), this.#kept.get(view), question, this.#limits);
  }

  async watch(
    views: readonly string[],
    onChange: (change: Change) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>> {
    for (const view of views) this.#view(view);
    const since = await clusterTime(this.#db, this.#timeoutMs);
    const end = this.#watchers.add(views, since, onChange, onGap ?? (() => {}));
    return async () => end();
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
    const stored = await this.#ask(() => storedPositions(this.#db, number, positions, this.#limits));
    if (positions.some(({ offset }, i) => (stored[i] ?? 0) < offset)) return false;
    await this.#ask(() => live.filled(number, born));
    return live.incomplete === undefined;
  }

  async ping(): Promise<void> {
    await this.#ask(() => this.#db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#live?.close();
    this.#watchers.close();
    this.#moved.clear();
    await this.#client.close();
  }

  get #limits() {
    return { maxTimeMS: this.#timeoutMs };
  }

  async #read<T>(question: () => Promise<T>): Promise<T> {
    const incomplete = this.#live?.incomplete;
    if (incomplete !== undefined) throw new ViewsIncomplete(incomplete);
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
