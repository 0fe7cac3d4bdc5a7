/** Keys of personal fields: who makes them, what they open, and what is left when they are gone. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { allAggregates } from '../domain/registry.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { nameOfSubject, subjectErasedRecord, subjectKeyRecord } from '../records/subject-key.ts';
import { SUBJECT_KEYS, topicSpecs } from '../records/topics.ts';
import { eraseAgain, erasedOn } from '../sealing/erased-again.ts';
import { MasterKeyMissing, MasterKeys, newMasterKey } from '../sealing/master-keys.ts';
import { openedLog } from '../sealing/opened-log.ts';
import { rewrap } from '../sealing/rewrap.ts';
import { mapSealed, openText, sealText } from '../sealing/sealed-text.ts';
import { Sealer } from '../sealing/sealer.ts';
import { Shredder } from '../sealing/shredder.ts';
import { SubjectKeys } from '../sealing/subject-keys.ts';

const PARTITIONS = 1;
const register = allAggregates.find(({ name }) => name === 'customers')?.commands['registerCustomer'];
if (register === undefined) throw new Error('no command');
const schema = register;
const ada = { customerId: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };

let log: EventLog;
let masters: MasterKeys;
const endings: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-sealing-'));
  endings.push(() => rm(dir, { recursive: true, force: true }));
  const opened = await openEmbeddedLog({ dir });
  log = opened;
  endings.push(() => opened.close());
  await log.createTopics(topicSpecs(PARTITIONS));
  masters = new MasterKeys(newMasterKey());
});
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

async function gateway(given = masters) {
  const { keys, following } = await SubjectKeys.follow({ log, partitions: PARTITIONS, masters: given });
  endings.push(() => following.stop());
  return { keys, sealer: new Sealer(keys, given), following };
}

async function caughtUp(following: { reached: (ends: Awaited<ReturnType<EventLog['ends']>>) => Promise<void> }) {
  await following.reached(await log.ends([SUBJECT_KEYS]));
}

/** What stands in a record of customers' commands, read through these keys. */
async function readThrough(keys: SubjectKeys, data: unknown): Promise<unknown> {
  const record = { topic: 'customers.commands', key: 'ada', value: JSON.stringify(data), headers: {} };
  const [position] = await log.append([record]);
  if (position === undefined) throw new Error('not appended');
  const found: LogRecord[] = [];
  for await (const records of openedLog(log, keys).read(position, position.offset)) found.push(...records);
  return JSON.parse(String(found[0]?.value));
}

async function erase(subject: string): Promise<void> {
  const at = new Date().toISOString();
  await log.append([{ ...subjectErasedRecord({ subject, source: '/test', at }), partition: 0 }]);
}

describe('sealed text', () => {
  const key = randomBytes(32);

  it('is opened with its key, in a field of its own name alone, and unharmed', () => {
    const sealed = sealText('name', key, 'email', 'ada@example.com');
    expect(JSON.stringify(sealed)).not.toContain('ada@');
    expect(openText(sealed, key, 'email')).toBe('ada@example.com');
    expect(openText(sealed, key, 'lastName')).toBeUndefined();
    expect(openText(sealed, randomBytes(32), 'email')).toBeUndefined();
    expect(
      openText({ sealed: sealed.sealed.replace(/.(?=.{9}$)/, (c) => (c === 'A' ? 'E' : 'A')) }, key, 'email'),
    ).toBeUndefined();
    expect(openText({ sealed: '' }, key, 'email')).toBeUndefined();
  });

  it('differs each time, so that nobody sees who is called alike', () => {
    expect(sealText('name', key, 'email', 'x')).not.toEqual(sealText('name', key, 'email', 'x'));
  });

  it('is found wherever it stands', () => {
    const json = { a: [{ email: { sealed: '1' } }], b: { sealed: '2' }, c: null, d: 'text' };
    expect(mapSealed(json, ({ sealed }, field) => `${field}${sealed}`)).toEqual({
      ...{ a: [{ email: 'email1' }], b: 'b2', c: null, d: 'text' },
    });
  });
});

describe('a gateway', () => {
  it('seals names and e-mail, and what it sealed is read with the keys of the log', async () => {
    const { keys, sealer } = await gateway();
    const sealed = await sealer.seal(schema, 'ada', ada);
    expect(JSON.stringify(sealed)).not.toMatch(/Ada|Lovelace|example/);
    expect(sealed).toMatchObject({ customerId: 'ada' });
    expect(await readThrough(keys, sealed)).toEqual(ada);
  });

  it('seals nothing of commands without personal fields', async () => {
    const { sealer } = await gateway();
    const data = { purchaseId: 'p', name: 'Ada' };
    const place = allAggregates.find(({ name }) => name === 'purchases')?.commands['cancelPurchase'];
    expect(place && (await sealer.seal(place, 'p', data))).toBe(data);
  });

  it('has its key on the log before anything is sealed with it, and one for many commands', async () => {
    const { sealer } = await gateway();
    await Promise.all([1, 2, 3].map(() => sealer.seal(schema, 'ada', ada)));
    await sealer.seal(schema, 'ada', ada);
    expect((await log.ends([SUBJECT_KEYS])).reduce((sum, { offset }) => sum + offset, 0)).toBe(1);
  });

  it('and another one may begin the same customer at the same moment: what either sealed can be read', async () => {
    const [one, other] = [await gateway(), await gateway()];
    const sealed = await Promise.all([one, other].map(({ sealer }) => sealer.seal(schema, 'ada', ada)));
    const reader = await SubjectKeys.read({ log, partitions: PARTITIONS, masters });
    for (const data of sealed) expect(await readThrough(reader, data)).toEqual(ada);
    expect(reader.ring.keysOf(nameOfSubject('ada'))).toHaveLength(2);
  });

  it('reads what another gateway has just sealed, although its key has not come yet', async () => {
    const reader = await SubjectKeys.read({ log, partitions: PARTITIONS, masters });
    const { sealer } = await gateway();
    expect(await readThrough(reader, await sealer.seal(schema, 'ada', ada))).toEqual(ada);
  });
});

describe('after an erasure', () => {
  it('nothing that was sealed can be read, at once and for ever, and no record is unreadable for that', async () => {
    const { keys, sealer, following } = await gateway();
    const sealed = await sealer.seal(schema, 'ada', ada);
    await erase('ada');
    await caughtUp(following);
    expect(await readThrough(keys, sealed)).toEqual(sealed);
    const restarted = await SubjectKeys.read({ log, partitions: PARTITIONS, masters });
    expect(await readThrough(restarted, sealed)).toEqual(sealed);
    expect(schema.safeParse(sealed).success).toBe(true);
  });

  it('what is still given for the subject is sealed with a key that nobody knows', async () => {
    const { keys, sealer, following } = await gateway();
    await erase('ada');
    await caughtUp(following);
    const ends = await log.ends([SUBJECT_KEYS]);
    const sealed = await sealer.seal(schema, 'ada', ada);
    expect(await log.ends([SUBJECT_KEYS])).toEqual(ends);
    expect(await readThrough(keys, sealed)).toEqual(sealed);
  });

  it('every key of the subject is taken off the log, one that comes later too', async () => {
    const late = await gateway();
    await late.sealer.seal(schema, 'ada', ada);
    const shredder = new Shredder(log, PARTITIONS, (error) => {
      throw error;
    });
    endings.push(() => shredder.stop());
    let ring: SubjectKeys['ring'] | undefined;
    const processor = await SubjectKeys.follow({ log, partitions: PARTITIONS, masters: undefined }, () => {
      if (ring) shredder.look(ring);
    });
    endings.push(() => processor.following.stop());
    ring = processor.keys.ring;
    await erase('ada');
    await late.keys.of('grace');
    // As a gateway writes one that has not read the mark.
    const name = `${nameOfSubject('ada')}.AAAAAAAA`;
    const written = { subject: 'ada', source: '/gateway', at: new Date().toISOString() };
    await log.append([{ ...subjectKeyRecord(name, masters.wrap(name, randomBytes(32)), written), partition: 0 }]);
    await expect.poll(() => ring?.keysOf(nameOfSubject('ada'))).toEqual([]);
    expect(ring.keysOf(nameOfSubject('grace'))).toHaveLength(1);
  });

  it('a backup from before it is erased again from the marks of the newer log', async () => {
    const { sealer } = await gateway();
    const sealed = await sealer.seal(schema, 'ada', ada);
    const graces = await sealer.seal(schema, 'grace', ada);
    const at = new Date().toISOString();
    expect(await eraseAgain(log, [{ subject: 'ada', at }])).toBe(1);
    const keys = await SubjectKeys.read({ log, partitions: PARTITIONS, masters });
    expect(await readThrough(keys, sealed)).toEqual(sealed);
    expect(await readThrough(keys, graces)).toEqual(ada);
    expect(keys.ring.keysOf(nameOfSubject('ada'))).toEqual([]);
    expect(await erasedOn(log)).toEqual([{ subject: 'ada', at }]);
    expect(await eraseAgain(log, [{ subject: 'ada', at }])).toBe(0);
  });
});

describe('master keys', () => {
  it('are refused when they are none', () => {
    for (const text of ['', 'short', randomBytes(31).toString('base64'), `${'a'.repeat(40)} !!!`]) {
      expect(() => new MasterKeys(text)).toThrow(/master key/);
    }
  });

  it('are changed by putting a newer one before, wrapping all keys anew, and taking the older one away', async () => {
    const [older, newer] = [newMasterKey(), newMasterKey()];
    const { sealer } = await gateway(new MasterKeys(older));
    const sealed = await sealer.seal(schema, 'ada', ada);
    const both = new MasterKeys(`${newer}\n${older}\n`);
    expect(both.secretOfHashes()).toEqual(new MasterKeys(older).secretOfHashes());
    expect(await rewrap(log, both)).toBe(1);
    expect(await rewrap(log, both)).toBe(0);
    const keys = await SubjectKeys.read({ log, partitions: PARTITIONS, masters: new MasterKeys(newer) });
    keys.mustHaveMasters();
    expect(await readThrough(keys, sealed)).toEqual(ada);
  });

  it('that are missing are told of, not taken for an erasure', async () => {
    const { sealer } = await gateway();
    await sealer.seal(schema, 'ada', ada);
    const keys = await SubjectKeys.read({ log, partitions: PARTITIONS, masters: new MasterKeys(newMasterKey()) });
    expect(() => keys.mustHaveMasters()).toThrow(MasterKeyMissing);
  });
});
