/** A batch of the embedded log in which a write could not be prepared whole: nothing of it may be on the disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GroupCommit } from '../log/embedded/group-commit.ts';
import { Storage } from '../log/embedded/storage.ts';
import { prepare, WriteBatch } from '../log/embedded/write-batch.ts';
import { NothingWritten } from '../log/embedded/write-faults.ts';

const topic = { id: 1, name: 'states', partitions: 1, retention: 'compact', samples: [] } as const;
const record = (key: string) => ({ topic: 'states', key, value: 'v', headers: {} });
let dir: string;
let storage: Storage;
let commits: GroupCommit;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  storage = new Storage(dir, false);
  commits = new GroupCommit(storage, { mapSize: undefined, failpoint: undefined });
  await commits.submit({ records: [], newTopics: [topic] });
});
afterEach(async () => {
  await commits.close('the test is over');
  await storage.close();
  await rm(dir, { recursive: true });
});

/** lmdb cannot be read from the second look-up on, until the returned function is called. */
function failing(): () => void {
  const { get } = storage.newest;
  let reads = 0;
  storage.newest.get = () => {
    reads += 1;
    if (reads > 1) throw new Error('a page cannot be read');
    return undefined;
  };
  return () => {
    storage.newest.get = get;
  };
}

it('tells everyone who waits that nothing was written, and goes on once it can be read', async () => {
  const mended = failing();
  const first = commits.submit({ records: [record('a'), record('b')] });
  await expect(first).rejects.toThrow(/could not be prepared \(a page cannot be read\)/);
  expect(storage.end({ topic: 'states', partition: 0 })).toBe(0);
  mended();
  expect(await commits.submit({ records: [record('a')] })).toEqual([{ topic: 'states', partition: 0, offset: 0 }]);
});

it('cannot be committed by somebody who did not hear of it', async () => {
  const batch = new WriteBatch(storage);
  const mended = failing();
  expect(() => batch.add(prepare(storage, { records: [record('a'), record('b')] }))).toThrow('a page cannot be read');
  mended();
  await expect(batch.commit(undefined)).rejects.toThrow(NothingWritten);
});
