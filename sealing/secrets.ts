/**
 * Secrets of webhooks: sealed by a key that stands among those of personal fields, so that it is wrapped by the master keys as
 * they are, and wrapped anew with them. No entity can have the name of its subject, so nobody's erasure takes the key away.
 */
import { createHmac } from 'node:crypto';
import { NONCE_BYTES } from './cipher.ts';
import { keyNameOf, openText, sealText } from './sealed-text.ts';
import type { SubjectKeys } from './subject-keys.ts';

const SUBJECT = '/webhooks';
const FIELD = 'secret';

export class Secrets {
  readonly #keys: SubjectKeys;

  constructor(keys: SubjectKeys) {
    this.#keys = keys;
  }

  /**
   * The same text for the same secret, so that a command which is sent again is the same: its nonce is made of the secret and
   * the key, which tells nothing of either.
   * @throws {LogUnavailable} when the key is new and was not acknowledged
   */
  async seal(secret: string): Promise<string> {
    const { name, key } = await this.#keys.of(SUBJECT);
    const nonce = createHmac('sha256', key).update(secret).digest().subarray(0, NONCE_BYTES);
    return sealText(name, key, FIELD, secret, nonce).sealed;
  }

  /** Undefined: it was not sealed by this, or its key is gone. @throws {LogUnavailable} */
  async open(sealed: string): Promise<string | undefined> {
    const name = keyNameOf({ sealed });
    await this.#keys.settle([name]);
    const key = this.#keys.ring.key(name);
    return key && openText({ sealed }, key, FIELD);
  }
}
