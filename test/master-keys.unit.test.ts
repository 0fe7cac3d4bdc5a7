/** A change of the master key in a system of several processes, which restart one after another. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nameOfSubject } from '../records/subject-key.ts';
import { MasterKeys, newMasterKey } from '../sealing/master-keys.ts';

const NAME = `${nameOfSubject('ada')}.AAAAAAAA`;
const [older, newer] = [newMasterKey(), newMasterKey()];
/** What a process may have at each step. */
const steps = [older, `${older},next:${newer}`, `${newer},${older}`, newer];

describe('a change of the master key', () => {
  it.each([1, 2, 3])('lets processes before and behind step %i open what the others seal', (step) => {
    const [before, behind] = [steps[step - 1], steps[step]].map((text) => new MasterKeys(text ?? ''));
    const key = randomBytes(32);
    if (before === undefined || behind === undefined) throw new Error('no step');
    expect(before.unwrap(NAME, behind.wrap(NAME, key))).toEqual(key);
    // The last step comes when all keys have been wrapped by the newer one.
    if (step < 3) expect(behind.unwrap(NAME, before.wrap(NAME, key))).toEqual(key);
  });

  it('lets all of them know a repeated command by its hash, until the older one is taken away', () => {
    const secrets = steps.map((text) => new MasterKeys(text).secretOfHashes());
    expect(secrets[1]).toEqual(secrets[0]);
    expect(secrets[2]).toEqual(secrets[0]);
    expect(secrets[3]).not.toEqual(secrets[0]);
  });

  it('does not leave a process without a key that seals', () => {
    expect(() => new MasterKeys(`next:${newer}`)).toThrow(/in use/);
    expect(() => new MasterKeys(`${older},next:`)).toThrow(/32 bytes/);
  });
});
