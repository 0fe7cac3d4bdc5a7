/** CRC-32C (Castagnoli), as Kafka's record batches carry it: RFC 3720, appendix B.4; table-driven, four bytes at a time. */

const POLYNOMIAL = 0x82f63b78;

function tables(): readonly Int32Array[] {
  const all = [0, 1, 2, 3].map(() => new Int32Array(256));
  const [first] = all;
  if (first === undefined) return all;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  for (let index = 1; index < all.length; index++) {
    const [table, before] = [all[index], all[index - 1]];
    for (let byte = 0; byte < 256; byte++) {
      const crc = before?.[byte] ?? 0;
      if (table !== undefined) table[byte] = (crc >>> 8) ^ (first[crc & 0xff] ?? 0);
    }
  }
  return all;
}

const [T0 = new Int32Array(0), T1 = T0, T2 = T0, T3 = T0] = tables();

/** The checksum of `bytes` from `from` to `to`, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1;
  let index = from;
  for (; index + 4 <= to; index += 4) {
    crc ^=
      // biome-ignore format: one word, little-endian.
      (bytes[index] as number) | ((bytes[index + 1] as number) << 8) | ((bytes[index + 2] as number) << 16) | ((bytes[index + 3] as number) << 24);
    crc =
      (T3[crc & 0xff] as number) ^
      (T2[(crc >>> 8) & 0xff] as number) ^
      (T1[(crc >>> 16) & 0xff] as number) ^
      (T0[crc >>> 24] as number);
  }
  for (; index < to; index++) crc = (crc >>> 8) ^ (T0[(crc ^ (bytes[index] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
