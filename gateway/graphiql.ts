/** GraphiQL for a browser that opens /graphql: one page with everything in it, so that it works without internet. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientOf } from './client.ts';
import { exampleTabs } from './graphiql-examples.ts';
import { socketsOf } from './request-guard.ts';

interface Page {
  /** Compressed, for every browser takes it so: 9 MB become 2. */
  readonly gzipped: Buffer;
  readonly etag: string;
  /** For the host that the browser knows the server by. */
  policy(host: string | undefined): string;
}

/** Browsers name HTML, programs do not. */
export function wantsPage({ accept = '' }: IncomingHttpHeaders): boolean {
  return accept.includes('text/html');
}

/** Makes the page at the first request: it is too large to be read at every start. @param base `/shop`, or empty */
export function createGraphiql(
  base: string,
  clientOf: ClientOf,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  let made: Promise<Page> | undefined;
  return async (request, reply) => {
    made ??= makePage(base);
    const { gzipped, etag, policy } = await made.catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    void reply.headers({
      etag,
      'cache-control': 'no-cache',
      'content-security-policy': policy(clientOf(request.raw).host),
      vary: 'accept, accept-encoding',
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    void reply.type('text/html; charset=utf-8');
    // As a stream: 9 MB for each connection that does not read would be a way to fill the memory, without a token.
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
      return reply.send(Readable.from([gzipped]).pipe(createGunzip()));
    }
    return reply.header('content-encoding', 'gzip').send(gzipped);
  };
}

/** The token that somebody signed in with on the web page, for requests and subscriptions. */
const SIGN_IN = '"(sign-in)"';
/** The page's name for it: `graph/base-path.ts` there. */
const fromSignIn = (base: string) =>
  `(function (token) { return token ? { authorization: 'Bearer ' + token } : {}; })(localStorage.getItem('counterfoil.token${base === '' ? '' : ` ${base}/`}'))`;

async function makePage(base: string): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options: unknown = {
    title: 'Counterfoil · GraphiQL',
    endpoint: `${base}/graphql`,
    subscriptionsProtocol: 'WS',
    shouldPersistHeaders: false,
    defaultTabs: exampleTabs,
    // The page takes its options as JSON, which holds no expressions: these are replaced below.
    additionalHeaders: JSON.parse(SIGN_IN),
    connectionParams: JSON.parse(SIGN_IN),
  };
  const rendered = renderGraphiQL(options as Parameters<typeof renderGraphiQL>[0]).trimStart();
  // A browser hashes a script after it has made its line ends one character.
  const html = rendered.replaceAll(SIGN_IN, () => fromSignIn(base)).replace(/\r\n?/g, '\n');
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  return {
    gzipped: await promisify(gzip)(html),
    etag: `"${digest(html, 'base64url')}"`,
    policy: policyFor(digest(script, 'base64')),
  };
}

function digest(text: string, encoding: 'base64' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding);
}

/** The page's own script and nothing else; the editor's workers are made by it, and its styles are set inline. */
function policyFor(script: string): (host: string | undefined) => string {
  const policy = (sockets: string) => [
    "default-src 'none'",
    `script-src 'sha256-${script}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    `connect-src 'self'${sockets}`,
    "img-src 'self' data:",
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return (host) => policy(socketsOf(host)).join('; ');
}
