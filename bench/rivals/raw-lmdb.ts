/** lmdb by itself, opened as our log opens it: the limit of what a log on one disk can do. */
import { type Database, open, type RootDatabase } from 'lmdb';

export interface RawLmdb {
  readonly root: RootDatabase;
  readonly records: Database<Buffer, Buffer>;
}

/** `overlappingSync: false`: a put is over when it is on the disk. */
export function openRawLmdb(
  path: string,
  options: { readonly name?: string; readonly readOnly?: boolean } = {},
): RawLmdb {
  const { name = 'records', readOnly = false } = options;
  const root = open({ path, noSubdir: false, readOnly, maxDbs: 8, mapSize: 2 ** 30, overlappingSync: false });
  const records: Database<Buffer, Buffer> | undefined = root.openDB<Buffer, Buffer>({
    name,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  if (records === undefined) throw new Error(`there is no database ${name} in ${path}`);
  return { root, records };
}

export interface Read {
  readonly bytes: number;
  readonly count: number;
  /** Milliseconds. */
  readonly took: number;
}

/** Reads every value of a database, and does nothing with it. */
export function readAll({ records }: RawLmdb): Read {
  const began = performance.now();
  let [bytes, count] = [0, 0];
  for (const { value } of records.getRange()) {
    bytes += value.length;
    count += 1;
  }
  return { bytes, count, took: performance.now() - began };
}
