/** The page's `index.html`, with the settings written into it that the page must know from its first moment: the build knows none. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

interface Index {
  readonly etag: string;
  readonly plain: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** Of one build of the page. */
interface Built {
  /** When it wrote `index.html`: another build while the server runs is taken up. */
  readonly builtAt: number;
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly indexes: Map<string, Index>;
}

/** Settings by the names of the page's `<meta>` elements, see `web/src/graph/settings.ts`; undefined: left empty. */
export type Told = Readonly<Record<string, string | undefined>>;

/** The page that is shown at `/`. */
const FIRST = 'overview';

/**
 * Sends the page, with the files named in it that the page at its path needs besides, where the build has told them.
 * @param base `/shop`, or empty
 */
export function createIndex(
  file: string,
  base: string,
  told: Told,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  let latest: Built | undefined;
  const madeFor = async (page: string): Promise<Index> => {
    const { mtimeMs } = await stat(file);
    if (latest?.builtAt !== mtimeMs) latest = { builtAt: mtimeMs, files: await filesOfPages(file), indexes: new Map() };
    const { files, indexes } = latest;
    // All addresses that are no page's share one.
    const [name, needed] = Object.hasOwn(files, page) ? [page, files[page] ?? []] : ['', []];
    const made = indexes.get(name) ?? (await make(file, { ...told, 'base-path': `${base}/` }, base, needed));
    indexes.set(name, made);
    return made;
  };
  return async (request, reply) => {
    const [, page = ''] = /^\/([^/?]*)/.exec(request.url) ?? [];
    const { etag, plain, ...compressed } = await madeFor(page === '' || page === 'index.html' ? FIRST : page);
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

const filesByPage = z.record(z.string(), z.array(z.string()));

/** By page, the files it needs that `index.html` does not name; none where the build has not told them. */
async function filesOfPages(file: string): Promise<Readonly<Record<string, readonly string[]>>> {
  try {
    return filesByPage.parse(JSON.parse(await readFile(join(dirname(file), 'pages.json'), 'utf8')));
  } catch {
    return {};
  }
}

async function make(file: string, told: Told, base: string, needed: readonly string[]): Promise<Index> {
  // The build's own links are relative, which would be wrong on any page but the first.
  const linked = (await readFile(file, 'utf8')).replaceAll('="./', `="${base}/`);
  const html = linked.replace(/(<meta name="([\w-]+)" content=")[^"]*/g, (whole, before: string, name: string) =>
    Object.hasOwn(told, name) ? before + escaped(told[name] ?? '') : whole,
  );
  const preloads = needed.map((name) => `<link rel="modulepreload" crossorigin href="${base}/${escaped(name)}">`);
  const plain = Buffer.from(html.replace('</head>', `${preloads.join('')}</head>`));
  return {
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
