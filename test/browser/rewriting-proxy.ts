/** A small reverse proxy as tests of the page need it: it changes Host, tells what it was, and may take a path away. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface RewritingProxy {
  /** What browsers call it: `http://localhost:1234`. */
  readonly origin: string;
  /** Paths that came to it. */
  readonly paths: readonly string[];
  /** The port that it passes requests on to. */
  to: number;
  close(): void;
}

/** @param below what paths must begin with, else they are not found here. @param strip is taken away from their beginning */
export async function startProxy({
  below,
  strip,
}: {
  readonly below: string;
  readonly strip: string;
}): Promise<RewritingProxy> {
  const paths: string[] = [];
  const open = new Set<Duplex>();

  function forward(asked: IncomingMessage) {
    const { host = '', ...headers } = asked.headers;
    const changed: OutgoingHttpHeaders = {
      ...headers,
      host: 'counterfoil.internal:8080',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
    };
    const path = (asked.url ?? '').slice(strip.length);
    return request({ host: '127.0.0.1', port: proxy.to, path, method: asked.method ?? 'GET', headers: changed });
  }

  const server = createServer((asked, answer) => {
    paths.push(asked.url ?? '');
    if (!asked.url?.startsWith(below)) {
      answer.writeHead(404).end('not below the path\n');
      return;
    }
    const sent = forward(asked);
    sent.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    sent.on('error', () => answer.destroy());
    asked.pipe(sent);
  });
  server.on('upgrade', (asked, client: Duplex) => {
    const sent = forward(asked);
    sent.on('upgrade', (response, upstream: Duplex) => {
      const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      open.add(client).add(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
      client.on('error', () => upstream.destroy()).pipe(upstream);
    });
    sent.on('response', (response) => client.end(`HTTP/1.1 ${response.statusCode} Refused\r\n\r\n`));
    sent.on('error', () => client.destroy());
    sent.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RewritingProxy = {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    paths,
    to: 0,
    close() {
      for (const stream of open) stream.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
  return proxy;
}
