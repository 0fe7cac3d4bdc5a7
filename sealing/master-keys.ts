/**
 * The master keys, which wrap the keys of subjects and nothing else. There may be several, the newest first: it wraps what is
 * new, all of them unwrap. Each is known by a fingerprint, so that none needs a name. One that is marked as the next unwraps and
 * does nothing else yet: so all processes of a system can know it before the first of them wraps by it.
 */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { SubjectKey } from '../records/subject-key.ts';
import { open, seal } from './cipher.ts';

const KEY_BYTES = 32;
/** Before a key that does not wrap yet. A colon is in no base64. */
const NEXT = 'next:';

/** What was given as a master key is none. The message does not repeat it. */
export class NotAMasterKey extends Error {
  override readonly name = 'NotAMasterKey';
}

/** Keys on the log are wrapped by a master key that this process does not have: names would look erased that are not. */
export class MasterKeyMissing extends Error {
  override readonly name = 'MasterKeyMissing';

  constructor(fingerprints: Iterable<string>) {
    super(
      `personal fields on the log are sealed, and the master key is not given that their keys need (fingerprint ${[...fingerprints].join(', ')}): ` +
        'give it by MASTER_KEY or MASTER_KEY_FILE, or put master.key back into DATA_DIR. See docs/erasure.md',
    );
  }
}

/** A new master key, as text. */
export function newMasterKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

export class MasterKeys {
  /** By fingerprint. */
  readonly #keys = new Map<string, Buffer>();
  readonly #newest: readonly [fingerprint: string, key: Buffer];
  readonly #oldest: Buffer;

  /**
   * @param text 32 bytes in base64 or base64url each, with commas, blanks or line ends between; the newest first, `next:` before one
   *   that is to unwrap alone
   * @throws {NotAMasterKey}
   */
  constructor(text: string) {
    const inUse: [fingerprint: string, key: Buffer][] = [];
    for (const given of text.split(/[\s,]+/).filter((one) => one !== '')) {
      const each = given.startsWith(NEXT) ? given.slice(NEXT.length) : given;
      const key = Buffer.from(each, 'base64url');
      if (key.length !== KEY_BYTES || !/^[\w+/-]+=*$/.test(each)) {
        throw new NotAMasterKey(
          `a master key is ${KEY_BYTES} bytes in base64, as \`openssl rand -base64 32\` makes one`,
        );
      }
      const fingerprint = fingerprintOf(key);
      this.#keys.set(fingerprint, key);
      if (each === given) inUse.push([fingerprint, key]);
    }
    const [newest] = inUse;
    if (newest === undefined) {
      throw new NotAMasterKey(
        this.#keys.size === 0
          ? 'there is no master key in it'
          : `a master key is needed that is in use, without ${NEXT}`,
      );
    }
    this.#newest = newest;
    this.#oldest = (inUse.at(-1) ?? newest)[1];
  }

  knows(fingerprint: string): boolean {
    return this.#keys.has(fingerprint);
  }

  /** The fingerprint of the one that wraps. */
  get newest(): string {
    return this.#newest[0];
  }

  /** @param name of the key, without which it cannot be unwrapped */
  wrap(name: string, key: Buffer): SubjectKey {
    const [master, masterKey] = this.#newest;
    return { master, wrapped: seal(masterKey, key, name).toString('base64url') };
  }

  /** @throws {MasterKeyMissing} when no master key of ours has wrapped it @throws {Error} when it is damaged */
  unwrap(name: string, { master, wrapped }: SubjectKey): Buffer {
    const masterKey = this.#keys.get(master);
    if (masterKey === undefined) throw new MasterKeyMissing([master]);
    return open(masterKey, Buffer.from(wrapped, 'base64url'), name);
  }

  /**
   * A secret for hashes of personal text, so that nobody can try names against them. Of the oldest master key in use: a
   * new one that is put before it, or is marked as the next, changes no hash.
   */
  secretOfHashes(): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#oldest, '', 'counterfoil: hashes of commands', KEY_BYTES));
  }
}

function fingerprintOf(key: Buffer): string {
  return createHash('sha256').update('counterfoil: master key').update(key).digest('base64url').slice(0, 8);
}
