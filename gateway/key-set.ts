/**
 * The issuer's keys, read over the network. The last good ones are kept while the issuer is down, for a day at most, and
 * refreshed in the background: jose's own remote set forgets them after ten minutes, and then each request waits.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';

const FRESH_MS = 10 * 60_000;
const KEPT_MS = 24 * 60 * 60_000;
/** Between two attempts: one unknown key id after another must not become requests to the issuer. */
const COOLDOWN_MS = 30_000;
const FETCH_WITHIN_MS = 5_000;

type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * @param clock in ms, for tests
 * @returns finds the key of a token @throws {KeysUnavailable} when none could be read, or none for a day
 */
export function createKeySet(url: URL, clock: () => number = () => performance.now()): JWTVerifyGetKey {
  let keys: Keys | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let trouble: unknown;

  async function read(): Promise<void> {
    triedAt = clock();
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_WITHIN_MS), redirect: 'manual' });
      if (response.status !== 200) throw new Error(`the issuer answered ${response.status}`);
      keys = createLocalJWKSet(await response.json());
      readAt = clock();
    } catch (error) {
      trouble = error;
    }
  }

  /** Resolves when an attempt is over; at once when there was one a moment ago. */
  async function refresh(): Promise<void> {
    if (reading === undefined && clock() - triedAt < COOLDOWN_MS) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  return async (header, token) => {
    const age = clock() - readAt;
    if (keys === undefined || age > KEPT_MS) await refresh();
    else if (age > FRESH_MS) void refresh();
    if (keys === undefined || clock() - readAt > KEPT_MS) throw new KeysUnavailable(trouble);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have changed its keys since.
      await refresh();
      return keys(header, token);
    }
  };
}

/** The issuer's keys cannot be read, and there are none of before. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';

  constructor(cause: unknown) {
    super('the keys that tokens are checked by cannot be read at this moment', { cause });
  }
}
