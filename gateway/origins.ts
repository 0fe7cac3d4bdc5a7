/**
 * Which pages may use the API. A page of this server may; one of another origin only when `ALLOWED_ORIGINS` names it, over
 * HTTP (CORS) and WebSocket alike. Tokens are headers and no cookies, so no credentials are allowed.
 */
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { ClientOf } from './client.ts';
import { graphqlError } from './graphql-answer.ts';
import type { CheckRequest } from './request-guard.ts';

/** Beside what browsers always allow: the token, the body's type, and what Apollo's clients and tracing send. */
const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'apollographql-client-name',
  'apollographql-client-version',
  'traceparent',
  'tracestate',
];
/** What a page may read of an answer beside its body. */
const EXPOSED_HEADERS = ['retry-after', 'www-authenticate'];
/** For how long a browser may remember a preflight's answer, in s; browsers themselves keep it no longer than two hours. */
const PREFLIGHT_AGE_S = 600;

const NAME_IT = 'ALLOWED_ORIGINS must name its origin';

/** Browsers let any page open a WebSocket, so its `Origin` must be this server's own or an allowed one; programs send none. */
export function createOriginCheck(allowed: ReadonlySet<string>, clientOf: ClientOf): CheckRequest {
  return (request) => {
    const { origin } = request.headers;
    if (origin === undefined || allowed.has(origin)) return undefined;
    const { host, protocol } = clientOf(request);
    if (isOwn(origin, host, protocol)) return undefined;
    return `a WebSocket may only be opened by a page of this server: ${NAME_IT}`;
  };
}

function isOwn(origin: string, host: string | undefined, protocol: string | undefined): boolean {
  // Without a trusted proxy's word for it, whether a client spoke http or https is not known here.
  const protocols = protocol === undefined ? ['http', 'https'] : [protocol];
  return protocols.some((each) => {
    const own = `${each}://${host ?? ''}`;
    return URL.canParse(own) && URL.canParse(origin) && new URL(own).origin === new URL(origin).origin;
  });
}

/** Lets pages of the allowed origins read the answers of `/graphql`, in `scope`; the preflights of others are refused. */
export async function addCors(scope: FastifyInstance, allowed: ReadonlySet<string>): Promise<void> {
  scope.addHook('onRequest', async (request, reply) => {
    // The plugin below brings a route for the preflights of all paths.
    if (request.routeOptions.url !== '/graphql') return reply.callNotFound();
    const { origin, 'access-control-request-method': method } = request.headers;
    if (request.method !== 'OPTIONS' || method === undefined || origin === undefined) return undefined;
    if (allowed.has(origin)) return undefined;
    return reply.send(graphqlError(request, reply, 403, 'FORBIDDEN', `pages of this origin may not: ${NAME_IT}`));
  });
  if (allowed.size === 0) return;
  await scope.register(fastifyCors, {
    origin: (origin, done) => done(null, origin !== undefined && allowed.has(origin) ? origin : false),
    methods: ['GET', 'POST'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_AGE_S,
  });
  scope.addHook('onSend', async (_request, reply) => {
    // Handlers name what else the answer depends on, in place of what the plugin named.
    const vary = String(reply.getHeader('vary') ?? '');
    if (!/\borigin\b/i.test(vary)) void reply.header('vary', vary === '' ? 'Origin' : `${vary}, Origin`);
  });
}
