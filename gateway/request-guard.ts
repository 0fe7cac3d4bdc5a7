/** What every answer carries and every request must meet, whatever it asks for: headers that keep browsers strict. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClientOf } from './client.ts';
import { graphqlError } from './graphql-answer.ts';

/** `'self'` is the page's own WebSocket too, but older browsers want it named: never any other host's. */
export function socketsOf(host: string | undefined): string {
  return host !== undefined && /^[\w.:[\]-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : '';
}

function pagePolicy(host: string | undefined): string {
  return PAGE_POLICY.replace("connect-src 'self'", `connect-src 'self'${socketsOf(host)}`);
}

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Why a request is refused for where it comes from; undefined: it may pass. */
export type CheckRequest = (request: IncomingMessage) => string | undefined;

export function addRequestGuard(app: FastifyInstance, checkLocal: CheckRequest, clientOf: ClientOf): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': pagePolicy(clientOf(request.raw).host),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    // Node.js would refuse it itself, without a body.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      return refuse(request, reply, 400, 'BAD_REQUEST', 'the request has no Host header');
    }
    const refusal = checkLocal(request.raw);
    return refusal === undefined ? undefined : refuse(request, reply, 403, 'FORBIDDEN', refusal);
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, code: string, message: string) {
  if (request.routeOptions.url === '/graphql') return reply.send(graphqlError(request, reply, status, code, message));
  return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
}
