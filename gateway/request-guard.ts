/** What every answer carries and every request must meet, whatever it asks for: headers that keep browsers strict. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Configuration, isLoopback } from '../server/configuration.ts';

/** `'self'` is the page's own WebSocket too, but older browsers want it named: never any other host's. */
function pagePolicy(host: string | undefined): string {
  const named = host !== undefined && /^[\w.:[\]-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return PAGE_POLICY.replace("connect-src 'self'", `connect-src 'self'${named}`);
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

/** Why a request is refused for what its headers say of where it comes from; undefined: it may pass. */
export type CheckHeaders = (headers: IncomingHttpHeaders) => string | undefined;

/**
 * Where everyone on this machine is admin, a page of another site must not become one: a browser made to resolve that
 * site's name to 127.0.0.1 (DNS rebinding) still names the site in `Host`.
 */
export function createHostCheck({ identity, host }: Pick<Configuration, 'identity' | 'host'>): CheckHeaders {
  if (identity.by !== 'nothing' || !isLoopback(host)) return () => undefined;
  return ({ host: named }) => {
    const name = hostnameOf(`http://${named ?? ''}`);
    if (name !== undefined && (isLoopback(name) || name === host || name.endsWith('.localhost'))) return undefined;
    return 'this server answers to names of its own machine only: set AUTH_JWT_SECRET, AUTH_JWKS_URL or HOST with AUTH=off';
  };
}

/** Browsers let any page open a WebSocket, so its `Origin` must be the host that it talks to; programs send none. */
export const checkOrigin: CheckHeaders = ({ origin, host }) => {
  if (origin === undefined) return undefined;
  const from = URL.canParse(origin) ? new URL(origin).host : undefined;
  const to = URL.canParse(`http://${host ?? ''}`) ? new URL(`http://${host ?? ''}`) : undefined;
  // `host` leaves out the port that is the scheme's default.
  const ours = to && [to.host, new URL(`https://${host ?? ''}`).host];
  return from !== undefined && ours?.includes(from)
    ? undefined
    : 'a WebSocket may only be opened by a page of this server';
};

export function addRequestGuard(app: FastifyInstance, checkHost: CheckHeaders): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': pagePolicy(request.headers.host),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const refusal = checkHost(request.headers);
    if (refusal !== undefined) return reply.code(403).type('text/plain; charset=utf-8').send(`${refusal}\n`);
    return undefined;
  });
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
}
