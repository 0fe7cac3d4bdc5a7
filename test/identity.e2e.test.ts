/** Who may do and see what, over HTTP and WebSocket alike: an admin, a member of the staff, two customers, and nobody. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADD,
  CANCEL,
  DISCONTINUE,
  ended,
  PLACE,
  REGISTER,
  REINSTATE,
  REMOVE_CUSTOMER,
  RESTOCK,
  run,
  submit,
  TRANSACTION,
  UPDATE_CUSTOMER,
  UPDATE_PRODUCT,
  WRITE_OFF,
} from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

describe('a server that asks for tokens', () => {
  let folder: string;
  let server: Server;
  let admin: string;
  let clerk: string;
  let alice: string;
  let bob: string;
  let customerId: string;
  let productId: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    server = await startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET } });
    [admin, clerk] = await Promise.all([token('root', ['admin']), token('clerk', ['staff'])]);
    [alice, bob] = await Promise.all([token('alice'), token('bob')]);
    customerId = (await run(server, REGISTER, { firstName: 'Ada', lastName: 'L' }, alice)).id;
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
    const key = { customerId, lines, idempotencyKey: 'the same' };
    const [a, b] = await Promise.all([submit(server, PLACE, key, alice), submit(server, PLACE, key, bob)]);
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
    while ([...heard.values()].some((seen) => seen.size === 0) || (heard.get('root')?.size ?? 0) < 3) {
      for (const who of [alice, bob, admin]) await run(server, REMOVE_CUSTOMER, { customerId: 'nobody' }, who);
    }
    expect(heard.get('alice')).toEqual(new Set(['alice']));
    expect(heard.get('bob')).toEqual(new Set(['bob']));
    expect(heard.get('root')).toEqual(new Set(['alice', 'bob', 'root']));
    for (const stop of stops) stop();
    const refused = await server.all('subscription { transactions(all: true) { id } }', {}, bob);
    expect(refused[0]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('keeps lists of everything for the staff, and shows everyone signed in the products', async () => {
    const forbidden = [
      '{ customers { totalCount } }',
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
    const [answer] = await server.all('subscription { sampleImport { running } }', {}, bob);
    expect(answer?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const products = '{ products { totalCount nodes { name stock revenue unitsSold purchaseCount customerCount } } }';
    expect((await server.graphql(products, {}, bob)).data.products).toMatchObject({
      totalCount: 1,
      nodes: [{ name: 'Chai', revenue: null, unitsSold: null, purchaseCount: null, customerCount: null }],
    });
    for (const who of [admin, clerk]) {
      expect((await server.graphql(products, {}, who)).data.products.nodes[0].unitsSold).toBeGreaterThan(0);
      expect((await server.graphql('{ customers { totalCount } }', {}, who)).data.customers.totalCount).toBe(1);
    }
  });

  it('refuses a customer every change of the shop at once, and writes nothing', async () => {
    const attempts: readonly (readonly [string, object])[] = [
      [UPDATE_PRODUCT, { productId, price: '0.01' }],
      [DISCONTINUE, { productId }],
      [REINSTATE, { productId }],
      [WRITE_OFF, { productId, quantity: 1 }],
      [RESTOCK, { productId, quantity: 1 }],
      [ADD, { name: 'x', price: '1.00' }],
      [REGISTER, { id: 'chosen', firstName: 'B', lastName: 'B' }],
      [REGISTER, { userId: 'alice', firstName: 'B', lastName: 'B' }],
      [UPDATE_CUSTOMER, { customerId, userId: 'bob' }],
      [PLACE, { id: 'chosen', customerId, lines: [{ productId, quantity: 1 }] }],
    ];
    const count = '{ transactions { totalCount } }';
    const before = (await server.graphql(count, {}, bob)).data;
    for (const [mutation, input] of attempts) {
      const { data, errors } = await server.graphql(mutation, { input }, bob);
      expect([data ?? null, errors?.[0]?.extensions.code], mutation).toEqual([null, 'FORBIDDEN']);
    }
    const removed = await run(server, REMOVE_CUSTOMER, { customerId: 'nobody' }, bob);
    const reflected = 'query ($id: ID) { transactions(reflecting: $id) { totalCount } }';
    const after = (await server.graphql(reflected, { id: removed.transactionId }, bob)).data;
    expect(after.transactions.totalCount).toBe(before.transactions.totalCount + 1);
  });

  it("knows nothing of another's customer and purchases, by whichever way bob asks", async () => {
    const lines = [{ productId, quantity: 1 }];
    const purchase = await run(server, PLACE, { customerId, lines }, alice);
    const told = async (mutation: string, input: object) => {
      const { transactionId } = await submit(server, mutation, input, bob);
      await ended(server, transactionId, bob);
      const query = '($id: ID!) { transaction(id: $id) { rejection { code message field } entity { __typename } } }';
      return JSON.stringify((await server.graphql(`query ${query}`, { id: transactionId }, bob)).data.transaction);
    };
    const alike: readonly (readonly [string, (id: string) => object, string])[] = [
      [UPDATE_CUSTOMER, (id) => ({ customerId: id, firstName: 'Eve', ifVersion: 77 }), customerId],
      [REMOVE_CUSTOMER, (id) => ({ customerId: id }), customerId],
      [CANCEL, (id) => ({ purchaseId: id, ifVersion: 77 }), purchase.id],
      [PLACE, (id) => ({ customerId: id, lines }), customerId],
    ];
    for (const [mutation, input, id] of alike) {
      const ofAnothers = await told(mutation, input(id));
      const ofNothing = await told(mutation, input('nothing'));
      expect(ofAnothers.replaceAll(id, 'nothing'), mutation).toBe(ofNothing);
    }
    const query = `query ($customer: ID!, $purchase: ID!) {
      customer(id: $customer) { id } purchase(id: $purchase) { id }
      purchases { totalCount totalAmount nodes { id } }
      byText: purchases(filter: { text: "ada" }) { totalCount }
      byCustomer: purchases(filter: { customerId: $customer }, sort: { by: CUSTOMER }) { totalCount }
      viewer { customer { id } purchases { totalCount } }
    }`;
    expect((await server.graphql(query, { customer: customerId, purchase: purchase.id }, bob)).data).toEqual({
      customer: null,
      purchase: null,
      purchases: { totalCount: 0, totalAmount: '0.00', nodes: [] },
      byText: { totalCount: 0 },
      byCustomer: { totalCount: 0 },
      viewer: { customer: null, purchases: { totalCount: 0 } },
    });
    // Nor does alice see what bob tried with her customer; the staff does.
    const list = '{ purchases(filter: { status: [REJECTED] }) { totalCount } }';
    expect((await server.graphql(list, {}, alice)).data.purchases.totalCount).toBe(0);
    expect((await server.graphql(list, {}, clerk)).data.purchases.totalCount).toBeGreaterThan(0);
    const whole = await server.graphql(
      'query ($id: ID!) { customer(id: $id) { firstName version } }',
      { id: customerId },
      admin,
    );
    expect(whole.data.customer).toEqual({ firstName: 'Ada', version: 1 });
  });

  it('gives a user one customer of its own, what that buys, and the story of it live', async () => {
    const carol = await token('carol');
    const [changes, heard] = [server.client(carol), new Set<string>()];
    const changed = 'subscription { purchaseChanged { id status customer { firstName } } }';
    const stop = changes.subscribe<{
      purchaseChanged: { id: string; status: string; customer: { firstName: string } };
    }>(
      { query: changed },
      {
        next: ({ data }) =>
          void heard.add(`${data?.purchaseChanged.status} ${data?.purchaseChanged.customer.firstName}`),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    const self = { firstName: 'Carol', lastName: 'C' };
    const mine = await run(server, REGISTER, self, carol);
    expect(mine.status).toBe('COMPLETED');
    expect(await run(server, REGISTER, self, carol)).toMatchObject({ id: mine.id, code: 'ALREADY_EXISTS' });
    expect((await run(server, UPDATE_CUSTOMER, { customerId: mine.id, lastName: 'D' }, carol)).status).toBe(
      'COMPLETED',
    );
    const lines = [{ productId, quantity: 1 }];
    const bought = await run(server, PLACE, { customerId: mine.id, lines }, carol);
    const byStaff = await run(server, PLACE, { customerId: mine.id, lines }, clerk);
    const query = `query ($after: ID, $id: ID!) {
      viewer {
        role
        customer(reflecting: $after) { id lastName userId purchaseCount purchases { totalCount } }
        purchases(reflecting: $after) { totalCount }
        transactions { totalCount nodes { issuedBy entity { __typename } } }
      }
      purchases(reflecting: $after, filter: { text: "carol" }) { totalCount totalAmount }
      purchase(id: $id) { status customer { firstName } lines { product { name revenue } } }
    }`;
    const last = await run(server, CANCEL, { purchaseId: byStaff.id }, carol);
    expect(last.status).toBe('COMPLETED');
    const { viewer, purchases, purchase } = (
      await server.graphql(query, { after: last.transactionId, id: bought.id }, carol)
    ).data;
    expect(viewer).toMatchObject({
      role: 'CUSTOMER',
      customer: { id: mine.id, lastName: 'D', userId: 'carol', purchaseCount: 1, purchases: { totalCount: 2 } },
      purchases: { totalCount: 2 },
    });
    expect(new Set(viewer.transactions.nodes.map((each: { issuedBy: string }) => each.issuedBy))).toEqual(
      new Set(['carol']),
    );
    expect(viewer.transactions.nodes.map((each: { entity: object }) => each.entity)).not.toContain(null);
    expect(purchases.totalCount).toBe(2);
    expect(purchase).toEqual({
      status: 'CONFIRMED',
      customer: { firstName: 'Carol' },
      lines: [{ product: { name: 'Chai', revenue: null } }],
    });
    await expect.poll(() => [...heard].sort(), { timeout: 20_000 }).toContain('CANCELLED Carol');
    expect([...heard].every((each) => each.endsWith(' Carol'))).toBe(true);
    stop();
  });

  it('is bound to a customer by the staff, who may not bind it twice', async () => {
    const dave = await token('dave');
    const kept = await run(server, REGISTER, { id: 'kept', firstName: 'Dave', lastName: 'D' }, clerk);
    const lines = [{ productId, quantity: 1 }];
    const earlier = await run(server, PLACE, { customerId: 'kept', lines }, clerk);
    const bound = await run(server, UPDATE_CUSTOMER, { customerId: kept.id, userId: 'dave' }, clerk);
    const query = 'query ($after: ID) { viewer { customer { id } } purchases(reflecting: $after) { nodes { id } } }';
    const seen = await run(server, PLACE, { customerId: 'kept', lines }, dave);
    expect(seen.status).toBe('COMPLETED');
    const { viewer, purchases } = (await server.graphql(query, { after: seen.transactionId }, dave)).data;
    expect(viewer.customer).toEqual({ id: 'kept' });
    expect(purchases.nodes.map(({ id }: { id: string }) => id).sort()).toEqual([earlier.id, seen.id].sort());
    expect(bound.status).toBe('COMPLETED');
    const twice = { firstName: 'Dave', lastName: 'D', userId: 'dave' };
    for (const [input, who] of [
      [twice, clerk],
      [{ firstName: 'Dave', lastName: 'D' }, dave],
    ] as const) {
      expect((await server.graphql(REGISTER, { input }, who)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});
