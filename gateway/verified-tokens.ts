/**
 * Tokens whose signature has been checked a moment ago: checking one takes longer than all the rest of a small request before
 * its execution. Only tokens that were right are kept, by the whole text, and for no longer than they are valid.
 */
import type { Identity } from './identity.ts';

/** A key that the issuer has taken back is trusted for so much longer; the set of keys itself is read far less often. */
const KEPT_MS = 30_000;
const MOST_KEPT = 2_000;

interface Verified {
  readonly identity: Identity;
  /** ms since 1970. */
  readonly until: number;
}

export class VerifiedTokens {
  readonly #clock: () => number;
  readonly #tokens = new Map<string, Verified>();

  /** @param clock milliseconds since 1970 */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** Undefined: the token must be checked. */
  get(token: string): Identity | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined) return undefined;
    if (this.#clock() < known.until) return known.identity;
    this.#tokens.delete(token);
    return undefined;
  }

  add(token: string, identity: Identity): void {
    const until = Math.min(this.#clock() + KEPT_MS, identity.expiresAt ?? Number.POSITIVE_INFINITY);
    this.#tokens.delete(token);
    this.#tokens.set(token, { identity, until });
    // The oldest stands first.
    const [oldest] = this.#tokens.size > MOST_KEPT ? this.#tokens.keys() : [];
    if (oldest !== undefined) this.#tokens.delete(oldest);
  }
}
