/**
 * Rebuilding the views beside the live ones. A rebuild takes a lease and a new generation's number in one update, fills
 * that generation from the log, and makes it live in one update; whoever has the store open goes over to it.
 *
 * Killed between any two of these, a rebuild leaves the live generation untouched: its lease runs out, and what it has left
 * half built is dropped by the next rebuild, or by any process that has the store open.
 */
import type { Db, MongoClient } from 'mongodb';
import type { ViewStore } from '../view-store.ts';
import { orMisconfigured } from './access.ts';
import {
  clientOf,
  DEFAULT_TIMEOUT_MS,
  databaseOf,
  ensureMeta,
  type MetaDoc,
  metaOf,
  readMeta,
  unusedGeneration,
} from './collections.ts';
import { GenerationLost, type MongoViewsOptions, openMongoViews } from './mongo-views.ts';
import { answerWithin, orUnavailable } from './outage.ts';
import { dropUnused, GRACE_MS } from './unused-generations.ts';

export interface RebuildOptions extends Omit<MongoViewsOptions, 'generation'> {
  /** Who rebuilds, for people: told to whoever would do so at the same time. */
  readonly owner: string;
  /** The lease's duration in ms: without a renewal (heartbeat) for so long a rebuild counts as dead. Default 30,000. */
  readonly leaseMs?: number;
}

export interface RebuildUnderWay {
  readonly outcome: 'busy';
  readonly owner: string;
  readonly generation: number;
  readonly expiresAt: Date;
}

export interface NextGeneration {
  readonly outcome: 'opened';
  readonly generation: number;
  /** Writes into the next generation. Its steps throw `GenerationLost` once the lease is another's. */
  readonly views: ViewStore;
  /** Aborted, with a `GenerationLost`, when the lease was lost: stop then. */
  readonly lost: AbortSignal;
  /**
   * Makes this generation the live one and ends the lease, in one update; calling again does nothing. Processors of the
   * views go on from this generation's positions. @throws {GenerationLost} when another rebuild has taken over.
   */
  switchOver(): Promise<void>;
  /** Gives up: ends the lease and drops what was built. Does nothing to a generation that is live. */
  abandon(): Promise<void>;
  /** Lets go of the connection. Without `switchOver` or `abandon` before, this is as if the process had died. */
  close(): Promise<void>;
}

/**
 * Begins a rebuild, unless one is under way. Drops first what dead rebuilds left.
 * @throws {ViewsUnavailable}
 */
export async function openNextGeneration(options: RebuildOptions): Promise<NextGeneration | RebuildUnderWay> {
  const { owner, leaseMs = 30_000, shape = '' } = options;
  return connected(options, async (client, db) => {
    await ensureMeta(db, shape, 'the views have not been built from the log yet');
    const meta = await takeLease(db, owner, shape, leaseMs);
    if (meta === undefined) {
      const { rebuild } = await ensureMeta(db, shape);
      if (rebuild === null) throw new GenerationLost('another rebuild has just ended; try again');
      return { outcome: 'busy', owner: rebuild.owner, generation: rebuild.generation, expiresAt: rebuild.expiresAt };
    }
    const lease = new LeaseKeeper(db, meta, leaseMs);
    try {
      await dropUnused(db, GRACE_MS);
      const views = await openMongoViews({ ...options, generation: meta.newest });
      return nextGeneration(client, db, meta, views, lease);
    } catch (error) {
      lease.stop();
      throw error;
    }
  });
}

/**
 * Drops generations that are of no use: half-built ones of dead rebuilds, and those that were live until more than
 * `graceMs` ago, which leaves readers time to notice the switch. Safe at any time, from any process.
 * @returns the numbers of those dropped. @throws {ViewsUnavailable}
 */
export async function dropOldGenerations(
  options: Pick<MongoViewsOptions, 'url' | 'database' | 'timeoutMs'>,
  graceMs: number,
): Promise<readonly number[]> {
  const client = clientOf(options);
  try {
    return await dropUnused(databaseOf(client, options), graceMs);
  } catch (error) {
    throw orUnavailable(error);
  } finally {
    await client.close();
  }
}

async function connected<T extends { readonly outcome: 'opened' | 'busy' }>(
  options: RebuildOptions,
  use: (client: MongoClient, db: Db) => Promise<T>,
): Promise<T> {
  const client = clientOf(options);
  let keep = false;
  try {
    const result = await orMisconfigured(client, () => use(client, databaseOf(client, options)));
    keep = result.outcome === 'opened';
    return result;
  } catch (error) {
    throw orUnavailable(error);
  } finally {
    if (!keep) await client.close().catch(() => {});
  }
}

function nextGeneration(
  client: MongoClient,
  db: Db,
  meta: MetaDoc,
  views: ViewStore,
  lease: LeaseKeeper,
): NextGeneration {
  const { newest: generation } = meta;
  const ours = leased(meta);
  return {
    outcome: 'opened',
    generation,
    views,
    lost: lease.lost,
    async switchOver() {
      const live = { generation, shape: '$rebuild.shape', switchedAt: '$$NOW', rebuild: null, filling: null };
      const { matchedCount } = await answered(() => metaOf(db).updateOne(ours, [{ $set: live }]));
      if (matchedCount === 0 && !isLive(meta, await answered(() => readMeta(db)))) {
        throw new GenerationLost(`generation ${generation} was not made live: another rebuild has taken over`);
      }
      lease.stop();
    },
    async abandon() {
      lease.stop();
      await answered(() => metaOf(db).updateOne(ours, { $set: { rebuild: null } }));
      await answered(() => dropUnused(db, Number.POSITIVE_INFINITY));
    },
    async close() {
      lease.stop();
      await views.close();
      await client.close();
    },
  };
}

async function answered<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw orUnavailable(error);
  }
}

/** Takes the lease, if it is free or has run out, together with a number never used before. By the server's clock. */
async function takeLease(db: Db, owner: string, shape: string, leaseMs: number): Promise<MetaDoc | undefined> {
  const free = { $or: [{ $eq: ['$rebuild', null] }, { $lte: ['$rebuild.expiresAt', '$$NOW'] }] };
  const generation = await unusedGeneration(db);
  const rebuild = { generation, owner: { $literal: owner }, shape: { $literal: shape }, expiresAt: expiry(leaseMs) };
  const taken = await metaOf(db).findOneAndUpdate(
    { _id: 'live', $expr: free },
    [{ $set: { newest: generation, rebuild } }],
    { returnDocument: 'after' },
  );
  return taken ?? undefined;
}

/** Matches while the lease is the one that was taken. A database begun again gives the same numbers to others. */
function leased({ newest, born }: MetaDoc) {
  return { _id: 'live', 'rebuild.generation': newest, born: born ?? null } as const;
}

/** Whether what was rebuilt under that lease is live now. */
function isLive(taken: MetaDoc, now: MetaDoc | null): boolean {
  return now !== null && now.generation === taken.newest && (now.born ?? null) === (taken.born ?? null);
}

function expiry(leaseMs: number) {
  return { $add: ['$$NOW', leaseMs] };
}

/** Renews the lease until stopped. One that ran out while nobody wanted it is simply renewed. */
class LeaseKeeper {
  readonly #db: Db;
  readonly #taken: MetaDoc;
  readonly #leaseMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #lost = new AbortController();

  constructor(db: Db, taken: MetaDoc, leaseMs: number) {
    this.#db = db;
    this.#taken = taken;
    this.#leaseMs = leaseMs;
    this.#timer = setInterval(() => void this.#renew(), leaseMs / 3);
    this.#timer.unref();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    try {
      const { matchedCount } = await answerWithin(Math.max(this.#leaseMs, DEFAULT_TIMEOUT_MS), () =>
        metaOf(this.#db).updateOne(leased(this.#taken), [{ $set: { 'rebuild.expiresAt': expiry(this.#leaseMs) } }]),
      );
      if (matchedCount > 0) return;
      if (isLive(this.#taken, await readMeta(this.#db))) return;
      this.stop();
      this.#lost.abort(new GenerationLost(`another rebuild has taken over from generation ${this.#taken.newest}`));
    } catch {
      // Out of reach: the next renewal may succeed. Until then each step checks by itself whose the lease is (fencing).
    }
  }
}
