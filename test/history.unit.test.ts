/** The past as the API tells it, over books of the real processors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allAggregates } from '../domain/registry.ts';
import { LOG_INDEX, SEALED_RECORDS } from '../projectors/log-index-document.ts';
import { eventsTopic, stateTopic } from '../records/topics.ts';
import { customerNamed, PastShop, VISITOR } from './history.shop.ts';

const MANY = 3 * SEALED_RECORDS;

let shop: PastShop;
let placed: string;

beforeAll(async () => {
  shop = new PastShop();
  const { books } = shop;
  const ada = { firstName: 'Ada', lastName: 'Lovelace', email: null, userId: 'ada' };
  books.command('customers', 'registerCustomer', 'ada', ada);
  books.command('customers', 'registerCustomer', 'bob', { ...ada, firstName: 'Bob', lastName: 'X', userId: 'bob' });
  books.command('products', 'addProduct', 'tea', { name: 'Green tea', price: 450, stock: 10 });
  placed = books.submit('purchases', 'placePurchase', 'p1', {
    customerId: 'ada',
    lines: [{ productId: 'tea', quantity: 2 }],
  });
  books.process();
  books.command('products', 'updateProduct', 'tea', { price: 500 });
  books.command('purchases', 'placePurchase', 'p2', { customerId: 'bob', lines: [{ productId: 'tea', quantity: 90 }] });
  books.command('purchases', 'cancelPurchase', 'p1', {});
  books.command('purchases', 'cancelPurchase', 'p1', {});
  for (let n = 0; n < MANY; n++) books.command('products', 'restockProduct', 'tea', { quantity: 1 });
  await shop.project();
});
afterAll(() => shop.close());

describe('the history of an entity', () => {
  it('tells all that happened, with who, when, and by which transaction', async () => {
    const { data, errors } = await shop.ask(
      '{ purchase(id: "p1") { history { totalCount nodes { type version at issuedBy transactionId causedBy data } } } }',
    );
    expect(errors).toEqual([]);
    const nodes: { type: string; version: number | null; transactionId: string; data: object }[] = Reflect.get(
      Object(data?.['purchase']),
      'history',
    ).nodes;
    expect(nodes.map(({ type, version }) => `${type} ${version}`)).toEqual([
      'PurchasePlaced 1',
      'CustomerApproved 2',
      'LineReserved 3',
      'PurchaseConfirmed 4',
      'PurchaseCancelled 5',
      'CommandRejected null',
    ]);
    expect(nodes[0]).toMatchObject({ issuedBy: 'ada', transactionId: placed, causedBy: placed });
    expect(nodes[2]?.data).toEqual({ productId: 'tea', unitPrice: 450 });
    expect(nodes[5]?.data).toMatchObject({ rejection: { code: 'NOT_CANCELLABLE' } });
  });

  it.each(['ASC', 'DESC'])('is the same page by page, in the order %s', async (order) => {
    const read = async (first: number) => {
      const ids: string[] = [];
      for (let after: string | null = null; ; ) {
        const page: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = Reflect.get(
          Object(
            (
              await shop.ask(
                `{ product(id: "tea") { history(first: ${first}, after: ${JSON.stringify(after)}, order: ${order}) {
                nodes { id } pageInfo { hasNextPage endCursor } } } }`,
              )
            ).data?.['product'],
          ),
          'history',
        );
        ids.push(...page.nodes.map(({ id }) => id));
        if (!page.pageInfo.hasNextPage) return ids;
        after = page.pageInfo.endCursor;
      }
    };
    const all = shop.books.records(eventsTopic('products')).map(({ headers }) => headers['ce_id']);
    expect(await read(7)).toEqual(order === 'ASC' ? all : all.toReversed());
    expect(all.length).toBeGreaterThan(MANY);
  });

  it('shows customers what changed their own, and not who else was part in it', async () => {
    shop.books.submit('purchases', 'cancelPurchase', 'p1', {}, { issuedby: 'bob', roles: 'customer' });
    shop.books.process();
    await shop.project();
    const query = '{ purchase(id: "p1") { history { totalCount nodes { type issuedBy transactionId data } } } }';
    const { data, errors } = await shop.ask(query, customerNamed('ada'));
    expect(errors).toEqual([]);
    expect(Reflect.get(Object(data?.['purchase']), 'history')).toMatchObject({ totalCount: 5 });
    expect(JSON.stringify(data)).not.toMatch(/CommandRejected|bob/);
    expect(await shop.ask(query, customerNamed('bob'))).toEqual({ data: { purchase: null }, errors: [] });
    const forbidden = await shop.ask('{ product(id: "tea") { history { totalCount } } }', VISITOR);
    expect(forbidden.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  it('hides the users in what others did to the own', async () => {
    shop.books.command('customers', 'updateCustomer', 'bob', { lastName: 'Y' });
    await shop.project();
    const query = '{ customer(id: "bob") { history { nodes { id type issuedBy transactionId causedBy data } } } }';
    const { data } = await shop.ask(query, customerNamed('bob'));
    expect(JSON.stringify(data)).toMatch(/CustomerUpdated/);
    expect(JSON.stringify(data)).not.toMatch(/"ada"|transaction-/);
  });

  it('refuses a cursor of another list, and more than a page', async () => {
    const cursor = Buffer.from(JSON.stringify(['purchases/p2/ASC', 1])).toString('base64url');
    for (const args of [`after: "${cursor}"`, 'after: "x"', 'first: 201', 'first: -1']) {
      const { errors } = await shop.ask(`{ purchase(id: "p1") { history(${args}) { totalCount } } }`);
      expect(errors, args).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    }
  });
});

describe('an entity as it was', () => {
  it('is at each version what the processor made of it then', async () => {
    for (const { version, status, total } of [
      { version: 1, status: 'PENDING', total: '0.00' },
      { version: 3, status: 'PENDING', total: '9.00' },
      { version: 4, status: 'CONFIRMED', total: '9.00' },
      { version: 5, status: 'CANCELLED', total: '9.00' },
    ]) {
      const { data } = await shop.ask(
        `{ purchase(id: "p1", version: ${version}) { version status total lines { product { name } } } }`,
      );
      expect(data?.['purchase']).toEqual({ version, status, total, lines: [{ product: { name: 'Green tea' } }] });
    }
    const { data } = await shop.ask(
      '{ past: product(id: "tea", version: 1) { price stock } product(id: "tea") { price } }',
    );
    expect(data).toMatchObject({ past: { price: '4.50', stock: 10 }, product: { price: '5.00' } });
  });

  it('did not exist before its first event, and is as now after its last', async () => {
    const { data } = await shop.ask(
      '{ before: customer(id: "ada", asOf: "2020-01-01") { version } after: customer(id: "ada", asOf: "2030-01-01T00:00:00Z") { version lastName } }',
    );
    expect(data).toEqual({ before: null, after: { version: 1, lastName: 'Lovelace' } });
  });

  it('says what there is when a version is asked for that there has not been', async () => {
    const { errors } = await shop.ask('{ purchase(id: "p1", version: 6) { version } }');
    expect(errors).toEqual([{ message: 'purchases p1 has the versions 1 to 5, not 6', code: 'BAD_USER_INPUT' }]);
    for (const args of ['version: 0', 'version: 1, asOf: "2030-01-01"']) {
      expect((await shop.ask(`{ purchase(id: "p1", ${args}) { version } }`)).errors).toMatchObject([
        { code: 'BAD_USER_INPUT' },
      ]);
    }
  });

  it('is for those alone who may see it now', async () => {
    expect((await shop.ask('{ purchase(id: "p1", version: 1) { status } }', customerNamed('ada'))).data).toEqual({
      purchase: { status: 'PENDING' },
    });
    expect((await shop.ask('{ purchase(id: "p1", version: 1) { status } }', customerNamed('bob'))).data).toEqual({
      purchase: null,
    });
    expect((await shop.ask('{ product(id: "tea", version: 1) { price } }', VISITOR)).errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
  });

  it('does not tell a customer what its customer was while it was another’s, or whose', async () => {
    const { books } = shop;
    const cleo = { firstName: 'Cleo', lastName: 'Z', email: null, userId: 'cleo' };
    books.command('customers', 'registerCustomer', 'passed-on', cleo);
    books.command('customers', 'updateCustomer', 'passed-on', { userId: 'dan' });
    books.command('customers', 'updateCustomer', 'passed-on', { lastName: 'Y' });
    await shop.project();
    const query = `{ first: customer(id: "passed-on", version: 1) { userId firstName }
      second: customer(id: "passed-on", version: 2) { userId lastName } }`;
    const second = { userId: 'dan', lastName: 'Z' };
    expect(await shop.ask(query, customerNamed('dan'))).toEqual({ data: { first: null, second }, errors: [] });
    const first = { userId: 'cleo', firstName: 'Cleo' };
    expect(await shop.ask(query)).toEqual({ data: { first, second }, errors: [] });
    expect((await shop.ask(query, customerNamed('cleo'))).data).toEqual({ first: null, second: null });
  });

  it('always is what its state was, for every aggregate', async () => {
    for (const aggregate of allAggregates) {
      const states = shop.books.records(stateTopic(aggregate.name)).filter(({ value }) => value !== null);
      for (const { key, value, headers } of states.slice(0, 20)) {
        const version = Number(headers['ce_version']);
        const state = (await shop.history.statesThen(aggregate, key ?? '', new Set([version]))).get(version);
        const published = state === undefined ? undefined : (aggregate.parts?.without(state) ?? state);
        expect(JSON.parse(JSON.stringify(published))).toEqual(JSON.parse(value?.toString() ?? ''));
      }
    }
  });
});

describe('a transaction whose statuses have left the log', () => {
  const query = (id: string) =>
    `{ transaction(id: "${id}") { id status command entityId entityVersion issuedBy steps { name status } rejection { code field } } }`;

  it('is told again from the events', async () => {
    expect((await shop.ask(query(placed))).data?.['transaction']).toEqual({
      id: placed,
      status: 'COMPLETED',
      command: 'placePurchase',
      entityId: 'p1',
      entityVersion: 4,
      issuedBy: 'ada',
      steps: [
        { name: 'accepted', status: 'ACCEPTED' },
        { name: 'placed', status: 'PENDING' },
        { name: 'customer approved', status: 'PENDING' },
        { name: 'stock reserved', status: 'PENDING' },
        { name: 'confirmed', status: 'COMPLETED' },
      ],
      rejection: null,
    });
  });

  it('is what its last status was, whichever it is', async () => {
    const statuses = new Map(
      shop.books.records('transactions').map(({ key, value }) => [key, JSON.parse(value?.toString() ?? '')]),
    );
    expect(statuses.size).toBeGreaterThan(MANY);
    for (const [id, { status, command, entityId, entityVersion, steps, rejection }] of statuses) {
      const { data } = await shop.ask(query(id ?? ''));
      expect(data?.['transaction']).toMatchObject({ status, command, entityId, entityVersion });
      expect(Reflect.get(Object(data?.['transaction']), 'steps')).toEqual(
        steps.map(({ name, status }: { name: string; status: string }) => ({ name, status })),
      );
      expect(Reflect.get(Object(data?.['transaction']), 'rejection')?.code).toBe(rejection?.code);
    }
  });

  it('is nobody else’s, and there is none of another id', async () => {
    expect((await shop.ask(query(placed), customerNamed('bob'))).data).toEqual({ transaction: null });
    expect((await shop.ask(query('none'))).data).toEqual({ transaction: null });
  });
});

describe('the log behind', () => {
  const record = 'kind type aggregate entityId version issuedBy transactionId causedBy id topic partition offset';

  it('an entity holds its commands and events, each command before what answers it', async () => {
    const { data, errors } = await shop.ask(
      `{ entityLog(aggregate: "purchases", id: "p1", first: 4) { totalCount nodes { ${record} state } pageInfo { endCursor } } }`,
    );
    expect(errors).toEqual([]);
    const log = Object(data?.['entityLog']);
    expect(log.nodes.map(({ kind, type }: { kind: string; type: string }) => `${kind} ${type}`)).toEqual([
      'COMMAND placePurchase',
      'COMMAND recordCustomerApproved',
      'COMMAND recordStockReserved',
      'COMMAND cancelPurchase',
    ]);
    const rest = await shop.ask(
      `{ entityLog(aggregate: "purchases", id: "p1", first: 200, after: "${log.pageInfo.endCursor}") { nodes { ${record} state } } }`,
    );
    const nodes = Object(rest.data?.['entityLog']).nodes;
    expect(log.nodes.length + nodes.length).toBe(log.totalCount);
    const confirmed = nodes.find(({ type }: { type: string }) => type === 'PurchaseConfirmed');
    expect(confirmed).toMatchObject({
      topic: 'purchases.events',
      partition: 0,
      version: 4,
      state: { status: 'CONFIRMED', total: 900 },
    });
  });

  it('a transaction goes through all aggregates, each record behind what caused it', async () => {
    const { data, errors } = await shop.ask(
      `{ transaction(id: "${placed}") { log(first: 200) { totalCount nodes { ${record} } } } }`,
    );
    expect(errors).toEqual([]);
    const nodes: { id: string; type: string; causedBy: string | null; topic: string }[] = Object(data?.['transaction'])
      .log.nodes;
    const types = nodes.map(({ type }) => type);
    for (const type of [
      'placePurchase',
      'reserveStock',
      'StockReserved',
      'approvePurchase',
      'settleStock',
      'StockSettled',
    ])
      expect(types).toContain(type);
    for (const [at, { causedBy }] of nodes.entries())
      if (causedBy !== null) expect(nodes.slice(0, at).map(({ id }) => id)).toContain(causedBy);
  });

  it('is for staff', async () => {
    const { errors } = await shop.ask(
      '{ entityLog(aggregate: "purchases", id: "p1") { totalCount } }',
      customerNamed('ada'),
    );
    expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    const unknown = await shop.ask('{ entityLog(aggregate: "orders", id: "p1") { totalCount } }');
    expect(unknown.errors).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining('purchases') }]);
  });
});

describe('the index of the log', () => {
  it('is the same whatever steps it is made in', async () => {
    const other = new PastShop();
    for (const topic of allAggregates.flatMap(({ name }) => [`${name}.commands`, `${name}.events`])) {
      for (const record of shop.books.records(topic)) other.books.append({ ...record, key: record.key ?? '' });
    }
    await other.project();
    const docs = await shop.views.find(LOG_INDEX, { sort: [], limit: 10_000 });
    const sorted = (list: readonly object[]) =>
      list.map((doc) => ({ ...doc, ...('records' in doc ? { records: [...(doc.records as string[])].sort() } : {}) }));
    expect(sorted(await other.views.find(LOG_INDEX, { sort: [], limit: 10_000 }))).toEqual(sorted(docs));
    await other.close();
  });

  it('seals what is full, so that no document grows without end', async () => {
    for (const doc of await shop.views.find<{ _id: string; events?: { offsets: number[] } }>(LOG_INDEX, {
      sort: [],
      limit: 10_000,
    }))
      expect(doc.events?.offsets.length ?? 0).toBeLessThan(2 * SEALED_RECORDS);
    expect((await shop.views.get(LOG_INDEX, ['products.events.0/tea', 'products.events.1/tea'])).size).toBe(2);
  });
});
