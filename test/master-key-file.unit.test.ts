/** The master key of an embedded log for which none is configured: when a file is made, and when it would hide a loss. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, LogRecord, NewRecord } from '../log/event-log.ts';
import { nameOfSubject, noSubjectKey, subjectErasedRecord, subjectKeyRecord } from '../records/subject-key.ts';
import { SUBJECT_KEYS } from '../records/topics.ts';
import { MasterKeys, newMasterKey } from '../sealing/master-keys.ts';
import { readConfiguration } from '../server/configuration.ts';
import { findMasterKeys } from '../server/master-key.ts';

const written = { subject: 'ada', source: '/test', at: '2026-01-01T00:00:00.000Z' };
const NAME = `${nameOfSubject('ada')}.AAAAAAAA`;
const key = subjectKeyRecord(NAME, new MasterKeys(newMasterKey()).wrap(NAME, randomBytes(32)), written);
const mark = subjectErasedRecord(written);
const tombstone = noSubjectKey(NAME, 0, '/test', written.at);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'counterfoil-master-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** On a log whose topic of keys holds these records. */
async function found(...keys: readonly NewRecord[]) {
  const records = keys.map(
    ({ topic, key: recordKey, value, headers }, offset): LogRecord => ({
      ...{ topic, partition: 0, offset, key: recordKey, headers, timestamp: 0 },
      value: value === null ? null : Buffer.from(value),
    }),
  );
  const log = {
    ends: async () => [{ topic: SUBJECT_KEYS, partition: 0, offset: records.length }],
    async *read(_: unknown, from = 0) {
      yield records.slice(from);
    },
  } as unknown as EventLog;
  return await findMasterKeys(readConfiguration({ DATA_DIR: folder }), log, { make: true });
}

describe('the file of the master key', () => {
  it('is made on a new log, whole and for its owner alone, and is the same at the next start', async () => {
    const { masters, made } = await found();
    expect(made).toBe(join(folder, 'master.key'));
    expect(readdirSync(folder)).toEqual(['master.key']);
    expect(statSync(join(folder, 'master.key')).mode & 0o077).toBe(0);
    const again = await found(key);
    expect(again).toEqual({ masters });
  });

  it('that a crash left empty, or unfinished, is made anew', async () => {
    writeFileSync(join(folder, 'master.key'), '');
    writeFileSync(join(folder, 'master.key.new'), 'half a k');
    const { masters } = await found();
    expect(masters?.newest).toBe(new MasterKeys(readFileSync(join(folder, 'master.key'), 'utf8')).newest);
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it.each([
    ['the marks of the erased', [mark]],
    ['keys of the erased', [key, mark]],
    ['keys that were taken away', [key, tombstone]],
  ])('is made where the log holds only %s: nothing is lost', async (_, records) => {
    expect((await found(...records)).masters).toBeDefined();
  });

  it.each([[undefined], ['']])('that is lost (%j) is not replaced where keys need it', async (left) => {
    if (left !== undefined) writeFileSync(join(folder, 'master.key'), left);
    expect(await found(mark, { ...key, key: NAME.replace(/^[^.]*/, nameOfSubject('grace')) })).toEqual({
      masters: undefined,
    });
    expect(readdirSync(folder)).toEqual(left === undefined ? [] : ['master.key']);
  });
});
