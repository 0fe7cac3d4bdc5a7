/** The gateway behind proxies, for pages of other origins, and on a network: over HTTP and WebSocket. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closingOf, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const SECRET = 'a secret that has thirty-two bytes';
/** Users sign in, and who does not is let in too: what is tried here is asked without a token. */
const SIGNED_IN = { AUTH_JWT_SECRET: SECRET, AUTH_VISITORS: 'on' };
const VIEWER = JSON.stringify({ query: '{ viewer { id } }' });
const JSON_TYPE = { 'content-type': 'application/json' };
const SHOP = 'https://shop.example';

const open: TestGateway[] = [];
async function gatewayWith(env: Record<string, string>): Promise<TestGateway> {
  const gateway = await testGateway({ env, resolvers: viewerResolvers });
  open.push(gateway);
  return gateway;
}
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** With headers that `fetch` does not let one set, such as Host. */
function ask(
  { port }: { readonly port: number },
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: String(Buffer.concat(parts)) }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

const askViewer = (gateway: TestGateway, headers: Record<string, string> = {}) =>
  ask(gateway, '/graphql', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: VIEWER });

/** What the server answers to these bytes. */
function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const socketAt = ({ port }: TestGateway, path = '/graphql') => `ws://127.0.0.1:${port}${path}`;
/** Let in: it is the protocol that closes it. */
const BAD_INIT = [{ type: 'nonsense' }];
const LET_IN = { code: 4400 };

describe('rates and WebSockets of an address', () => {
  it('are those of the client that a trusted proxy names', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, TRUST_PROXY: 'loopback', RATE_ADDRESS: '2' });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await askViewer(gateway, from('203.0.113.1'))).status);
    expect(statuses).toEqual([200, 200, 429]);
    // What the client itself wrote before its proxy's entry does not change whom it is counted as.
    expect((await askViewer(gateway, from('198.51.100.9, 203.0.113.1'))).status).toBe(429);
    expect((await askViewer(gateway, from('203.0.113.2'))).status).toBe(200);
  });

  it('are bounded for WebSockets as well', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, TRUST_PROXY: '1', MAX_SOCKETS_PER_ADDRESS: '1' });
    const first = gateway.socket();
    await first.iterate({ query: '{ viewer { id } }' }).next();
    const headers = { 'x-forwarded-for': '203.0.113.1' };
    const { WebSocket } = await import('ws');
    const held = new WebSocket(socketAt(gateway), 'graphql-transport-ws', { headers });
    await new Promise((resolve) => held.once('open', resolve));
    expect(await closingOf(socketAt(gateway), headers)).toEqual({ status: 429 });
    expect(await closingOf(socketAt(gateway), { 'x-forwarded-for': '203.0.113.2' }, BAD_INIT)).toMatchObject(LET_IN);
    held.terminate();
  });

  it('are not changed by the headers of who is not trusted', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, TRUST_PROXY: '192.0.2.0/24', RATE_ADDRESS: '2' });
    for (let n = 0; n < 5; n += 1) {
      expect((await askViewer(gateway, { 'x-forwarded-for': '203.0.113.1' })).status).toBe(200);
    }
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

  it('that is named may ask over HTTP: its preflight is answered, and answers and errors can be read', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, ALLOWED_ORIGINS: `${SHOP}, http://localhost:3000` });
    const asked = await ask(gateway, '/graphql', preflight(SHOP));
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringMatching(/^authorization, content-type, apollo-require-preflight/),
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    expect(asked.headers['access-control-allow-credentials']).toBeUndefined();
    for (const [body, status] of [
      [VIEWER, 200],
      ['{"query":"{ nothing }"}', 400],
      ['{', 400],
    ] as const) {
      const headers = { ...JSON_TYPE, origin: SHOP };
      const answer = await ask(gateway, '/graphql', { method: 'POST', headers, body });
      expect(answer.status).toBe(status);
      expect(answer.headers['access-control-allow-origin']).toBe(SHOP);
      expect(answer.headers['access-control-expose-headers']).toContain('retry-after');
      expect(answer.headers['vary']).toMatch(/\bOrigin\b/);
    }
    const get = await ask(gateway, '/graphql?query={viewer{id}}', {
      headers: { origin: SHOP, 'apollo-require-preflight': 'yes' },
    });
    expect([get.status, get.headers['access-control-allow-origin']]).toEqual([200, SHOP]);
    expect(get.headers['vary']).toBe('accept, Origin');
  });

  it('that is not named is refused its preflight, with the variable to set, and reads nothing', async () => {
    for (const env of [{}, { ALLOWED_ORIGINS: SHOP }]) {
      const gateway = await gatewayWith({ ...SIGNED_IN, ...env });
      const asked = await ask(gateway, '/graphql', preflight('https://evil.example'));
      expect(asked.status).toBe(403);
      expect(JSON.parse(asked.body)).toMatchObject({
        errors: [{ message: expect.stringContaining('ALLOWED_ORIGINS'), extensions: { code: 'FORBIDDEN' } }],
      });
      for (const answer of [asked, await askViewer(gateway, { origin: 'https://evil.example' })]) {
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
      expect((await ask(gateway, '/healthz', preflight(SHOP))).status).toBe(404);
    }
  });

  it('may open WebSockets when it is named, also where a proxy has changed the Host', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, ALLOWED_ORIGINS: SHOP });
    const headers = { origin: SHOP, host: 'inside:4000' };
    expect(await closingOf(socketAt(gateway), headers, BAD_INIT)).toMatchObject(LET_IN);
    const other = await ask(gateway, '/graphql', {
      headers: {
        ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', origin: 'https://evil.example' },
      },
    });
    expect([other.status, other.body]).toEqual([403, expect.stringContaining('ALLOWED_ORIGINS')]);
  });
});

describe('the page’s own WebSocket behind a proxy', () => {
  const forwarded = { host: 'inside:4000', 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };

  it('is opened by the name and protocol that a trusted proxy tells', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, TRUST_PROXY: '127.0.0.1' });
    expect(await closingOf(socketAt(gateway), { ...forwarded, origin: SHOP }, BAD_INIT)).toMatchObject(LET_IN);
    for (const origin of ['http://shop.example', 'https://shop.example:8443', 'https://inside:4000']) {
      expect(await closingOf(socketAt(gateway), { ...forwarded, origin })).toEqual({ status: 403 });
    }
    const { headers } = await ask(gateway, '/healthz', { headers: forwarded });
    expect(headers['content-security-policy']).toContain('wss://shop.example;');
  });

  it('is not opened by the name that anyone else tells', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, TRUST_PROXY: '192.0.2.1' });
    expect(await closingOf(socketAt(gateway), { ...forwarded, origin: SHOP })).toEqual({ status: 403 });
  });
});

describe('where everyone is admin because nobody said otherwise', () => {
  const refused = (answer: Answer) => {
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/AUTH_JWT_SECRET or AUTH_JWKS_URL.*AUTH=off/);
  };

  it.each([
    ['x-forwarded-for', '203.0.113.1'],
    ['x-forwarded-proto', 'https'],
    ['forwarded', 'for=203.0.113.1'],
    ['via', '1.1 proxy'],
    ['origin', SHOP],
    ['host', 'shop.example'],
  ])('what comes through a proxy, or from elsewhere, is refused: %s', async (name, value) => {
    const gateway = await gatewayWith({ TRUST_PROXY: 'loopback' });
    const answer = await askViewer(gateway, { [name]: value });
    refused(answer);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    for (const path of ['/', '/healthz', '/metrics']) refused(await ask(gateway, path, { headers: { [name]: value } }));
    expect(await closingOf(socketAt(gateway), { [name]: value })).toEqual({ status: 403 });
  });

  it('a proxy that tells nothing of itself speaks HTTP/1.0, and is refused', async () => {
    const { port } = await gatewayWith({});
    const answer = await send(port, `GET /graphql HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('AUTH_JWT_SECRET');
  });

  it('this machine’s own pages and programs are not', async () => {
    const gateway = await gatewayWith({});
    for (const origin of ['http://localhost:5173', `http://127.0.0.1:${gateway.port}`, 'http://[::1]:3000']) {
      expect((await askViewer(gateway, { origin })).status).toBe(200);
    }
    expect((await askViewer(gateway)).status).toBe(200);
  });

  it('AUTH=off lets proxies pass, and names that ALLOWED_ORIGINS knows', async () => {
    const gateway = await gatewayWith({ AUTH: 'off', ALLOWED_ORIGINS: SHOP });
    expect((await askViewer(gateway, { 'x-forwarded-for': '203.0.113.1', via: '1.1 proxy' })).status).toBe(200);
    expect((await askViewer(gateway, { host: 'shop.example' })).status).toBe(200);
    const other = await askViewer(gateway, { host: 'evil.example' });
    expect([other.status, other.body]).toEqual([403, expect.stringContaining('ALLOWED_ORIGINS')]);
  });
});

describe('below a base path', () => {
  it('everything is served with the path before it and without, on HTTP and WebSocket', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, BASE_PATH: '/my/shop/' });
    expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}/my/shop`);
    for (const base of ['/my/shop', '']) {
      for (const path of ['/healthz', '/readyz']) expect((await ask(gateway, base + path)).status).toBe(200);
      const answer = await ask(gateway, `${base}/graphql`, { method: 'POST', headers: JSON_TYPE, body: VIEWER });
      expect(JSON.parse(answer.body)).toEqual({ data: { viewer: { id: 'anonymous' } } });
      expect(await closingOf(socketAt(gateway, `${base}/graphql`), {}, BAD_INIT)).toMatchObject(LET_IN);
    }
    expect((await ask(gateway, '/my/shopping/healthz')).status).toBe(404);
    expect(await closingOf(socketAt(gateway, '/my/graphql'), {})).toEqual({ status: 404 });
    const graphiql = await ask(gateway, '/my/shop/graphql', { headers: { accept: 'text/html' } });
    expect(graphiql.body).toContain('"endpoint":"/my/shop/graphql"');
    expect(graphiql.body).toContain("getItem('counterfoil.token /my/shop/')");
  });
});

describe('/metrics', () => {
  const read = ({ port }: { readonly port: number }, headers: Record<string, string> = {}) =>
    ask({ port }, '/metrics', { headers });

  it('are read by this machine alone, and not through a proxy on it', async () => {
    const gateway = await gatewayWith(SIGNED_IN);
    expect((await read(gateway)).body).toContain('process_cpu_seconds_total');
    for (const headers of [{ 'x-forwarded-for': '203.0.113.1' }, { host: 'shop.example' }]) {
      const { status, body } = await read(gateway, headers as Record<string, string>);
      expect([status, body]).toEqual([404, expect.stringMatching(/METRICS_TOKEN.*METRICS_PORT/)]);
    }
  });

  it('are not served at all on an address that others reach, unless a variable says how', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, HOST: '0.0.0.0' });
    expect((await read(gateway)).status).toBe(404);
    expect((await ask(gateway, '/healthz')).status).toBe(200);
  });

  it('ask for the token', async () => {
    const token = 'metrics-for-prometheus';
    const gateway = await gatewayWith({ ...SIGNED_IN, HOST: '0.0.0.0', METRICS_TOKEN: token });
    for (const authorization of ['', `Bearer ${token}x`, 'Bearer ', token]) {
      const { status, headers } = await read(gateway, { authorization });
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
    }
    expect((await read(gateway, { authorization: `Bearer ${token}` })).body).toContain('process_cpu_seconds_total');
  });

  it('stand on a port of their own', async () => {
    const gateway = await gatewayWith({ ...SIGNED_IN, METRICS_PORT: '0' });
    const port = gateway.metricsPort ?? 0;
    expect(port).not.toBe(gateway.port);
    expect((await read({ port })).body).toContain('process_cpu_seconds_total');
    expect((await ask({ port }, '/graphql')).status).toBe(404);
    const { status, body } = await read(gateway);
    expect([status, body]).toEqual([404, expect.stringContaining('METRICS_PORT')]);
    await expect(gatewayWith({ ...SIGNED_IN, METRICS_PORT: String(port) })).rejects.toThrow(
      `METRICS_PORT is ${port}: another process listens there`,
    );
  });
});

describe('what cannot be read as a request', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    ['no path', 'GET /graphql/%E0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, 'BAD_REQUEST'],
    ['no Host', 'GET /graphql HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'BAD_REQUEST'],
    ['too large headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'LIMIT_EXCEEDED'],
  ])('is answered as GraphQL’s errors are: %s', async (_what, bytes, status, code) => {
    const { port } = await gatewayWith(SIGNED_IN);
    const [head = '', body = ''] = (await send(port, bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/json');
    expect(JSON.parse(body)).toEqual({ errors: [{ message: expect.any(String), extensions: { code } }] });
  });

  it('is answered so when it takes too long', async () => {
    const gateway = await testGateway({
      requestTimes: { headersWithinMs: 200, requestWithinMs: 400, lookEveryMs: 50 },
      resolvers: viewerResolvers,
    });
    open.push(gateway);
    const answer = await send(gateway.port, 'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    });
  });
});
