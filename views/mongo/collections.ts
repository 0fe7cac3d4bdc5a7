/**
 * What stands in the database. Views live in generations, so that a rebuild can write beside the live one:
 * `<view>_g<n>` the documents, `totals_g<n>` what is kept of them, `positions_g<n>` how far the log has been followed, and one document in `meta` that says
 * which generation is live and whether a rebuild is under way. Every transition is one atomic update of that document.
 */
import { randomUUID } from 'node:crypto';
import {
  type Collection,
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
} from 'mongodb';
import { type Doc, type ViewSpec, ViewsMisconfigured } from '../view-store.ts';
import { reasonOf } from './access.ts';
import { isDuplicateKey } from './outage.ts';

const DEFAULT_DATABASE = 'counterfoil';
export const DEFAULT_TIMEOUT_MS = 5000;

/** How many documents each view has gained; negative: lost. */
export type Gains = Readonly<Record<string, number>>;

export interface PositionDoc {
  /** `topic/partition` */
  readonly _id: string;
  readonly next: number;
  /** The step that wrote it: a step whose commit went unanswered knows itself by this. */
  readonly step: string;
  /** What the steps from here have added, see `document-counts.ts`. Absent when a version wrote it that did not count. */
  readonly docs?: Gains | undefined;
  /** Whether all its steps have kept totals, see `kept-totals.ts`. */
  readonly totals?: true | undefined;
}

export interface Lease {
  readonly generation: number;
  readonly owner: string;
  readonly shape: string;
  readonly expiresAt: Date;
}

export interface MetaDoc {
  readonly _id: 'live';
  readonly generation: number;
  /** What the documents of the live generation look like; see `shape` of the options. */
  readonly shape: string;
  readonly switchedAt: Date;
  /** The highest number given to a generation: none is used twice, so that a late writer cannot hit another's. */
  readonly newest: number;
  readonly rebuild: Lease | null;
  /** Differs in a database that was deleted and begun again: its generations are others, under the same numbers. */
  readonly born?: string | null;
  /** Why the live generation is not complete; null or missing: it is. */
  readonly filling?: string | null;
}

export interface ConnectOptions {
  readonly url: string;
  /** Who signs in, when the URL does not say so. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Default: the one in the URL, or `counterfoil`. */
  readonly database?: string;
  /** How long a read, or the search for a server, may take before `ViewsUnavailable`. Default 5000. */
  readonly timeoutMs?: number;
}

/** @throws {ViewsMisconfigured} when the driver does not know what the URL says */
export function clientOf({ url, user, timeoutMs = DEFAULT_TIMEOUT_MS }: ConnectOptions): MongoClient {
  const options: MongoClientOptions = {
    appName: 'counterfoil',
    ...(user === undefined ? {} : { auth: user }),
    ignoreUndefined: true,
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    // Longer than callers wait, because a large step may take its time; without it a stopped server holds sockets for ever.
    socketTimeoutMS: 2 * timeoutMs,
  };
  try {
    return new MongoClient(url, options);
  } catch (error) {
    throw new ViewsMisconfigured(`MONGODB_URL cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

/** The database named by the options or by the URL's path. */
export function databaseOf(client: MongoClient, { url, database }: ConnectOptions): Db {
  const inUrl = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return client.db(database ?? (inUrl === undefined ? DEFAULT_DATABASE : decodeURIComponent(inUrl)));
}

export function metaOf(db: Db): Collection<MetaDoc> {
  return db.collection<MetaDoc>('meta');
}

export function positionsOf(db: Db, generation: number): Collection<PositionDoc> {
  return db.collection<PositionDoc>(`positions_g${generation}`);
}

/** Of the collection that `kept-totals.ts` writes. */
export function totalsName(generation: number): string {
  return `totals_g${generation}`;
}

export function viewOf(db: Db, view: string, generation: number): Collection<Doc> {
  return db.collection<Doc>(`${view}_g${generation}`);
}

export async function readMeta(db: Db): Promise<MetaDoc | null> {
  return metaOf(db).findOne({ _id: 'live' });
}

/**
 * The meta document. Made when there is none, with a live generation that never was: in a new or a deleted database, and
 * where `meta` alone was deleted. Nobody knows then which of the generations that are left was live or whole, or what shape
 * it has, so none of them is used again; processes that still have one open may finish their steps in it, and harm nothing.
 * @param filling why the live generation is not complete, if it is made here; null: in a new database it counts as complete
 */
export async function ensureMeta(db: Db, shape: string, filling: string | null = null): Promise<MetaDoc> {
  for (;;) {
    const meta = await readMeta(db);
    if (meta !== null) return meta;
    const highest = await highestGeneration(db);
    const generation = highest + 1;
    const first: MetaDoc = {
      ...{ _id: 'live', generation, shape, switchedAt: new Date(), newest: generation, rebuild: null },
      ...{ born: randomUUID(), filling: filling ?? (highest === 0 ? null : META_DELETED) },
    };
    await metaOf(db)
      .insertOne(first)
      .catch((error: unknown) => {
        // Another process was first: its document is the one.
        if (!isDuplicateKey(error)) throw error;
      });
  }
}

const META_DELETED = 'which views are live was deleted: the views are being built again from the log';

/** The highest number that any collection has; 0: none. */
async function highestGeneration(db: Db): Promise<number> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  return Math.max(0, ...byGeneration(collections.map(({ name }) => name)).keys());
}

/**
 * An expression for an update of the meta document: a generation's number that was never used, also where the document is an
 * old one that was put back, and knows less than there is.
 */
export async function unusedGeneration(db: Db): Promise<Document> {
  return { $add: [{ $max: ['$newest', await highestGeneration(db)] }, 1] };
}

/** Creates what is missing of a generation's collections and indexes. */
export async function ensureCollections(db: Db, generation: number, views: readonly ViewSpec[]): Promise<void> {
  await ensureCollection(db, positionsOf(db, generation).collectionName);
  await ensureCollection(db, totalsName(generation));
  for (const { name, indexes } of views) {
    const collection = viewOf(db, name, generation);
    await ensureCollection(db, collection.collectionName);
    if (indexes.length === 0) continue;
    // With `_id` last an index gives the same order as a sort, which has it last too: pages are read from the index alone.
    const keys = indexes.map((fields) => new Map([...fields, '_id'].map((field) => [field, 1] as const)));
    await collection.createIndexes(keys.map((key) => ({ key })));
  }
}

const NAMESPACE_EXISTS = 48;

async function ensureCollection(db: Db, name: string): Promise<void> {
  await db.createCollection(name).catch((error: unknown) => {
    if (!(error instanceof MongoServerError && error.code === NAMESPACE_EXISTS)) throw error;
  });
}

/** Of the document that holds a partition's position. */
export function positionId(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Names of the collections that a generation consists of. */
export function collectionsOf(db: Db, generation: number, views: readonly ViewSpec[]): readonly string[] {
  const stored = views.map(({ name }) => viewOf(db, name, generation));
  const collections = [positionsOf(db, generation), ...stored].map(({ collectionName }) => collectionName);
  return [...collections, totalsName(generation)];
}

/** The server's own ids of all collections, by name: one that was dropped and made again has another. */
export async function collectionIds(db: Db): Promise<ReadonlyMap<string, string>> {
  const collections = await db.listCollections({}, { nameOnly: false }).toArray();
  return new Map(collections.map(({ name, info }) => [name, String(info?.uuid)]));
}

/** The collections of each generation that has any. */
export function byGeneration(names: Iterable<string>): ReadonlyMap<number, readonly string[]> {
  const generations = new Map<number, string[]>();
  for (const name of names) {
    const generation = Number(/_g(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isSafeInteger(generation)) continue;
    generations.set(generation, [...(generations.get(generation) ?? []), name]);
  }
  return generations;
}
