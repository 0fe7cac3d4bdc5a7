/** The page's `index.html`, with the path written into it that the server stands under: the build knows none. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

interface Index {
  /** When the build wrote the file: another build while the server runs is taken up. */
  readonly builtAt: number;
  readonly etag: string;
  readonly plain: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** Sends the page. @param base `/shop`, or empty */
export function createIndex(
  file: string,
  base: string,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  let latest: Index | undefined;
  return async (request, reply) => {
    const { mtimeMs } = await stat(file);
    if (latest?.builtAt !== mtimeMs) latest = await make(file, base, mtimeMs);
    const { etag, plain, ...compressed } = latest;
    void reply.headers({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    void reply.type('text/html; charset=utf-8');
    const accepted = request.headers['accept-encoding'] ?? '';
    const encoding = (['br', 'gzip'] as const).find((name) => new RegExp(`\\b${name}\\b`).test(accepted));
    return encoding === undefined
      ? reply.send(plain)
      : reply.header('content-encoding', encoding).send(compressed[encoding]);
  };
}

async function make(file: string, base: string, builtAt: number): Promise<Index> {
  const html = (await readFile(file, 'utf8'))
    // The build's own links are relative, which would be wrong on any page but the first.
    .replaceAll('="./', `="${base}/`)
    .replace(/(<meta name="base-path" content=")[^"]*/, `$1${base}/`);
  const plain = Buffer.from(html);
  return {
    builtAt,
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    plain,
    br: await promisify(brotliCompress)(plain),
    gzip: await promisify(gzip)(plain),
  };
}
