/** Ids of transactions and new entities: sortable UUIDs, or the same ones again for the same idempotency key. */
import { createHash, createHmac } from 'node:crypto';
import { stringify, v7 } from 'uuid';
import type { Idempotency } from '../domain/transaction.ts';
import { InvalidInput } from './errors.ts';

/** A UUID of version 8, however it is written. */
const FROM_KEY = /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

export function newId(): string {
  return v7();
}

/**
 * The id of the entity that a mutation brings about: the one that the user wants, else a new one, which is the same again
 * for the same idempotency key.
 * @throws {InvalidInput} when the wanted id is a UUID of version 8 and not the one that this user's key gives. Ids made of
 * idempotency keys have that form, so it could take the id that another user's key is going to give.
 */
export function idOfNew(
  user: string,
  wanted: { readonly id?: string | null | undefined; readonly idempotencyKey?: string | null | undefined },
): string {
  const { id, idempotencyKey: key } = wanted;
  const fromKey = key ? idFromKey(user, key, 'entity') : undefined;
  if (!id) return id ?? fromKey ?? newId();
  if (FROM_KEY.test(id) && id !== fromKey) {
    throw new InvalidInput('input.id', 'id must not be a UUID of version 8: those are told from idempotency keys');
  }
  return id;
}

/**
 * A UUID (version 8, RFC 9562) that is the same for the same user, key and purpose: SHA-256 of the three. Keys are compared
 * as they come, code unit by code unit: blanks count, and so does the way in which a letter with an accent is written.
 */
export function idFromKey(user: string, key: string, purpose: 'key' | 'entity'): string {
  return hashedId([purpose, user, key]);
}

/**
 * What a key stands for: a hash of the mutation, the entity and all that is asked of it, in whichever order it came.
 * @param secret keys the hash, for data about a person: without it, who guesses a name could find out that the guess is right
 */
export function bodyHash(command: string, entityId: string, data: unknown, secret?: Buffer): string {
  return (secret === undefined ? createHash('sha256') : createHmac('sha256', secret))
    .update(JSON.stringify([command, entityId, inOrder(data)]))
    .digest('base64url');
}

/**
 * The transaction that a command under a key begins, the same at every gateway: a hash of key (which names the user too), body
 * and week. The weeks begin at another moment for each key. They are part of it so that the id does not come again years
 * later, when nobody remembers how it ended: see `processors/key-memory.ts`.
 */
export function transactionFromKey({ key, body }: Idempotency, now: number): string {
  return hashedId(['transaction', key, body, Math.floor((now + phaseOf(key)) / WEEK_MS)]);
}

/**
 * Whether the key's period ends or has begun within `ms`: then the same command may be on its way under the id of the other
 * period, from an earlier try or from a gateway whose clock differs.
 */
export function nearPeriodEdge(key: string, now: number, ms: number): boolean {
  const since = (now + phaseOf(key)) % WEEK_MS;
  return Math.min(since, WEEK_MS - since) < ms;
}

function phaseOf(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16) % WEEK_MS;
}

function hashedId(of: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(of)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return stringify(hash);
}

/** The same value with the fields of every object in order of their names. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]));
}
