/** Attacks over HTTP by how a request is sent: each is refused, and others are answered meanwhile. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const removed = vi.fn(() => null);
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({
    requestTimes: { headersWithinMs: 300, requestWithinMs: 600, lookEveryMs: 50 },
    resolvers: { ...viewerResolvers, Mutation: { removeCustomer: removed } },
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const MUTATION = 'mutation { removeCustomer(input: { customerId: "a" }) { id } }';

/** What the server answers to one who sends `head` and then nothing more. */
function slowly(head: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(head));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

describe('a request', () => {
  it.each([
    ['headers', 'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n'],
    [
      'body',
      'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query"',
    ],
  ])('whose %s never end is closed (slow-loris), and others are answered', async (_what, head) => {
    const slow = Array.from({ length: 50 }, () => slowly(head));
    expect((await gateway.post({ query: '{ viewer { id } }' })).status).toBe(200);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('whose large body never ends takes no more memory than there is room: more are told to come back', async () => {
    await using patient = await testGateway({ resolvers: viewerResolvers });
    const head = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n{`;
    const answers: string[] = [];
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(patient.port, '127.0.0.1', () => socket.write(head('/graphql')));
      socket.on('error', () => undefined).on('data', (chunk) => void answers.push(String(chunk)));
      return socket;
    });
    const room = Math.floor((64 * 1024 * 1024) / 500_000);
    await vi.waitFor(() => expect(answers.length).toBe(sockets.length - room), 10_000);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 503 .*retry-after: 2.*UNAVAILABLE/is);
    expect((await patient.post({ query: '{ viewer { id } }' })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    // Their room is free again.
    await vi.waitFor(async () => {
      const large = await patient.post({ query: `{ viewer { id } } #${' '.repeat(400_000)}` });
      expect(large.status).toBe(200);
    }, 10_000);
  });

  it('to another path is not read when it is large', async () => {
    const head =
      'POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n{';
    expect(await slowly(head)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that is compressed is not unpacked (compression bomb)', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(`{"query":"${' '.repeat(50 * 1024 * 1024)}"}`),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('by GET or a form runs no mutation', async () => {
    const get = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(MUTATION)}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect(get.status).toBe(405);
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const form = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: type.startsWith('app') ? `query=${encodeURIComponent(MUTATION)}` : JSON.stringify({ query: MUTATION }),
      });
      expect([400, 415]).toContain(form.status);
    }
    expect(removed).not.toHaveBeenCalled();
  });

  it('by a URL that Apollo reads and a stricter reader does not is held to the limits of documents', async () => {
    const document = `{ viewer { ${'id '.repeat(30)} } } #`;
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(document)}%E0`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('with the key %s in an input changes no object', async (key) => {
    const query = 'mutation ($i: RemoveCustomerInput!) { removeCustomer(input: $i) { id } }';
    const { status } = await gateway.post(`{"query":${JSON.stringify(query)},"variables":{"i":{"customerId":"a",
      "${key}":{"isAdmin":true,"polluted":true}}}}`);
    expect(status).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(removed).not.toHaveBeenCalled();
  });

  it('of very deep JSON is refused, or answered as if it were not deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { status } = await gateway.post(
      `{"query":"query ($id: ID!) { customer(id: $id) { id } }","variables":{"id":${deep}}}`,
    );
    expect(status).toBe(400);
    expect((await gateway.post({ query: '{ viewer { id } }' })).status).toBe(200);
  });
});

it('the page may open WebSockets to its own host alone', async () => {
  const policy = (await fetch(`${gateway.url}/healthz`)).headers.get('content-security-policy');
  expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${gateway.port} wss://127.0.0.1:${gateway.port};`);
});
