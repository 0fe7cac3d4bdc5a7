/**
 * Kafka's codecs as a stranger may use them, written without compressing anything: each format allows blocks that are stored as
 * they are. So batches of every codec can be sent without a library for any, and broker and reader must take them.
 */
import { createRequire } from 'node:module';
import { CompressionTypes } from 'kafkajs';

// Node does not see this export of kafkajs's CommonJS.
const { CompressionCodecs } = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs');

/** Of all the formats here, the smallest that a block may be at most. */
const MOST_IN_A_BLOCK = 60_000;

interface Encoder {
  readonly buffer: Buffer;
}

/** Makes kafkajs able to send with snappy, lz4 and zstd in this process; reading is left to others. */
export function registerStoredCodecs(): void {
  const codec = (compress: (bytes: Buffer) => Buffer) => () => ({
    compress: async ({ buffer }: Encoder) => compress(buffer),
    decompress: async () => {
      throw new Error('these codecs only write');
    },
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(snappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec(lz4);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(zstd);
}

/** Raw snappy: the length as a varint, then literals (tag 61: a length of two bytes, less one, follows). */
function snappy(bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([
    Buffer.from([...length, rest]),
    ...blocksOf(bytes).flatMap((block) => {
      const tag = Buffer.from([61 << 2, 0, 0]);
      tag.writeUInt16LE(block.length - 1, 1);
      return [tag, block];
    }),
  ]);
}

/**
 * An lz4 frame: magic, flags (version 1, independent blocks), blocks of 64 KiB at most, their checksum; the highest bit of
 * a block's length says that it is stored.
 */
function lz4(bytes: Buffer): Buffer {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
  const blocks = blocksOf(bytes).flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE((block.length | 0x80000000) >>> 0);
    return [length, block];
  });
  return Buffer.concat([head, ...blocks, Buffer.alloc(4)]);
}

/** A zstd frame (RFC 8878): magic, a descriptor without anything optional, a window of 128 KiB, raw blocks. */
function zstd(bytes: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
  const blocks = blocksOf(bytes);
  return Buffer.concat([
    head,
    ...blocks.flatMap((block, at) => {
      const length = Buffer.alloc(3);
      length.writeUIntLE((block.length << 3) | (at === blocks.length - 1 ? 1 : 0), 0, 3);
      return [length, block];
    }),
  ]);
}

function blocksOf(bytes: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += MOST_IN_A_BLOCK) blocks.push(bytes.subarray(at, at + MOST_IN_A_BLOCK));
  return blocks.length === 0 ? [bytes] : blocks;
}
