/** What the gateway can be told not to offer: operations outside a list, introspection, GraphiQL. On both transports. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { first, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const folder = mkdtempSync(join(tmpdir(), 'counterfoil-operations-'));
afterAll(() => rmSync(folder, { recursive: true }));

let gateway: TestGateway | undefined;
afterEach(() => gateway?.[Symbol.asyncDispose]());

async function gatewayWith(env: Record<string, string>): Promise<TestGateway> {
  gateway = await testGateway({ env, resolvers: viewerResolvers });
  return gateway;
}

function listed(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** The code of the first error over HTTP and over WebSocket; undefined where there is none. */
async function codes(to: TestGateway, query: string): Promise<readonly unknown[]> {
  const http = await to.post({ query });
  const socket = await first(to.socket(), query).then(
    () => undefined,
    (errors: readonly { readonly extensions?: { readonly code?: unknown } }[]) => errors[0]?.extensions?.code,
  );
  return [http.body.errors?.[0]?.extensions['code'], socket];
}

const NOT_ALLOWED = ['OPERATION_NOT_ALLOWED', 'OPERATION_NOT_ALLOWED'];
const FINE = [undefined, undefined];
const WHO = 'query Who { viewer { ...Fields } }\nfragment Fields on Viewer { id }';

describe('with PERSISTED_OPERATIONS', () => {
  it('what is on the list is taken, also as clients write it, and nothing else is', async () => {
    const to = await gatewayWith({ PERSISTED_OPERATIONS: listed('list.json', [WHO]) });
    for (const query of [
      WHO,
      '# me\nfragment Fields on Viewer{id __typename} query Who{viewer{...Fields __typename}}',
    ]) {
      expect(await codes(to, query)).toEqual(FINE);
    }
    for (const query of [
      '{ viewer { id } }',
      'query Other { viewer { ...Fields } } fragment Fields on Viewer { id }',
      'query Who { viewer { ...Fields } } fragment Fields on Viewer { id roles }',
      'query Who { viewer { ...Fields } } fragment Fields on Viewer { id t: __typename }',
      `${WHO} query More { viewer { id } }`,
      '{ __schema { types { name } } }',
      '{ nothing }',
      '{ __typename }',
    ]) {
      expect([query, await codes(to, query)]).toEqual([query, NOT_ALLOWED]);
    }
    expect((await to.post({ query: '{ viewer { id } }' })).status).toBe(403);
  });

  it('a document that only one of two readers of a URL can read is not taken', async () => {
    const { url } = await gatewayWith({ PERSISTED_OPERATIONS: listed('list.json', [WHO]) });
    // What is no UTF-8, percent-encoded, is read by some, and left encoded by others.
    for (const query of [
      'query=%7Bviewer%7Bid%7D%7D%23%E0',
      'query=%7Bviewer%7Bid%7D%7D%23%',
      'qu%65ry={viewer{id}}',
    ]) {
      const answer = await fetch(`${url}/graphql?${query}`, { headers: { 'apollo-require-preflight': 'yes' } });
      expect([query, answer.status]).toEqual([query, 403]);
    }
  });

  it('takes lists by hash, and several of them', async () => {
    const one = listed('hashes.json', { abc: WHO });
    const two = listed('two.json', ['{ viewer { id } }']);
    const to = await gatewayWith({ PERSISTED_OPERATIONS: `${one}, ${two}` });
    expect(await codes(to, WHO)).toEqual(FINE);
    expect(await codes(to, '{ viewer { id } }')).toEqual(FINE);
  });

  it.each([
    ['is not there', 'missing.json', undefined, 'there is no such file'],
    ['is no JSON', 'broken.json', '{', 'it must be a JSON list'],
    ['holds something else', 'other.json', [1], 'it must be a JSON list'],
    ['holds what is no GraphQL', 'wrong.json', ['{ viewer'], 'Syntax Error'],
  ])('a list that %s stops the start with one line', async (_what, name, content, why) => {
    const file = content === undefined ? join(folder, name) : listed(name, content);
    await expect(gatewayWith({ PERSISTED_OPERATIONS: file })).rejects.toThrow(
      `PERSISTED_OPERATIONS names ${JSON.stringify(file)}: `,
    );
    await expect(gatewayWith({ PERSISTED_OPERATIONS: file })).rejects.toThrow(why);
  });
});

describe('with INTROSPECTION=off', () => {
  it('the schema is told neither by queries for it nor by errors, but __typename is', async () => {
    const to = await gatewayWith({ INTROSPECTION: 'off' });
    const refused = ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED'];
    for (const query of ['{ __schema { types { name } } }', '{ viewer { id } __type(name: "Query") { name } }']) {
      expect(await codes(to, query)).toEqual(refused);
    }
    expect(await codes(to, '{ __typename viewer { __typename id } }')).toEqual(FINE);
    const query = '{ viewr { id } }';
    const { body } = await to.post({ query });
    expect(body.errors?.[0]?.message).toBe('Cannot query field "viewr" on type "Query".');
    await expect(first(to.socket(), query)).rejects.toMatchObject([{ message: body.errors?.[0]?.message }]);
  });
});

describe('with GRAPHIQL=off', () => {
  it('a browser that opens the API gets no page, and the API is served', async () => {
    const to = await gatewayWith({ GRAPHIQL: 'off' });
    const answer = await fetch(`${to.url}/graphql`, { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.not.stringContaining('html')]);
    expect(await codes(to, '{ viewer { id } }')).toEqual(FINE);
  });
});
