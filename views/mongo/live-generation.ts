/**
 * Keeps to the live generation: goes over to another one when that becomes live, and notices when what is live is lost, be
 * it the database, one collection of it, documents of one, or the data of the whole server. What is lost is begun again in an empty
 * generation that counts as incomplete until projectors have filled it, and is not read until then.
 *
 * News come from a change stream; a check every two seconds finds what a change stream does not tell.
 */
import type { Db, Timestamp } from 'mongodb';
import type { ViewSpec, ViewsHealth } from '../view-store.ts';
import { ChangeFeed } from './change-feed.ts';
import {
  byGeneration,
  collectionIds,
  collectionsOf,
  ensureCollections,
  ensureMeta,
  type MetaDoc,
  metaOf,
  readMeta,
  unusedGeneration,
} from './collections.ts';
import { DocumentCounts } from './document-counts.ts';
import { answerWithin } from './outage.ts';
import { dropUnused, GRACE_MS } from './unused-generations.ts';

export interface LiveGenerationOptions {
  readonly db: Db;
  readonly views: readonly ViewSpec[];
  readonly shape: string;
  readonly timeoutMs: number;
  readonly checkEveryMs?: number | undefined;
  readonly graceMs?: number | undefined;
  /** Another generation is live, or what was live has been begun again. */
  onMoved(from: number, to: number): void;
  /** What is live can be read again. */
  onFilled(): void;
  onLost(reason: string): void;
  onTrouble(error: unknown): void;
}

const CHECK_EVERY_MS = 2000;

export class LiveGeneration {
  readonly #options: LiveGenerationOptions;
  readonly #feed: ChangeFeed<MetaDoc>;
  #timer: NodeJS.Timeout | undefined;
  #generation: number;
  #born: string | null;
  #filling: string | undefined;
  /** The server's ids of the live generation's collections, as they were when it was opened. */
  #ids: ReadonlyMap<string, string> | undefined;
  /** Of the live generation's documents. */
  #counts: DocumentCounts | undefined;
  #sweptAt = performance.now();
  #trouble: string | undefined;
  #looking: Promise<void> | undefined;
  #checking = false;
  #closed = false;

  constructor(options: LiveGenerationOptions, { generation, born, filling }: MetaDoc, since: Timestamp) {
    const { db, timeoutMs } = options;
    this.#options = options;
    this.#generation = generation;
    this.#born = born ?? null;
    this.#filling = filling ?? undefined;
    const look = () => void this.look().catch((error) => options.onTrouble(error));
    this.#feed = ChangeFeed.since<MetaDoc>(since, {
      db,
      timeoutMs,
      collection: () => metaOf(db),
      onEvent: look,
      onGap: look,
      onTrouble: options.onTrouble,
    });
  }

  /**
   * Looks which collections there are, and checks them from then on. Not before the collections have been made; what is
   * lost before the first look, and made anew by others, would be taken for what it was.
   */
  async begin(): Promise<void> {
    await this.checkCollections();
    this.#timer = setInterval(() => void this.#check(), this.#options.checkEveryMs ?? CHECK_EVERY_MS);
    this.#timer.unref();
  }

  get number(): number {
    return this.#generation;
  }

  /** Why it must not be read; undefined: it may. */
  get incomplete(): string | undefined {
    return this.#filling;
  }

  health(): ViewsHealth {
    const detail = this.#trouble ?? this.#filling;
    return detail === undefined ? { state: 'running' } : { state: 'trouble', detail };
  }

  /** Whether this is what the meta document tells of: the same number, in the same database. */
  is(meta: Pick<MetaDoc, 'generation' | 'born'> | null): boolean {
    return meta !== null && meta.generation === this.#generation && (meta.born ?? null) === this.#born;
  }

  /** Looks which generation is live, and goes over to it. */
  look(): Promise<void> {
    // One at a time; a call that comes in between must see what has happened since the last one began.
    const looking: Promise<void> = (this.#looking ?? Promise.resolve()).catch(() => undefined).then(() => this.#look());
    this.#looking = looking;
    return looking;
  }

  /** Nobody reads this generation from now on, until `filled`. */
  async filling(reason: string): Promise<void> {
    await metaOf(this.#options.db).updateOne(this.#itself(), { $set: { filling: reason } });
    await this.look();
  }

  /** Lets it be read, if it is still the live one. */
  async filled(generation: number, born: string | null): Promise<void> {
    await metaOf(this.#options.db).updateOne({ _id: 'live', generation, born }, { $set: { filling: null } });
    await this.look();
  }

  get born(): string | null {
    return this.#born;
  }

  /** Begins the live generation again, empty, when collections of it are missing or are not the ones they were. */
  async checkCollections(): Promise<void> {
    const { db, views, graceMs = GRACE_MS } = this.#options;
    const generation = this.#generation;
    // The collections of a generation that has just begun may not have been created yet.
    if (this.#ids === undefined && this.#filling !== undefined) await ensureCollections(db, generation, views);
    const ids = await collectionIds(db);
    if (generation !== this.#generation || this.#closed) return;
    const own = new Map(
      collectionsOf(db, generation, views).flatMap((name) => {
        const id = ids.get(name);
        return id === undefined ? [] : [[name, id]];
      }),
    );
    const known = this.#ids ?? own;
    const lost = collectionsOf(db, generation, views).filter(
      (name) => !own.has(name) || own.get(name) !== known.get(name),
    );
    if (lost.length > 0) return this.#condemn(`lost from the view database: ${lost.join(', ')}`);
    this.#ids = own;
    await this.#checkDocuments();
    if (byGeneration(ids.keys()).size > 1 && performance.now() - this.#sweptAt > graceMs / 2) {
      this.#sweptAt = performance.now();
      await dropUnused(db, graceMs);
    }
  }

  /** Begins the live generation again, empty, when documents of it were deleted by others. */
  async #checkDocuments(): Promise<void> {
    const { db, views } = this.#options;
    this.#counts ??= new DocumentCounts(
      db,
      this.#generation,
      views.map(({ name }) => name),
    );
    const counts = this.#counts;
    const suspects = await counts.suspects();
    // Not awaited: counting may take long. Its errors are ignored, because the checks meet the same trouble and report it.
    if (suspects.length > 0) void this.#countDocuments(counts, suspects).catch(() => undefined);
  }

  async #countDocuments(counts: DocumentCounts, suspects: readonly string[]): Promise<void> {
    const missing = await counts.missing(suspects);
    if (missing === undefined || counts !== this.#counts || this.#closed) return;
    await this.#condemn(`deleted from the view database by others: ${missing}`);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#feed.close();
  }

  async #look(): Promise<void> {
    const { db, shape, views, onMoved, onFilled, onLost } = this.#options;
    let meta = await readMeta(db);
    if (this.#closed) return;
    if (meta === null) {
      const reason = 'the view database, or `meta` in it, was deleted';
      onLost(reason);
      meta = await ensureMeta(db, shape, `${reason}: the views are being built again from the log`);
    }
    const moved = !this.is(meta);
    // A rebuild has created the collections of the generation it filled.
    if (moved && meta.filling) await ensureCollections(db, meta.generation, views);
    if (this.#closed) return;
    const wasFilling = this.#filling !== undefined;
    this.#filling = meta.filling ?? undefined;
    if (!moved) {
      if (wasFilling && this.#filling === undefined) onFilled();
      return;
    }
    const from = this.#generation;
    this.#generation = meta.generation;
    this.#born = meta.born ?? null;
    this.#ids = undefined;
    this.#counts = undefined;
    onMoved(from, meta.generation);
  }

  async #check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      await answerWithin(2 * this.#options.timeoutMs, async () => {
        await this.look();
        await this.checkCollections();
      });
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    } finally {
      this.#checking = false;
    }
  }

  async #condemn(reason: string): Promise<void> {
    const itself = this.#itself();
    this.#options.onLost(reason);
    const generation = await unusedGeneration(this.#options.db);
    const filling = { $literal: `${reason}; the views are being built again from the log` };
    const empty = {
      generation,
      newest: generation,
      switchedAt: '$$NOW',
      shape: { $literal: this.#options.shape },
      filling,
    };
    await metaOf(this.#options.db).updateOne(itself, [{ $set: empty }]);
    await this.look();
  }

  #itself() {
    return { _id: 'live', generation: this.#generation, born: this.#born } as const;
  }
}
