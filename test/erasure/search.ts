/** Looks for words everywhere: in the bytes of all files, and in all records of all topics as they are read. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { EventLog } from '../../log/event-log.ts';
import { topicSpecs } from '../../records/topics.ts';

/** The files in the folder, and in all folders in it, whose bytes hold one of the words. */
export async function filesHolding(folder: string, words: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A journal may go while it is being looked for.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const word of words) if (holds(bytes, word)) found.push(`${path}: ${word}`);
  }
  return found;
}

/** The records that hold one of the words, in key, value or headers: batches on the log are compressed. */
export async function recordsHolding(
  log: EventLog,
  partitions: number,
  words: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name: topic } of topicSpecs(partitions)) {
    for (let partition = 0; partition < partitions; partition++) {
      for await (const records of log.read({ topic, partition })) {
        for (const { key, value, headers, offset } of records) {
          const bytes = Buffer.from(`${key}\n${value}\n${JSON.stringify(headers)}`);
          for (const word of words) if (holds(bytes, word)) found.push(`${topic}/${partition}@${offset}: ${word}`);
        }
      }
    }
  }
  return found;
}

/** The collections of the database that hold one of the words in any document. */
export async function collectionsHolding(
  url: string,
  database: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const client = await MongoClient.connect(url);
  try {
    const db = client.db(database);
    const found: string[] = [];
    for (const { name } of await db.listCollections().toArray()) {
      for await (const doc of db.collection(name).find()) {
        const bytes = Buffer.from(JSON.stringify(doc));
        for (const word of words) if (holds(bytes, word)) found.push(`${name}: ${word}`);
      }
    }
    return found;
  } finally {
    await client.close();
  }
}

/** As it was written, and as search words are: in lower case. */
function holds(bytes: Buffer, word: string): boolean {
  return bytes.includes(word) || bytes.includes(word.toLowerCase());
}
