/** Who may do and see what, over HTTP and WebSocket alike: an admin, two users, and nobody. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADD, ended, PLACE, REGISTER, run, submit, TRANSACTION } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const SECRET = 'a secret that is long enough for HS256';

function token(sub: string, roles: readonly string[] = [], expires = '1h', secret = SECRET): Promise<string> {
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(Buffer.from(secret));
}

describe('a server that asks for tokens', () => {
  let folder: string;
  let server: Server;
  let admin: string;
  let alice: string;
  let bob: string;
  let customerId: string;
  let productId: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    server = await startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET } });
    [admin, alice, bob] = await Promise.all([token('root', ['admin']), token('alice'), token('bob')]);
    customerId = (await run(server, REGISTER, { firstName: 'Ada', lastName: 'L' }, admin)).id;
    productId = (await run(server, ADD, { name: 'Chai', price: '1.00', stock: 10 }, admin)).id;
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  it('answers nobody without a valid token, over HTTP', async () => {
    const bad = [
      undefined,
      'rubbish',
      await token('alice', [], '1h', 'another secret, as long as the first one'),
      await token('alice', ['admin'], '-1m'),
    ];
    for (const wrong of bad) {
      const { data, errors } = await server.graphql('{ viewer { id } }', {}, wrong ?? '');
      expect(data ?? null).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
  });

  it('closes a WebSocket without a valid token', async () => {
    for (const wrong of ['', 'rubbish']) {
      await expect(server.all('subscription { transactions { id } }', {}, wrong)).rejects.toMatchObject({
        code: expect.any(Number),
      });
    }
  });

  it('says who is asking', async () => {
    expect((await server.graphql('{ viewer { id roles isAdmin } }', {}, alice)).data.viewer).toEqual({
      id: 'alice',
      roles: [],
      isAdmin: false,
    });
    expect((await server.graphql('{ viewer { isAdmin } }', {}, admin)).data.viewer.isAdmin).toBe(true);
  });

  it('shows a transaction to who issued it and to an admin, and to nobody else by any path', async () => {
    const lines = [{ productId, quantity: 1 }];
    const { transactionId, id } = await submit(server, PLACE, { customerId, lines }, alice);
    const mine = await ended(server, transactionId, alice);
    expect(mine.status).toBe('COMPLETED');
    expect((await ended(server, transactionId, admin)).status).toBe('COMPLETED');

    const one = 'query ($id: ID!) { transaction(id: $id) { id issuedBy entity { __typename } } }';
    expect((await server.graphql(one, { id: transactionId }, alice)).data.transaction.issuedBy).toBe('alice');
    expect((await server.graphql(one, { id: transactionId }, admin)).data.transaction.entity.__typename).toBe(
      'Purchase',
    );
    expect((await server.graphql(one, { id: transactionId }, bob)).data.transaction).toBeNull();
    const pushed = await server.all(TRANSACTION, { id: transactionId }, bob);
    expect(pushed.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(['NOT_FOUND']);
    const reflecting = 'query ($id: ID) { products(reflecting: $id) { totalCount } }';
    const byReflecting = await server.graphql(reflecting, { id: transactionId }, bob);
    expect(byReflecting.errors?.[0]?.extensions.code).toBe('NOT_FOUND');

    const list = 'query ($filter: TransactionFilter) { transactions(filter: $filter) { totalCount nodes { id } } }';
    for (const filter of [{}, { entityId: id }, { mine: false }]) {
      const { data } = await server.graphql(list, { filter }, bob);
      expect(data.transactions).toEqual({ totalCount: 0, nodes: [] });
    }
    const others = await server.graphql(list, { filter: { issuedBy: 'alice' } }, bob);
    expect(others.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await server.graphql('mutation { a: __typename }', {}, bob)).errors).toBeUndefined();
    // The same key by another user is another transaction.
    const key = { productId, quantity: 1, idempotencyKey: 'the same' };
    const restock =
      'mutation ($input: RestockProductInput!) { done: restockProduct(input: $input) { transactionId id } }';
    const [a, b] = await Promise.all([submit(server, restock, key, alice), submit(server, restock, key, bob)]);
    expect(a.transactionId).not.toBe(b.transactionId);
  });

  it('streams to a user only what the user issued, and everything to an admin who asks for all', async () => {
    const heard = new Map<string, Set<string>>();
    const stops: (() => void)[] = [];
    for (const [who, sent] of [
      ['alice', alice],
      ['bob', bob],
      ['root', admin],
    ] as const) {
      const seen = new Set<string>();
      heard.set(who, seen);
      const query = `subscription { transactions(all: ${who === 'root'}) { issuedBy } }`;
      stops.push(
        server.client(sent).subscribe(
          { query },
          {
            next: ({ data }) => void seen.add((data as { transactions: { issuedBy: string } }).transactions.issuedBy),
            error: () => undefined,
            complete: () => undefined,
          },
        ),
      );
    }
    const restock =
      'mutation ($input: RestockProductInput!) { done: restockProduct(input: $input) { transactionId id } }';
    while ([...heard.values()].some((seen) => seen.size === 0) || (heard.get('root')?.size ?? 0) < 3) {
      for (const who of [alice, bob, admin]) await run(server, restock, { productId, quantity: 1 }, who);
    }
    expect(heard.get('alice')).toEqual(new Set(['alice']));
    expect(heard.get('bob')).toEqual(new Set(['bob']));
    expect(heard.get('root')).toEqual(new Set(['alice', 'bob', 'root']));
    for (const stop of stops) stop();
    const refused = await server.all('subscription { transactions(all: true) { id } }', {}, bob);
    expect(refused[0]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('keeps the joined views for admins, and shows everyone signed in the products', async () => {
    const forbidden = [
      '{ customers { totalCount } }',
      `{ customer(id: "${customerId}") { id } }`,
      '{ purchases { totalCount } }',
      '{ purchase(id: "x") { id } }',
      '{ purchaseGroups(by: DAY) { count } }',
      `{ product(id: "${productId}") { purchases { totalCount } } }`,
      '{ products(sort: { by: REVENUE }) { totalCount } }',
      '{ sampleImport { running } }',
      'mutation { loadSamples { running } }',
      `mutation { placePurchase(input: {customerId: "${customerId}", lines: [{productId: "${productId}", quantity: 1}], placedAt: "2020-01-01"}) { id } }`,
    ];
    for (const query of forbidden) {
      expect((await server.graphql(query, {}, bob)).errors?.[0]?.extensions.code, query).toBe('FORBIDDEN');
    }
    for (const field of ['customerChanged { id }', 'purchaseChanged { id }', 'sampleImport { running }']) {
      const [answer] = await server.all(`subscription { ${field} }`, {}, bob);
      expect(answer?.errors?.[0]?.extensions.code, field).toBe('FORBIDDEN');
    }
    const products = '{ products { totalCount nodes { name stock revenue unitsSold purchaseCount customerCount } } }';
    expect((await server.graphql(products, {}, bob)).data.products).toMatchObject({
      totalCount: 1,
      nodes: [{ name: 'Chai', revenue: null, unitsSold: null, purchaseCount: null, customerCount: null }],
    });
    const sold = (await server.graphql(products, {}, admin)).data.products.nodes[0].unitsSold;
    expect(sold).toBeGreaterThan(0);
    expect((await server.graphql('{ customers { totalCount } }', {}, admin)).data.customers.totalCount).toBe(1);
  });
});
