/** The documents of a database, written again by the driver alone: what building views could be at most. */
import type { Collection, Document, IndexDescription, MongoClient } from 'mongodb';

const AT_ONCE = 1000;
const DURABLE = { w: 'majority', j: true } as const;

interface Copied {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly indexes: readonly IndexDescription[];
}

export async function readDatabase(client: MongoClient, database: string): Promise<readonly Copied[]> {
  const collections = await client.db(database).collections();
  return await Promise.all(
    collections.map(async (collection) => ({
      name: collection.collectionName,
      documents: await collection.find().toArray(),
      indexes: await indexesOf(collection),
    })),
  );
}

async function indexesOf(collection: Collection): Promise<readonly IndexDescription[]> {
  const indexes = await collection.listIndexes().toArray();
  return indexes.filter(({ name }) => name !== '_id_').map(({ key, name }) => ({ key, name }));
}

/** Into a database that is empty, in the order of the collections. @returns ms, without the making of the indexes */
export async function writeDatabase(client: MongoClient, database: string, all: readonly Copied[]): Promise<number> {
  const db = client.db(database);
  for (const { name, indexes } of all) {
    const collection = await db.createCollection(name);
    if (indexes.length > 0) await collection.createIndexes([...indexes]);
  }
  const began = performance.now();
  for (const { name, documents } of all) {
    for (let at = 0; at < documents.length; at += AT_ONCE) {
      const writes = documents.slice(at, at + AT_ONCE).map((document) => ({
        replaceOne: { filter: { _id: document['_id'] }, replacement: document, upsert: true },
      }));
      await db.collection(name).bulkWrite(writes, { ordered: false, writeConcern: DURABLE });
    }
  }
  return performance.now() - began;
}
