/** The keys of the databases that `storage.ts` lists, and the offsets in them. */
import { createHash } from 'node:crypto';
import type { Topic } from './topic.ts';

const MOST_KEY_BYTES = 500;

/** Keys sort by topic, partition and offset, so that a read of a partition is one walk. Offsets have 48 bits. */
export function recordKey(topicId: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(10);
  key.writeUInt16BE(topicId, 0);
  key.writeUInt16BE(partition, 2);
  key.writeUIntBE(offset, 4, 6);
  return key;
}

/** The time comes first in a key of `replaced`, in so many bytes: so the oldest come first. */
export const REPLACED_AT_BYTES = 6;

/** The key in `replaced` of a record's key, replaced at a time in ms. */
export function replacedKey(at: number, record: Buffer): Buffer {
  const key = Buffer.allocUnsafe(REPLACED_AT_BYTES + record.length);
  key.writeUIntBE(at, 0, REPLACED_AT_BYTES);
  record.copy(key, REPLACED_AT_BYTES);
  return key;
}

/** The offset in a record's key. */
export function offsetIn(key: Buffer): number {
  return key.readUIntBE(4, 6);
}

/** The key in `newest` of a record of a compact topic, by the record's own key. */
export function newestKey(topic: Topic, partition: number, key: string): Buffer {
  const bytes = Buffer.from(key);
  // lmdb's keys are bounded; the first byte keeps a hash from being taken for a key.
  const short = bytes.length <= MOST_KEY_BYTES;
  const head = Buffer.allocUnsafe(5);
  head.writeUInt16BE(topic.id, 0);
  head.writeUInt16BE(partition, 2);
  head[4] = short ? 0 : 1;
  return Buffer.concat([head, short ? bytes : createHash('sha256').update(bytes).digest()]);
}

/** A number of at most 48 bits, as values hold it. */
export function offsetBytes(offset: number): Buffer {
  const bytes = Buffer.allocUnsafe(6);
  bytes.writeUIntBE(offset, 0, 6);
  return bytes;
}
