/** The web page at `/`, as `npm run build` left it in web/dist; every path that is nothing else is the page's to show. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createIndex, type Told } from './page-index.ts';

/** The page beside the sources, and beside `dist/` where what runs was built into it. */
const FOLDERS = ['../web/dist/', '../../web/dist/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const NOT_BUILT = `Counterfoil is running: the API is at /graphql.
This web page has not been built: run \`npm run build\`, then start the server again.
`;
const YEAR_S = 365 * 24 * 60 * 60;

export interface PageOptions {
  /** `/shop`, or empty: see `base-path.ts`. */
  readonly basePath: string;
  /** What the page is told of the server's settings. */
  readonly told: Told;
  /** Where the page may be. */
  readonly folders?: readonly string[];
}

export async function addPage(app: FastifyInstance, { basePath, told, folders = FOLDERS }: PageOptions): Promise<void> {
  const root = folders.find((folder) => existsSync(`${folder}/index.html`));
  if (root === undefined) {
    app.get('/', (_request, reply) => reply.code(404).type('text/plain; charset=utf-8').send(NOT_BUILT));
    app.setNotFoundHandler((request, reply) =>
      reply.code(404).type('text/plain; charset=utf-8').send(notFound(request)),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root,
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // The build names the files in assets/ by a hash of what is in them.
      const hashed = /[\\/]assets[\\/]/.test(path.slice(root.length - 1));
      void reply.header('cache-control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
    },
  });
  const index = createIndex(`${root}/index.html`, basePath, told);
  app.get('/', index);
  app.get('/index.html', index);
  app.setNotFoundHandler((request, reply) => {
    if (isPagePath(request)) return index(request, reply);
    return reply.code(404).type('text/plain; charset=utf-8').send(notFound(request));
  });
}

/** A browser that opens a path of the page's own; what has an ending was meant to be a file. */
function isPagePath({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? '';
  const browsing = (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
  return browsing && !/^\/(graphql|healthz|readyz|metrics|assets)(\/|$)/.test(path) && !/\.[^/]*$/.test(path);
}

function notFound({ method, originalUrl }: FastifyRequest): string {
  return `There is no ${method} ${originalUrl.split('?')[0]} here.\n`;
}
