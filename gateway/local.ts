/**
 * Where everyone is an anonymous admin for want of any `AUTH`, the only bound is that this machine alone reaches the server.
 * What comes through a proxy, or from a page of another site, would get round that: it is refused.
 */
import type { IncomingMessage } from 'node:http';
import { type Configuration, isLoopback } from '../server/configuration.ts';
import { signOfProxy } from './client.ts';
import type { CheckRequest } from './request-guard.ts';

/** The checks of the requests to a server where everyone is admin on loopback; elsewhere nothing is refused. */
export function createLocalCheck({
  identity,
  host,
  network: { allowedOrigins },
}: Pick<Configuration, 'identity' | 'host' | 'network'>): CheckRequest {
  if (identity.by !== 'nothing' || !isLoopback(host)) return () => undefined;
  const named = new Set([...allowedOrigins].map((origin) => new URL(origin).host));
  const checkHost: CheckRequest = ({ headers }) => {
    const to = headers.host ?? '';
    if (isOfThisMachine(`http://${to}`, host) || named.has(to)) return undefined;
    return identity.onPurpose
      ? 'this server answers to names of its own machine only: ALLOWED_ORIGINS must name the origin that it is reached by'
      : `this server answers to names of its own machine only, as everyone is admin here: ${WAY_OUT}`;
  };
  if (identity.onPurpose) return checkHost;
  return (request) => {
    const sign = signOfProxy(request);
    if (sign !== undefined)
      return `everyone is admin here, so what comes through a proxy is refused (${sign}): ${WAY_OUT}`;
    return checkHost(request) ?? checkPage(request, host, allowedOrigins);
  };
}

const WAY_OUT =
  'set AUTH_JWT_SECRET or AUTH_JWKS_URL for users who sign in, or AUTH=off where whoever reaches it may be admin';

/** A proxy that names itself nowhere leaves one sign: the page's origin, which browsers tell. */
function checkPage({ headers: { origin } }: IncomingMessage, host: string, allowed: ReadonlySet<string>) {
  if (origin === undefined || !/^https?:/.test(origin) || allowed.has(origin)) return undefined;
  if (isOfThisMachine(origin, host)) return undefined;
  return `everyone is admin here, so pages of other sites are refused: ${WAY_OUT}`;
}

/** A request of this machine's own: by one of its names, and through no proxy. */
export function isLocal(request: IncomingMessage, host: string): boolean {
  return signOfProxy(request) === undefined && isOfThisMachine(`http://${request.headers.host ?? ''}`, host);
}

/** A browser made to resolve another site's name to 127.0.0.1 (DNS rebinding) still names that site. */
function isOfThisMachine(url: string, host: string): boolean {
  if (!URL.canParse(url)) return false;
  const name = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return isLoopback(name) || name === host || name.endsWith('.localhost');
}
