/** GraphQL over HTTP as clients see it, and what else stands on the port. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { GraphQLError } from 'graphql';
import { serverAudits } from 'graphql-http';
import { createClient } from 'graphql-ws';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { MAX_TOKENS } from '../gateway/limits.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { ViewsIncomplete, ViewsUnavailable } from '../views/view-store.ts';
import { closingOf, socketUrl, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const contexts: unknown[] = [];
const SECRET = Buffer.from('a secret that has thirty-two bytes');

let gateway: TestGateway;
let health: Record<string, { ready: boolean; state: string; detail?: string }> = {};
beforeAll(async () => {
  gateway = await testGateway({
    resolvers: {
      Query: {
        ...viewerResolvers.Query,
        customer: (_: unknown, { id }: { id: string }, context: unknown) => {
          contexts.push(context);
          if (id === 'bug') throw new TypeError('the password is swordfish');
          if (id === 'log') throw new LogUnavailable('broker 10.0.0.7 is away');
          if (id === 'views') throw new ViewsUnavailable('mongod 10.0.0.8 is away');
          if (id === 'filling') throw new ViewsIncomplete('lost: customers_g2');
          if (id === 'own') throw new GraphQLError('not yours', { extensions: { code: 'FORBIDDEN', field: 'id' } });
          return null;
        },
      },
      Mutation: {
        removeCustomer: (_: unknown, { input: { customerId } }: { input: { customerId: string } }) => {
          if (customerId === 'log') throw new LogUnavailable('broker 10.0.0.7 is away');
          if (customerId !== 'receipt') return null;
          const id = () => {
            throw new ViewsUnavailable('mongod 10.0.0.8 is away');
          };
          return { id };
        },
      },
    },
    health: () => health,
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${gateway.url}${path}`, { headers });

describe('an error', () => {
  it.each([
    ['a syntax error', '{ viewer', 'GRAPHQL_PARSE_FAILED', 400],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED', 400],
    [
      'too deep an operation',
      `{ customer(id: "a") { ${'purchases { nodes { customer { '.repeat(4)} id ${'} } } '.repeat(4)} } }`,
      'GRAPHQL_VALIDATION_FAILED',
      400,
    ],
    ['more tokens than are read', `{ ${'viewer { id } '.repeat(MAX_TOKENS / 4)} }`, 'GRAPHQL_PARSE_FAILED', 400],
    ['a subscription', 'subscription { transactions { id } }', 'BAD_REQUEST', 405],
    [
      'pages of pages of pages',
      '{ customers(first: 200) { nodes { purchases(first: 200) { nodes { id total placedAt } } } } }',
      'LIMIT_EXCEEDED',
      400,
    ],
  ])('of %s has a code and a status', async (_what, query, code, status) => {
    const answer = await gateway.post({ query });
    expect(answer.body.errors?.[0]?.extensions['code']).toBe(code);
    expect(answer.status).toBe(status);
  });

  it('of a variable that does not fit says BAD_USER_INPUT', async () => {
    const { body, status } = await gateway.post({
      query: 'query ($id: ID!) { customer(id: $id) { id } }',
      variables: {},
    });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(status).toBe(400);
  });

  it('that nobody expected is told by an id alone, which the log has with the cause', async () => {
    const { body } = await gateway.post({ query: '{ customer(id: "bug") { id } }' });
    const [error] = body.errors ?? [];
    expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', id: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(/swordfish|TypeError|stack/);
    expect(error?.message).toContain(String(error?.extensions['id']));
    const entry = gateway
      .logged()
      .split('\n')
      .find((line) => line.includes(String(error?.extensions['id'])));
    expect(entry).toContain('swordfish');
  });

  it.each([
    ['log', 'the event log is out of reach: try again'],
    ['views', 'the view store is out of reach: try again'],
    ['filling', 'the views are being built again from the log: try again'],
  ])('of an engine out of reach says UNAVAILABLE and no address: %s', async (id, message) => {
    const { body } = await gateway.post({ query: `{ customer(id: "${id}") { id } }` });
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE' });
    expect(body.errors?.[0]?.message).toBe(message);
    expect(JSON.stringify(body)).not.toContain('10.0.0');
  });

  it.each([
    ['log', 'the event log is out of reach; nothing was acknowledged, try again'],
    ['receipt', 'the view store is out of reach: try again'],
  ])('of a mutation tells whether something was acknowledged: %s', async (id, message) => {
    const query = `mutation { removeCustomer(input: { customerId: "${id}" }) { id } }`;
    const { body } = await gateway.post({ query });
    expect(body.errors?.[0]).toMatchObject({ message, extensions: { code: 'UNAVAILABLE' } });
    const client = createClient({ url: socketUrl(gateway), webSocketImpl: WebSocket, retryAttempts: 0 });
    const overSocket = await client.iterate({ query }).next();
    expect(overSocket.value?.errors?.[0]).toMatchObject({ message, extensions: { code: 'UNAVAILABLE' } });
    await client.dispose();
  });

  it('that was made for the client stays as it is', async () => {
    const { body } = await gateway.post({ query: '{ customer(id: "own") { id } }' });
    expect(body.errors).toEqual([
      expect.objectContaining({
        message: 'not yours',
        path: ['customer'],
        extensions: { code: 'FORBIDDEN', field: 'id' },
      }),
    ]);
  });
});

describe('a body', () => {
  it.each([
    ['malformed JSON', '{"query": ', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['JSON that is no request', '[]', 'application/json', 400],
    ['a prototype in disguise', '{"query":"{ viewer { id } }","__proto__":{"x":1}}', 'application/json', 400],
    ['a form', 'query={viewer{id}}', 'application/x-www-form-urlencoded', 415],
    ['plain text, as a form of another site could send', '{"query":"{ viewer { id } }"}', 'text/plain', 400],
  ])('of %s is refused in GraphQL’s own shape', async (_what, body, type, status) => {
    const answer = await gateway.post(body, { 'content-type': type });
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.[0]).toEqual({ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } });
  });

  it('of a million characters is refused with the limit', async () => {
    const { status, body } = await gateway.post({
      query: '{ viewer { id } }',
      variables: { x: 'x'.repeat(1_000_000) },
    });
    expect(status).toBe(413);
    expect(body.errors).toEqual([
      {
        message: "the request's body is too large: at most 512 KB are allowed",
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ]);
  });

  it('far too large is read all the same, so that who sends it whole before it listens gets the answer', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const length = 8_000_000;
    const request = ['POST /graphql HTTP/1.1', `Host: 127.0.0.1:${gateway.port}`, 'Content-Type: application/json'];
    socket.write(`${request.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n`);
    for (let sent = 0; sent < length; sent += 100_000) {
      if (!socket.write('x'.repeat(100_000))) await once(socket, 'drain');
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

describe('a GET request', () => {
  const query = `query=${encodeURIComponent('{ viewer { id } }')}`;

  it('runs a query, for who could not be a page of another site', async () => {
    const answer = await get(`/graphql?${query}`, { 'apollo-require-preflight': 'true', accept: 'application/json' });
    expect(await answer.json()).toEqual({ data: { viewer: { id: 'anonymous' } } });
    expect((await get(`/graphql?${query}`, { accept: 'application/json' })).status).toBe(400);
  });

  it('runs no mutation', async () => {
    const mutation = encodeURIComponent('mutation { removeCustomer(input: { customerId: "a" }) { id } }');
    const answer = await get(`/graphql?query=${mutation}`, {
      'apollo-require-preflight': 'true',
      accept: 'application/json',
    });
    expect(answer.status).toBe(405);
  });
});

it('other methods are told which there are', async () => {
  const answer = await fetch(`${gateway.url}/graphql`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

it('a valid traceparent reaches the resolvers, and a malformed one does not', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  contexts.length = 0;
  await gateway.post({ query: '{ customer(id: "a") { id } }' }, { traceparent });
  await gateway.post({ query: '{ customer(id: "a") { id } }' }, { traceparent: 'anything' });
  expect(contexts).toMatchObject([{ traceparent }, { traceparent: undefined }]);
});

describe("graphql-http's audits", () => {
  // What Apollo Server answers differently from the specification's recommendations, with or without us.
  const OF_APOLLO = ['572B', 'FDE2', '7B9B'];

  it.each(serverAudits({ url: () => `${gateway.url}/graphql` }).map((audit) => [audit.id, audit.name, audit] as const))(
    '%s: %s',
    async (id, _name, audit) => {
      const result = await audit.fn();
      expect(result.status).not.toBe('error');
      if (!OF_APOLLO.includes(id)) expect(result.status).not.toBe('warn');
    },
  );
});

describe('identity', () => {
  it('a bearer token says who asks, and without a valid one the answer is 401', async () => {
    const guarded = await testGateway({
      identity: { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } },
    });
    try {
      const token = await new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(SECRET);
      const query = '{ viewer { id roles isAdmin } }';
      const known = await guarded.post({ query }, { authorization: `Bearer ${token}` });
      expect(known.body.data).toEqual({ viewer: { id: 'ada', roles: [], isAdmin: false } });
      for (const headers of [{}, { authorization: `Bearer ${token}x` }]) {
        const { status, body, headers: answered } = await guarded.post({ query }, headers);
        expect(status).toBe(401);
        expect(answered.get('www-authenticate')).toBe('Bearer');
        expect(body).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }] });
      }
    } finally {
      await guarded[Symbol.asyncDispose]();
    }
  });

  it('anonymous admins are admitted under names of this machine only', async () => {
    const { request } = await import('node:http');
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`${gateway.url}/healthz`, { headers: { host } }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    expect(await statusFor(`localhost:${gateway.port}`)).toBe(200);
    expect(await statusFor(`[::1]:${gateway.port}`)).toBe(200);
    expect(await statusFor(`evil.example:${gateway.port}`)).toBe(403);
    expect(await statusFor(`localhost.evil.example:${gateway.port}`)).toBe(403);
  });
});

describe('GraphiQL', () => {
  it('is what a browser gets, whole: nothing in it is loaded from elsewhere', async () => {
    const answer = await get('/graphql', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    const html = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('AddCustomerAndProduct');
    expect(html).toContain('"subscriptionsProtocol":"WS"');
    const head = html.slice(0, html.indexOf('<style>'));
    expect(head).not.toMatch(/https?:/);
    expect(html).not.toMatch(/<script[^>]+src=|<link[^>]+href="https?:|@import|url\(["']?https?:/);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|unsafe-eval|script-src[^;]*unsafe-inline/);
  });

  it('is not sent again to who has it', async () => {
    const etag = (await get('/graphql', { accept: 'text/html' })).headers.get('etag') ?? '';
    expect((await get('/graphql', { accept: 'text/html', 'if-none-match': etag })).status).toBe(304);
  });
});

describe('the probes', () => {
  it('say that the process lives, whatever its parts do', async () => {
    health = { log: { ready: false, state: 'trouble' } };
    expect((await get('/healthz')).status).toBe(200);
  });

  it('say that it is ready once all parts are, and what each of them does', async () => {
    health = {
      log: { ready: true, state: 'running' },
      'processor products': { ready: false, state: 'restoring', detail: '2 of 4' },
    };
    const early = await get('/readyz');
    expect([early.status, await early.json()]).toEqual([503, { status: 'not ready', parts: health }]);
    health = { log: { ready: true, state: 'running' } };
    const later = await get('/readyz');
    expect([later.status, await later.json()]).toEqual([200, { status: 'ready', parts: health }]);
  });

  it('count requests and operations', async () => {
    await gateway.post({ query: '{ viewer { id } }' });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(
      /^counterfoil_graphql_operations_total\{type="query",transport="http",outcome="ok"\} [1-9]/m,
    );
    expect(metrics).toMatch(
      /^counterfoil_http_request_duration_seconds_count\{route="\/graphql",method="POST",status="200"\} [1-9]/m,
    );
    expect(metrics).toMatch(/^process_cpu_seconds_total /m);
  });
});

describe('every answer', () => {
  it('tells browsers to load nothing from elsewhere, and not to be framed', async () => {
    for (const path of ['/', '/healthz', '/nowhere']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});

it('a port in use stops the start with one line that says what to set', async () => {
  const again = testGateway({ port: gateway.port });
  await expect(again).rejects.toThrow(
    `PORT is ${gateway.port}: another process listens there; set PORT to a free one (0: any)`,
  );
});

describe('before the start is over', () => {
  it('answers 503 to operations with what is waited for, on both ways, and the probes as ever', async () => {
    let awaited: string | undefined = 'views: rebuilding 3 of 10';
    await using starting = await testGateway({ awaited: () => awaited });
    const { status, headers, body } = await starting.post({ query: '{ viewer { id } }' });
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(body.errors?.[0]).toMatchObject({
      message: expect.stringContaining('rebuilding 3 of 10'),
      extensions: { code: 'UNAVAILABLE' },
    });
    expect(await closingOf(socketUrl(starting), {})).toEqual({ status: 503 });
    expect((await fetch(`${starting.url}/healthz`)).status).toBe(200);
    awaited = undefined;
    expect((await starting.post({ query: '{ viewer { id } }' })).body.data).toEqual({ viewer: { id: 'anonymous' } });
  });
});
