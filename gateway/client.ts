/**
 * Who sent a request, and to which name: what a trusted proxy says in X-Forwarded-For, -Proto and -Host, else what the
 * connection itself shows. What anyone else says of that changes nothing.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { all, compile } from '@fastify/proxy-addr';

export interface Client {
  /** The client's own address; undefined when its connection is gone. */
  readonly address: string | undefined;
  /** What the client called this server: name and port. */
  readonly host: string | undefined;
  /** What the client speaks, where a proxy told it: between a proxy and this server it is always http. */
  readonly protocol: string | undefined;
}

export type ClientOf = (request: IncomingMessage) => Client;

/** @param trusted so many proxies before this server, or the addresses of proxies; 0: none */
export function createClientOf(trusted: number | readonly string[]): ClientOf {
  if (trusted === 0) return direct;
  // A number trusts whoever connects: right only where nothing but the proxies can.
  const trust = typeof trusted === 'number' ? (_address: string, hop: number) => hop < trusted : compile([...trusted]);
  return (request) => {
    const own = direct(request);
    const { address } = own;
    if (address === undefined || !trust(address, 0)) return own;
    return {
      address: plainAddress(all(request, trust).at(-1)) ?? address,
      host: lastOf(request.headers, 'x-forwarded-host') ?? own.host,
      protocol: lastOf(request.headers, 'x-forwarded-proto')?.toLowerCase(),
    };
  };
}

const direct: ClientOf = ({ socket, headers }) => ({
  address: socket.remoteAddress,
  host: headers.host,
  protocol: undefined,
});

/** Where several proxies add to a header, the last entry is of the one that is known best. */
function lastOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  return (
    String(headers[name] ?? '')
      .split(',')
      .at(-1)
      ?.trim() || undefined
  );
}

/** Some proxies add the client's port, or write `unknown`: not an address, so the proxy's own counts. */
function plainAddress(text: string | undefined): string | undefined {
  const plain = text?.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  return plain !== undefined && isIP(plain) !== 0 ? plain : undefined;
}

/** What proxies add to the requests that they pass on. */
const OF_PROXIES = new RegExp(
  `^(${[
    ...['forwarded', 'via', 'x-forwarded(-.*)?', 'x-original-(forwarded-for|host)', 'cdn-loop'],
    ...['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'fastly-client-ip'],
    ...['cf-.*', 'fly-.*', 'x-amzn-.*', 'x-azure-.*', 'x-envoy-.*'],
  ].join('|')})$`,
);

/** The first sign that a request came through a proxy, in words; undefined: it shows none. */
export function signOfProxy({ headers, httpVersion }: IncomingMessage): string | undefined {
  const header = Object.keys(headers).find((name) => OF_PROXIES.test(name));
  if (header !== undefined) return `it carries ${header}`;
  // What nginx has long spoken to servers behind it where nothing else is set, and hardly a client of today.
  return httpVersion === '1.0' ? 'it speaks HTTP/1.0' : undefined;
}
