/** The page's `index.html`, with the settings written into it that the page must know from its first moment: the build knows none. */
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

/** Settings by the names of the page's `<meta>` elements, see `web/src/graph/settings.ts`; undefined: left empty. */
export type Told = Readonly<Record<string, string | undefined>>;

/** Sends the page. @param base `/shop`, or empty */
export function createIndex(
  file: string,
  base: string,
  told: Told,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  let latest: Index | undefined;
  return async (request, reply) => {
    const { mtimeMs } = await stat(file);
    if (latest?.builtAt !== mtimeMs) latest = await make(file, { ...told, 'base-path': `${base}/` }, base, mtimeMs);
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

async function make(file: string, told: Told, base: string, builtAt: number): Promise<Index> {
  // The build's own links are relative, which would be wrong on any page but the first.
  const linked = (await readFile(file, 'utf8')).replaceAll('="./', `="${base}/`);
  const html = linked.replace(/(<meta name="([\w-]+)" content=")[^"]*/g, (whole, before: string, name: string) =>
    Object.hasOwn(told, name) ? before + escaped(told[name] ?? '') : whole,
  );
  const plain = Buffer.from(html);
  return {
    builtAt,
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    plain,
    br: await promisify(brotliCompress)(plain),
    gzip: await promisify(gzip)(plain),
  };
}

/** As the value of an attribute in quotes. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
