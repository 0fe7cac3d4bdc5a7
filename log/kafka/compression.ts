/**
 * Compresses the records of a batch, and opens them. Counterfoil's own are LZ4, but others may write to its topics, and a broker
 * recompresses with the topic's `compression.type`. What comes out is bounded: a megabyte can hold gigabytes.
 */
import { gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import lz4 from 'lz4-napi';
import snappy from 'snappyjs';

/** Producers bound what they compress by `max.request.size`, 1 MiB unless they raise it. */
export const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024;

/** More would come out than this process can be asked to hold. */
export class DecompressedTooLarge extends Error {
  override readonly name = 'DecompressedTooLarge';

  constructor() {
    super(`decompressed it takes over ${MAX_DECOMPRESSED_BYTES} bytes`);
  }
}

const [NONE, LZ4] = [0, 3];
/** Less is not worth it: it would hardly shrink. */
const COMPRESSED_FROM_BYTES = 512;

/**
 * The records as they are best written, with the number of their codec. Most of a record is headers, which are much the same in
 * all of a batch: the longer the batch, the more is saved.
 */
export function compressed(records: Buffer): { readonly body: Buffer; readonly codec: number } {
  if (records.length < COMPRESSED_FROM_BYTES) return { body: records, codec: NONE };
  const body = lz4.compressFrameSync(records);
  return body.length < records.length ? { body, codec: LZ4 } : { body: records, codec: NONE };
}

/** By the codec's number in a batch's attributes. */
const CODECS: Readonly<Record<number, { readonly name: string; open(body: Buffer): Buffer }>> = {
  0: { name: 'none', open: (body) => body },
  1: { name: 'gzip', open: gunzip },
  2: { name: 'snappy', open: unsnap },
  3: { name: 'lz4', open: unlz4 },
  4: { name: 'zstd', open: unzstd },
};

/** @throws {DecompressedTooLarge} @throws when the codec is unknown, or the bytes are not what it makes. */
export function decompressed(body: Buffer, codec: number): Buffer {
  const known = CODECS[codec];
  if (known === undefined) throw new Error(`compressed with codec ${codec}, which is none of Kafka's`);
  try {
    return known.open(body);
  } catch (error) {
    if (error instanceof DecompressedTooLarge) throw error;
    throw new Error(`${known.name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function gunzip(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_DECOMPRESSED_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw new DecompressedTooLarge();
    throw error;
  }
}

/** Frames of Java's snappy, "xerial": this, two versions, and blocks, each with its length before it. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = XERIAL.length + 8;

/** Java's clients write frames, others one bare block. */
function unsnap(body: Buffer): Buffer {
  if (!body.subarray(0, XERIAL.length).equals(XERIAL)) return unsnapBlock(body, MAX_DECOMPRESSED_BYTES);
  const blocks: Buffer[] = [];
  let room = MAX_DECOMPRESSED_BYTES;
  for (let index = XERIAL_HEADER_BYTES; index < body.length; ) {
    const length = body.readInt32BE(index);
    index += 4;
    if (length < 0 || index + length > body.length) throw new Error('a block ends too early');
    const block = unsnapBlock(body.subarray(index, index + length), room);
    room -= block.length;
    blocks.push(block);
    index += length;
  }
  return Buffer.concat(blocks);
}

function unsnapBlock(block: Buffer, room: number): Buffer {
  if (snappedLength(block) > room) throw new DecompressedTooLarge();
  return snappy.uncompress(block, room);
}

/** A block begins with its length, as a varint of 32 bits. */
function snappedLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_CONTENT_SIZE = 0x08;
const LZ4_BLOCK_CHECKSUM = 0x10;
const LZ4_DICTIONARY = 0x01;

/** The library has no bound of its own, so the frame's blocks are counted first: none gives more than the frame says. */
function unlz4(body: Buffer): Buffer {
  if (body.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('it is no frame');
  const flags = body.readUInt8(4);
  const largest = 2 ** (8 + 2 * ((body.readUInt8(5) >> 4) & 0x07));
  let index = 7 + ((flags & LZ4_CONTENT_SIZE) === 0 ? 0 : 8) + ((flags & LZ4_DICTIONARY) === 0 ? 0 : 4);
  let most = 0;
  for (;;) {
    const length = body.readUInt32LE(index) & 0x7fff_ffff;
    if (length === 0) break;
    most += largest;
    if (most > MAX_DECOMPRESSED_BYTES) throw new DecompressedTooLarge();
    index += 4 + length + ((flags & LZ4_BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  return lz4.decompressFrameSync(body);
}

/** As a stream, which can be left off when too much has come out. */
function unzstd(body: Buffer): Buffer {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((chunk) => {
    length += chunk.length;
    if (length > MAX_DECOMPRESSED_BYTES) throw new DecompressedTooLarge();
    chunks.push(chunk);
  });
  stream.push(body, true);
  return Buffer.concat(chunks, length);
}
