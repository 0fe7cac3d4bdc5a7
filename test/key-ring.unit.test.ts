/** What a process makes of keys that it knows and cannot unwrap: never an erasure. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { nameOfSubject, subjectErasedRecord, subjectKeyRecord } from '../records/subject-key.ts';
import { KeyRing } from '../sealing/key-ring.ts';
import { MasterKeyMissing, MasterKeys, newMasterKey } from '../sealing/master-keys.ts';

const masters = new MasterKeys(newMasterKey());
const NAME = `${nameOfSubject('ada')}.AAAAAAAA`;
const written = { subject: 'ada', source: '/test', at: '2026-01-01T00:00:00.000Z' };
const key = randomBytes(32);

function onLog({ topic, key: recordKey, value, headers }: NewRecord): LogRecord {
  const bytes = value === null ? null : Buffer.from(value);
  return { topic, partition: 0, offset: 0, key: recordKey, value: bytes, headers, timestamp: 0 };
}

function ringWithKey(given: MasterKeys | undefined): KeyRing {
  const ring = new KeyRing(given);
  ring.take(onLog(subjectKeyRecord(NAME, masters.wrap(NAME, key), written)));
  return ring;
}

describe('a key that stands on the log', () => {
  it('is unwrapped by its master key', () => {
    expect(ringWithKey(masters).key(NAME)).toEqual(key);
  });

  it.each([
    ['without any master key', undefined],
    ['with another master key', new MasterKeys(newMasterKey())],
  ])('is not taken for gone %s', (_, given) => {
    expect(() => ringWithKey(given).key(NAME)).toThrow(MasterKeyMissing);
  });

  it('is gone for everyone once its subject was erased', () => {
    const ring = ringWithKey(undefined);
    ring.take(onLog(subjectErasedRecord(written)));
    expect(ring.key(NAME)).toBeUndefined();
  });
});
