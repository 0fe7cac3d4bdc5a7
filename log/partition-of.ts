/** Which partition a key belongs to: Kafka's own murmur2 rule, so that any Kafka client writes a key where we do. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Murmur2, 32 bits, as in Kafka's `org.apache.kafka.common.utils.Utils.murmur2`. Returns a signed 32-bit integer. */
export function murmur2(data: Uint8Array): number {
  const length = data.length;
  let h = SEED ^ length;
  const words = length >> 2;
  const view = new DataView(data.buffer, data.byteOffset, length);
  for (let i = 0; i < words; i++) {
    let k = view.getInt32(i * 4, true);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const tail = words << 2;
  const rest = length & 3;
  if (rest === 3) h ^= view.getUint8(tail + 2) << 16;
  if (rest >= 2) h ^= view.getUint8(tail + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ view.getUint8(tail), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h | 0;
}

/** The partition, 0 to `partitions` − 1, of a key as UTF-8. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
