/** Ids of transactions and new entities: sortable UUIDs, or the same ones again for the same idempotency key. */
import { createHash } from 'node:crypto';
import { stringify, v7 } from 'uuid';

export function newId(): string {
  return v7();
}

/** A UUID (version 8, RFC 9562) that is the same for the same user, key and purpose: SHA-256 of the three. */
export function idFromKey(user: string, key: string, purpose: 'transaction' | 'entity'): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([purpose, user, key]))
    .digest()
    .subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return stringify(hash);
}
