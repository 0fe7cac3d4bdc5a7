/** What a user lives through, from mutation to pushed status to joined view: the same on every pair of engines. */
import { randomUUID } from 'node:crypto';
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
  shop,
  submit,
  TRANSACTION,
  UPDATE_CUSTOMER,
  UPDATE_PRODUCT,
  WRITE_OFF,
} from './operations.ts';
import type { Server } from './server.ts';

const PURCHASE = /* GraphQL */ `
  query ($id: ID!, $reflecting: ID) {
    purchase(id: $id, reflecting: $reflecting) {
      id version status total rejection { code field }
      customer { id firstName lastName purchaseCount totalSpent lastPurchaseAt }
      lines { quantity unitPrice total product { id name stock reserved purchaseCount customerCount unitsSold revenue } }
    }
  }
`;

const STOCK = 'query ($id: ID!) { product(id: $id) { stock reserved version } }';

export interface System {
  /** The gateway that the journeys talk to. */
  start(): Promise<Server>;
  stop(): Promise<void>;
  /** Why it cannot be started here; then the suite is skipped by name. */
  readonly missing?: string;
}

export function journeys(name: string, system: System): void {
  describe.skipIf(system.missing)(`a server on ${name}${system.missing ? ` (${system.missing})` : ''}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await system.start();
    }, 60_000);
    afterAll(() => system.stop());

    const stockOf = async (id: string) => (await server.graphql(STOCK, { id })).data.product;
    const becomes = async (id: string, stock: { stock: number; reserved: number }) =>
      await expect.poll(() => stockOf(id), { timeout: 15_000 }).toMatchObject(stock);

    it('confirms a purchase step by step and shows it joined to who has just read it', async () => {
      const { customerId, productId } = await shop(server, 10);
      const placed = await run(server, PLACE, { customerId, lines: [{ productId, quantity: 3 }] });
      expect(placed.status).toBe('COMPLETED');
      expect(placed.statuses.at(0)).toMatch(/ACCEPTED|PENDING|COMPLETED/);
      const { data } = await server.graphql(PURCHASE, { id: placed.id, reflecting: placed.transactionId });
      expect(data.purchase).toMatchObject({
        status: 'CONFIRMED',
        version: placed.version,
        total: '37.50',
        rejection: null,
        customer: { id: customerId, firstName: 'Ada', lastName: 'Lovelace', purchaseCount: 1, totalSpent: '37.50' },
        lines: [
          {
            quantity: 3,
            unitPrice: '12.50',
            total: '37.50',
            product: { name: 'Chai tea', purchaseCount: 1, customerCount: 1, unitsSold: 3, revenue: '37.50' },
          },
        ],
      });
      await becomes(productId, { stock: 7, reserved: 0 });
    });

    it('keeps what the shop printed: numbers are of one alone, and agreed prices and discounts count', async () => {
      const number = (what: string) => `${what} ${randomUUID()}`;
      const [k, a, o] = [number('K/1'), number('ART'), number('10248')];
      const email = `${randomUUID()}@example.com`;
      const customer = await run(server, REGISTER, { firstName: 'Ada', lastName: 'L', email, number: k });
      const product = await run(server, ADD, { name: 'Tea', price: '12.50', stock: 10, number: a });
      expect([customer.status, product.status]).toEqual(['COMPLETED', 'COMPLETED']);
      const lines = [{ productId: product.id, quantity: 3, unitPrice: '14.55', discount: '0.15' }];
      // Both at once: which of them gets the number is the log's to say.
      const place = () => run(server, PLACE, { customerId: customer.id, lines, number: o });
      const both = await Promise.all([place(), place()]);
      const [placed] = both.filter(({ status }) => status === 'COMPLETED');
      const [refused] = both.filter(({ status }) => status === 'REJECTED');
      expect(refused).toMatchObject({ code: 'NUMBER_TAKEN', field: 'number' });
      const again = { firstName: 'Eve', lastName: 'R', number: k };
      expect(await run(server, REGISTER, again)).toMatchObject({ status: 'REJECTED', code: 'NUMBER_TAKEN' });
      const { data } = await server.graphql(
        `query ($id: ID!, $reflecting: ID) { purchase(id: $id, reflecting: $reflecting) {
          number total lines { listPrice unitPrice discount total } customer { number } } }`,
        { id: placed?.id, reflecting: placed?.transactionId },
      );
      expect(data.purchase).toEqual({
        ...{ number: o, total: '37.10', customer: { number: k } },
        lines: [{ listPrice: '12.50', unitPrice: '14.55', discount: '0.15', total: '37.10' }],
      });
      for (const text of [o, k, a, email.toUpperCase(), customer.id, product.id, placed?.id]) {
        const found = await server.graphql(
          'query ($text: String) { purchases(filter: { text: $text, status: [CONFIRMED] }) { nodes { id } } }',
          { text },
        );
        expect(found.data.purchases.nodes, text).toEqual([{ id: placed?.id }]);
      }
      // What is free again may be taken.
      await run(server, CANCEL, { purchaseId: placed?.id });
      await run(server, REMOVE_CUSTOMER, { customerId: customer.id });
      expect(await run(server, REGISTER, again)).toMatchObject({ status: 'COMPLETED' });
    });

    it('tells a subscriber every status in order and the final one once, whenever it subscribes', async () => {
      const { customerId, productId } = await shop(server, 100);
      const before: string[] = [];
      const watching = server.client();
      const all = watching.iterate({ query: 'subscription { transactions { id status } }' });
      // The first of one's own transactions to arrive tells that the subscription is open.
      const opened = all.next();
      let probe = await run(server, RESTOCK, { productId, quantity: 1 });
      while (!(await Promise.race([opened.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]))) {
        probe = await run(server, RESTOCK, { productId, quantity: 1 });
      }
      expect(probe.status).toBe('COMPLETED');
      const { transactionId } = await submit(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
      const [during, during2] = await Promise.all([ended(server, transactionId), ended(server, transactionId)]);
      for await (const { data } of all) {
        const { transaction } = {
          transaction: (data as { transactions: { id: string; status: string } }).transactions,
        };
        if (transaction.id === transactionId) before.push(transaction.status);
        if (before.at(-1) === 'COMPLETED') break;
      }
      const after = await ended(server, transactionId);
      const order = ['ACCEPTED', 'PENDING', 'COMPLETED'];
      for (const statuses of [before, during.statuses, during2.statuses, after.statuses]) {
        expect(statuses.map((status) => order.indexOf(status))).toEqual(
          statuses.map((status) => order.indexOf(status)).sort(),
        );
        expect(statuses.filter((status) => status === 'COMPLETED')).toHaveLength(1);
        expect(statuses.at(-1)).toBe('COMPLETED');
      }
      expect(after.statuses).toEqual(['COMPLETED']);
    });

    it('rejects a purchase for which stock is short, and gives back what other products had reserved', async () => {
      const { customerId, productId } = await shop(server, 5);
      const scarce = await run(server, ADD, { name: 'Scarce', price: '1.00', stock: 1 });
      const lines = [
        { productId, quantity: 2 },
        { productId: scarce.id, quantity: 2 },
      ];
      const placed = await run(server, PLACE, { customerId, lines });
      expect(placed).toMatchObject({ status: 'REJECTED', code: 'INSUFFICIENT_STOCK', field: 'lines[1].quantity' });
      await becomes(productId, { stock: 5, reserved: 0 });
      await becomes(scarce.id, { stock: 1, reserved: 0 });
      const { data } = await server.graphql('query ($id: ID!) { customer(id: $id) { purchaseCount totalSpent } }', {
        id: customerId,
      });
      expect(data.customer).toEqual({ purchaseCount: 0, totalSpent: '0.00' });
    });

    it('rejects with a reason what the rules refuse, and goes on with the next command', async () => {
      const { customerId, productId } = await shop(server, 5);
      const lines = [{ productId, quantity: 1 }];
      const unknown = await run(server, PLACE, { customerId: 'nobody', lines });
      expect(unknown).toMatchObject({ status: 'REJECTED', code: 'CUSTOMER_NOT_FOUND' });
      const nothing = await run(server, PLACE, { customerId, lines: [{ productId: 'nothing', quantity: 1 }] });
      expect(nothing).toMatchObject({ status: 'REJECTED', code: 'PRODUCT_NOT_FOUND', field: 'lines[0].productId' });
      expect(await run(server, UPDATE_CUSTOMER, { customerId: 'nobody', firstName: 'X' })).toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await run(server, REGISTER, { id: customerId, firstName: 'B', lastName: 'C' })).toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      expect(await run(server, UPDATE_PRODUCT, { productId, name: 'Y', ifVersion: 99 })).toMatchObject({
        code: 'VERSION_CONFLICT',
      });
      expect(await run(server, CANCEL, { purchaseId: unknown.id })).toMatchObject({ code: 'NOT_CANCELLABLE' });
      expect(await run(server, DISCONTINUE, { productId })).toMatchObject({ status: 'COMPLETED' });
      expect(await run(server, PLACE, { customerId, lines })).toMatchObject({ code: 'DISCONTINUED' });
      expect(await run(server, REINSTATE, { productId })).toMatchObject({ status: 'COMPLETED' });
      expect(await run(server, REINSTATE, { productId })).toMatchObject({ code: 'NOT_DISCONTINUED' });
      expect(await run(server, PLACE, { customerId, lines })).toMatchObject({ status: 'COMPLETED' });
      expect(await run(server, WRITE_OFF, { productId, quantity: 5 })).toMatchObject({ code: 'INSUFFICIENT_STOCK' });
      expect(await run(server, WRITE_OFF, { productId, quantity: 1 })).toMatchObject({ status: 'COMPLETED' });
      expect(await run(server, REMOVE_CUSTOMER, { customerId })).toMatchObject({ status: 'COMPLETED' });
      expect(await run(server, UPDATE_CUSTOMER, { customerId, firstName: 'X' })).toMatchObject({
        code: 'CUSTOMER_REMOVED',
      });
      await becomes(productId, { stock: 3, reserved: 0 });
    });

    it('takes a confirmed purchase back: stock, totals and the status of its cancelling', async () => {
      const { customerId, productId } = await shop(server, 4);
      const lines = [{ productId, quantity: 4 }];
      const placed = await run(server, PLACE, { customerId, lines });
      await becomes(productId, { stock: 0, reserved: 0 });
      const cancelled = await run(server, CANCEL, { purchaseId: placed.id });
      expect(cancelled.status).toBe('COMPLETED');
      await becomes(productId, { stock: 4, reserved: 0 });
      const { data } = await server.graphql(PURCHASE, { id: placed.id, reflecting: cancelled.transactionId });
      expect(data.purchase).toMatchObject({
        status: 'CANCELLED',
        customer: { purchaseCount: 0, totalSpent: '0.00', lastPurchaseAt: null },
        lines: [{ product: { purchaseCount: 0, customerCount: 0, unitsSold: 0, revenue: '0.00' } }],
      });
      expect((await ended(server, placed.transactionId)).status).toBe('COMPLETED');
    });

    it('gives the same idempotency key one transaction and one effect, however often and however close', async () => {
      const { customerId, productId } = await shop(server, 50);
      const input = { customerId, lines: [{ productId, quantity: 2 }], idempotencyKey: `basket of ${customerId}` };
      const receipts = await Promise.all(Array.from({ length: 8 }, () => submit(server, PLACE, input)));
      const [first] = receipts;
      expect(new Set(receipts.map(({ transactionId, id }) => `${transactionId} ${id}`)).size).toBe(1);
      expect((await ended(server, first?.transactionId ?? '')).status).toBe('COMPLETED');
      expect(await submit(server, PLACE, input)).toMatchObject({ transactionId: first?.transactionId, id: first?.id });
      await becomes(productId, { stock: 48, reserved: 0 });
      const other = await server.graphql(RESTOCK, {
        input: { productId, quantity: 1, idempotencyKey: input.idempotencyKey },
      });
      expect(other.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.idempotencyKey' });
    });

    it('carries a changed name to every purchase that shows it, and finds it there', async () => {
      const { customerId, productId } = await shop(server, 5);
      const placed = await run(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
      await run(server, UPDATE_CUSTOMER, { customerId, lastName: `Ångström${customerId.slice(-12)}` });
      await run(server, UPDATE_PRODUCT, { productId, name: `Zwieback${productId.slice(-12)}` });
      const search = `angstrom${customerId.slice(-12, -4)} zwieback`;
      const query = 'query ($text: String!) { purchases(filter: { text: $text }) { totalCount nodes { id } } }';
      await expect
        .poll(async () => (await server.graphql(query, { text: search })).data.purchases, { timeout: 15_000 })
        .toEqual({ totalCount: 1, nodes: [{ id: placed.id }] });
    });

    it('refuses malformed input at once, with the field, and writes nothing', async () => {
      const { customerId, productId } = await shop(server, 5);
      const line = { productId, quantity: 1 };
      const wrong: readonly (readonly [mutation: string, input: object, field: string])[] = [
        [REGISTER, { firstName: '  ', lastName: 'x' }, 'input.firstName'],
        [REGISTER, { firstName: 'x'.repeat(201), lastName: 'x' }, 'input.firstName'],
        [REGISTER, { firstName: 'a', lastName: 'b', email: 'nowhere' }, 'input.email'],
        [REGISTER, { id: 'no spaces', firstName: 'a', lastName: 'b' }, 'input.id'],
        [ADD, { name: 'x', price: '-0.01' }, 'input.price'],
        [ADD, { name: '', price: '1' }, 'input.name'],
        [RESTOCK, { productId, quantity: 0 }, 'input.quantity'],
        [PLACE, { customerId, lines: [] }, 'input.lines'],
        [
          PLACE,
          { customerId, lines: Array.from({ length: 501 }, (_, i) => ({ productId: `p${i}`, quantity: 1 })) },
          'input.lines',
        ],
        [PLACE, { customerId, lines: [{ productId, quantity: 0 }] }, 'input.lines[0].quantity'],
        [PLACE, { customerId, lines: [line, line] }, 'input.lines[1].productId'],
        [PLACE, { customerId, lines: [line], placedAt: '2999-01-01T00:00:00Z' }, 'input.placedAt'],
      ];
      for (const [mutation, input, field] of wrong) {
        const { data, errors } = await server.graphql(mutation, { input });
        expect(data ?? null, field).toBeNull();
        expect(errors?.[0]?.extensions, field).toMatchObject({ code: 'BAD_USER_INPUT', field });
      }
      for (const price of ['1.234', '1e3', 'ten', '', '99999999999999999']) {
        expect((await server.graphql(ADD, { input: { name: 'x', price } })).errors?.[0]?.extensions.code).toBe(
          'BAD_USER_INPUT',
        );
      }
      expect((await server.graphql(ADD, { input: { name: 'x'.repeat(1_000_000), price: '1' } })).errors).not.toEqual(
        [],
      );
      const malformed = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query": "mutation {',
      });
      expect(malformed.status).toBe(400);
      expect(await malformed.json()).toHaveProperty('errors');
      expect(await run(server, PLACE, { customerId, lines: [line] })).toMatchObject({ status: 'COMPLETED' });
    });

    it('knows no transaction that nobody began', async () => {
      const answers = await server.all(TRANSACTION, { id: 'none' });
      expect(answers).toHaveLength(1);
      expect(answers[0]?.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      expect((await server.graphql('{ transaction(id: "none") { id } }')).data.transaction).toBeNull();
    });

    it('pages through purchases without repeating or leaving out one while others are added', async () => {
      const { customerId, productId } = await shop(server, 1000);
      const place = () => run(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
      const placed = await Promise.all(Array.from({ length: 12 }, place));
      const query = /* GraphQL */ `
        query ($customerId: ID!, $after: String, $reflecting: ID) {
          purchases(filter: { customerId: $customerId }, first: 5, after: $after, reflecting: $reflecting) {
            nodes { id } pageInfo { hasNextPage endCursor }
          }
        }
      `;
      // Each on its own: partitions reach the view at their own pace.
      for (const { transactionId } of placed) await server.graphql(query, { customerId, reflecting: transactionId });
      const seen: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { data } = await server.graphql(query, { customerId, after });
        seen.push(...data.purchases.nodes.map(({ id }: { id: string }) => id));
        after = data.purchases.pageInfo.endCursor;
        if (!data.purchases.pageInfo.hasNextPage) break;
        await place();
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(placed.map(({ id }) => id)));
    });

    it('pushes products as they change', async () => {
      const { productId } = await shop(server, 1);
      const changes = server.client().iterate({
        query: 'subscription ($id: ID) { productChanged(id: $id) { id stock } }',
        variables: { id: productId },
      });
      const first = changes.next();
      let arrived = false;
      void first.then(() => {
        arrived = true;
      });
      while (!arrived) await run(server, RESTOCK, { productId, quantity: 1 });
      expect((await first).value.data.productChanged).toMatchObject({ id: productId });
      await changes.return?.();
    });
  });
}
