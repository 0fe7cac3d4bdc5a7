/**
 * The encoding of a file: told, marked by a byte order mark, or detected. Decoding is iconv-lite's: the `windows-1252` of Node.js'
 * TextDecoder is ISO 8859-1 in several of its versions, which loses the euro sign.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { ImportFailed } from '../failure.ts';

export interface TextEncoding {
  /** As `--encoding` takes it. */
  readonly name: string;
  /** Why it was chosen, where a user should know. */
  readonly notice?: string;
}

/** Stands for bytes that could not be decoded. */
export const REPLACEMENT = '\ufffd';

const BYTE_ORDER_MARKS = [
  { name: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { name: 'utf-16le', bytes: [0xff, 0xfe] },
  { name: 'utf-16be', bytes: [0xfe, 0xff] },
] as const;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const FIRST_BYTES = 4096;

/** @throws {ImportFailed} when there is no such encoding */
export function checkEncoding(name: string): string {
  if (iconv.encodingExists(name)) return name;
  throw new ImportFailed(`there is no encoding ${name}: try utf-8, utf-16le, utf-16be or windows-1252`);
}

/** @throws {ImportFailed} that names no file, when it is no text */
export async function detectEncoding(path: string): Promise<TextEncoding> {
  const first = await firstBytes(path);
  if (startsWith(first, ZIP)) throw new ImportFailed('it is a spreadsheet or an archive: save its table as CSV');
  const marked = BYTE_ORDER_MARKS.find(({ bytes }) => startsWith(first, bytes));
  if (marked !== undefined) return { name: marked.name };
  const wide = wideEncoding(first);
  if (wide !== undefined) return { name: wide, notice: 'read as UTF-16, which it has no mark of' };
  return await utf8OrWindows(path);
}

/** The file's text in pieces, without a byte order mark. */
export async function* textOf(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding);
  for await (const bytes of bytesOf(path)) yield decoder.write(bytes);
  yield decoder.end() ?? '';
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  // A stream without an encoding gives buffers.
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
}

/**
 * Valid UTF-8 is UTF-8: text in another encoding hardly ever is by chance. Otherwise by the characters beyond ASCII: where most
 * are valid, some bytes are damaged, and their rows will be problems; where few are, it is Windows-1252.
 */
async function utf8OrWindows(path: string): Promise<TextEncoding> {
  let [damaged, valid] = [0, 0];
  for await (const text of textOf(path, 'utf-8')) {
    for (const [character] of text.matchAll(/[\u0080-\u{10ffff}]/gu)) {
      if (character === REPLACEMENT) damaged++;
      else valid++;
    }
  }
  if (damaged <= valid) return { name: 'utf-8' };
  return { name: 'windows-1252', notice: 'read as Windows-1252, since it is not UTF-8; --encoding tells another' };
}

/** ASCII characters take a NUL beside them in UTF-16. */
function wideEncoding(first: Buffer): string | undefined {
  let [even, odd] = [0, 0];
  for (const [at, byte] of first.entries()) {
    if (byte !== 0) continue;
    if (at % 2 === 0) even++;
    else odd++;
  }
  const many = first.length / 5;
  if (odd > many && even < odd / 4) return 'utf-16le';
  return even > many && odd < even / 4 ? 'utf-16be' : undefined;
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
