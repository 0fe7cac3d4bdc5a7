/** The checks of the books: right ones pass, and for every way in which they can be wrong there is a test that they say so. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditLog } from '../audit/audit-log.ts';
import { auditViews, type ViewAuditResult } from '../audit/audit-views.ts';
import { decideAgain, type OtherOutcome } from '../audit/decide-again.ts';
import type { Difference } from '../audit/difference.ts';
import { viewsInStore } from '../audit/live-views.ts';
import { processorOf } from '../processors/index.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { projectors } from '../projectors/index.ts';
import { ViewFeed } from '../projectors/view-feed.ts';
import { openEmbeddedViews } from '../views/embedded/embedded-views.ts';
import type { Doc, ViewStore } from '../views/view-store.ts';
import { type Books, keptBooks } from './cli-verify.books.ts';

let books: Books;
beforeEach(() => {
  books = keptBooks();
});

describe('the log by itself', () => {
  async function differences(onRead?: (topic: string) => void): Promise<readonly Difference[]> {
    const found: Difference[] = [];
    await auditLog({ log: books.log(onRead), report: (difference) => found.push(difference), patienceMs: 300 });
    return found;
  }

  it('is right as the processors write it', async () => {
    expect(await differences()).toEqual([]);
    const result = await auditLog({ log: books.log(), report: () => undefined });
    expect(result.aggregates).toMatchObject({ customers: 2, products: 2, purchases: 5 });
    expect(result.events).toBeGreaterThan(20);
  });

  it('tells of a version that is missing', async () => {
    const [, second] = books.records('products.events').filter(({ key }) => key === 'tea');
    books.falsify('products.events', (record) => (record === second ? undefined : record));
    const found = await differences();
    expect(found[0]).toMatchObject({
      check: 'versions',
      topic: 'products.events',
      partition: 0,
      id: 'tea',
      expected: 2,
      found: 3,
    });
    expect(found[0]?.offset).toBeGreaterThan(0);
  });

  it('tells of a version that stands there twice, and lets it take effect once', async () => {
    const repeated = books.records('purchases.events').find(({ key }) => key === 'p1');
    if (repeated) books.records('purchases.events').push({ ...repeated, offset: 1000 });
    expect(await differences()).toEqual([
      expect.objectContaining({ check: 'versions', offset: 1000, id: 'p1', found: 1 }),
    ]);
  });

  it('tells of a foreign record in the place of a state, until the state is written again', async () => {
    const right = books
      .records('products.state')
      .filter(({ key }) => key === 'tea')
      .at(-1);
    if (right === undefined || right.key === null) throw new Error('no state');
    const { topic, key, value, headers } = right;
    for (const [foreign, reason] of [
      [null, /null/],
      ['{', /JSON/],
    ] as const) {
      books.append({ topic, key, value: foreign, headers });
      expect(await differences()).toEqual([
        expect.objectContaining({ check: 'states', topic, id: 'tea', found: expect.stringMatching(reason) }),
      ]);
    }
    books.append({ topic, key, value, headers });
    expect(await differences()).toEqual([]);
  });

  it('tells of an event that cannot be read', async () => {
    const [first] = books.records('customers.events');
    books.falsify('customers.events', (record) => (record === first ? { ...record, value: Buffer.from('?') } : record));
    expect(await differences()).toContainEqual(
      expect.objectContaining({ check: 'versions', offset: 0, found: 'value: it is not JSON' }),
    );
  });

  it('tells of stock below 0', async () => {
    books.falsify('products.events', (record) =>
      record.headers['ce_type'] === 'ProductAdded' && record.key === 'jam'
        ? { ...record, value: Buffer.from(JSON.stringify({ name: 'Jam', price: 300, stock: 0 })) }
        : record,
    );
    expect(await differences()).toContainEqual(
      expect.objectContaining({
        check: 'invariants',
        id: 'jam',
        what: 'stock below 0',
        found: expect.objectContaining({ free: -1 }),
      }),
    );
  });

  it.each([
    ['products.state', 'tea', 'price', 3],
    ['customers.state', 'ada', 'firstName', 'Eve'],
    ['purchases.state', 'p1', 'total', 1],
  ])('tells of a state in %s that is not the fold of its events', async (topic, id, field, value) => {
    books.falsifyNewest(topic, id, (data) => ({ ...data, [field]: value }));
    expect(await differences()).toEqual([
      expect.objectContaining({
        check: 'states',
        topic,
        partition: 0,
        id,
        found: expect.objectContaining({ [field]: value }),
        expected: expect.not.objectContaining({ [field]: value }),
      }),
    ]);
  });

  it('tells of a state whose stock does not add up', async () => {
    books.falsifyNewest('products.state', 'tea', (data) => ({ ...data, sold: 12 }));
    expect(await differences()).toContainEqual(
      expect.objectContaining({
        check: 'invariants',
        topic: 'products.state',
        id: 'tea',
        what: 'received = free + reserved + sold',
      }),
    );
  });

  it('tells of a state that was not written, and of one without events', async () => {
    books.falsify('customers.state', (record) => (record.key === 'ada' ? undefined : record));
    books.falsify('purchases.events', (record) => (record.key === 'p4' ? undefined : record));
    const found = await differences();
    expect(found).toContainEqual(
      expect.objectContaining({
        check: 'states',
        topic: 'customers.state',
        offset: null,
        id: 'ada',
        expected: 1,
        found: null,
      }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ check: 'states', topic: 'purchases.state', id: 'p4', what: 'a state without events' }),
    );
    expect(found).toHaveLength(2);
  });

  it('tells of a state that stayed behind its events', async () => {
    const newest = books.records('products.state').findLast(({ key }) => key === 'tea');
    books.falsify('products.state', (record) => (record === newest ? undefined : record));
    expect(await differences()).toEqual([
      expect.objectContaining({ check: 'states', id: 'tea', what: 'the version of the state' }),
    ]);
  });

  it('tells of an allocation that differs, is missing, or is nobody’s', async () => {
    books.falsifyNewest('products.allocations', 'tea/p1', (data) => ({ ...data, stage: 'RELEASED' }));
    books.falsify('products.allocations', (record) => (record.key === 'jam/p1' ? undefined : record));
    books.append({ topic: 'products.allocations', key: 'jam/p9', value: '{"stage":"SOLD","quantity":1}', headers: {} });
    const found = await differences();
    expect(found.map(({ id }) => id).toSorted()).toEqual(['jam/p1', 'jam/p9', 'tea/p1']);
    expect(found).toContainEqual(
      expect.objectContaining({
        topic: 'products.allocations',
        id: 'tea/p1',
        expected: { stage: 'SOLD', quantity: 2 },
        found: { stage: 'RELEASED', quantity: 2 },
      }),
    );
  });

  it('is not misled by what is written while it reads, on whichever topic that comes in first', async () => {
    let more = 30;
    const found = await differences(() => {
      if (more-- > 0) books.command('products', 'restockProduct', 'tea', { quantity: 1 });
      if (more % 4 === 0) {
        const lines = [{ productId: 'tea', quantity: 1 }];
        books.command('purchases', 'placePurchase', `more-${more}`, { customerId: 'ada', lines });
      }
    });
    expect(found).toEqual([]);
  });

  it('tells of a wrong state also while the log goes on', async () => {
    books.falsifyNewest('customers.state', 'ada', (data) => ({ ...data, lastName: 'Wrong' }));
    let more = 30;
    const found = await differences(() => {
      if (more-- > 0) books.command('customers', 'updateCustomer', 'bob', { firstName: `Bob ${more}` });
    });
    expect(found).toEqual([expect.objectContaining({ topic: 'customers.state', id: 'ada' })]);
  });
});

describe('views', () => {
  let live: ViewStore;
  beforeEach(async () => {
    live = openEmbeddedViews({ views: viewSpecs });
    await catchUp();
  });

  async function catchUp(): Promise<void> {
    await new ViewFeed({ log: books.log(), views: live, projectors }).advance();
  }

  async function audit(more: { readonly stillMs?: number; readonly patienceMs?: number } = {}) {
    const found: Difference[] = [];
    const result: ViewAuditResult = await auditViews({
      log: books.log(),
      live: viewsInStore(live, books.log()),
      fresh: openEmbeddedViews({ views: viewSpecs }),
      projectors,
      report: (difference) => found.push(difference),
      stillMs: 100,
      patienceMs: 2000,
      ...more,
    });
    return { found, result };
  }

  async function falsify(view: string, id: string, change: (doc: Doc) => Doc | null): Promise<void> {
    const doc = (await live.get(view, [id])).get(id);
    if (doc === undefined) throw new Error(`${view} holds no ${id}`);
    await live.step([], async (tx) => {
      const changed = change(doc);
      if (changed === null) await tx.remove(view, [id]);
      else await tx.put(view, [changed]);
    });
  }

  it('are right as the projectors write them', async () => {
    const { found, result } = await audit();
    expect(found).toEqual([]);
    expect(result).toMatchObject({ unsettled: 0, behind: 0 });
    expect(result.documents).toBeGreaterThan(9);
  });

  it.each([
    ['customers', 'ada', 'totalSpent', 1],
    ['products', 'tea', 'customerCount', 7],
    ['purchases', 'p1', 'customerName', 'Eve'],
    ['product_customers', 'tea/ada', 'count', 2],
  ])('tell of a document of %s that is not the projection of the states', async (view, id, field, value) => {
    await falsify(view, id, (doc) => ({ ...doc, [field]: value }));
    const { found } = await audit();
    expect(found).toEqual([
      expect.objectContaining({
        check: 'views',
        id: `${view}/${id}`,
        partition: 0,
        offset: expect.any(Number),
        found: expect.objectContaining({ [field]: value }),
        expected: expect.not.objectContaining({ [field]: value }),
      }),
    ]);
  });

  it('tell of a document that is missing, and of one that nothing on the log is behind', async () => {
    await falsify('purchases', 'p1', () => null);
    await live.step([], async (tx) => await tx.put('customers', [{ _id: 'ghost' }]));
    const { found } = await audit();
    expect(found).toContainEqual(expect.objectContaining({ id: 'purchases/p1', found: null }));
    expect(found).toContainEqual(expect.objectContaining({ id: 'customers/ghost', expected: null, partition: -1 }));
    expect(found).toHaveLength(2);
  });

  it('are compared as far as they are; what they have yet to take in is no difference', async () => {
    const { length } = books.records('purchases.state');
    books.command('purchases', 'placePurchase', 'p6', {
      customerId: 'ada',
      lines: [{ productId: 'tea', quantity: 1 }],
    });
    const { found, result } = await audit({ patienceMs: 400 });
    expect(found).toEqual([]);
    expect(result.behind).toBeGreaterThan(0);
    expect(books.records('purchases.state').length).toBeGreaterThan(length);
  });
});

describe('deciding again', () => {
  const eventHeaders = {
    ...{ ce_id: 'x', ce_type: 'CustomerUpdated', ce_source: '/stranger', ce_subject: '?' },
    ce_time: '2026-01-01T09:00:00.000Z',
  };

  async function others(): Promise<{ readonly commands: number; readonly found: readonly OtherOutcome[] }> {
    const found: OtherOutcome[] = [];
    const commands = await decideAgain({ log: books.log(), processorOf, onOther: (other) => found.push(other) });
    return { commands, found };
  }

  it('finds every outcome the same under the same rules', async () => {
    const { commands, found } = await others();
    expect(found).toEqual([]);
    expect(commands).toBe(
      ['customers', 'products', 'purchases'].reduce((sum, name) => sum + books.records(`${name}.commands`).length, 0),
    );
  });

  it('lists what was decided by other rules, and only that', async () => {
    // As if there had been a rule once that refused Bob.
    const rejection = { code: 'NO_BOBS', message: 'no Bobs here' };
    const registered = books.records('customers.events').find(({ key }) => key === 'bob');
    books.falsify('customers.events', (record) =>
      record === registered
        ? {
            ...record,
            headers: { ...record.headers, ce_type: 'CommandRejected' },
            value: Buffer.from(JSON.stringify({ command: 'registerCustomer', rejection })),
          }
        : record,
    );
    const { found } = await others();
    expect(found[0]).toMatchObject({
      topic: 'customers.commands',
      partition: 0,
      id: 'bob',
      command: 'registerCustomer',
      recorded: [{ type: 'CommandRejected', data: { rejection } }],
      today: [{ type: 'CustomerRegistered', data: { firstName: 'Bob' } }],
    });
    expect(found.every(({ id }) => id === 'bob')).toBe(true);
  });

  it.each([
    ['that nobody can read', {}],
    ['of a cause that is none', { ...eventHeaders, ce_causationid: 'nobody' }],
    ['without a cause', eventHeaders],
  ])('sees past foreign events %s, wherever they stand among ours', async (_, headers) => {
    const before = await others();
    for (const name of ['customers', 'products', 'purchases']) {
      const topic = `${name}.events`;
      const foreign = { topic, partition: 0, offset: 0, key: '?', value: Buffer.from('?'), headers, timestamp: 0 };
      books.records(topic).splice(0, Number.POSITIVE_INFINITY, ...books.records(topic).flatMap((r) => [foreign, r]));
    }
    expect(await others()).toEqual(before);
    // What has been decided by other rules is still found behind them.
    books.falsify('customers.events', (record) =>
      record.key === 'bob' && record.headers['ce_type'] === 'CustomerRemoved'
        ? { ...record, headers: { ...record.headers, ce_type: 'CustomerUpdated' } }
        : record,
    );
    expect((await others()).found[0]).toMatchObject({ id: 'bob', command: 'removeCustomer' });
  });

  it('passes over repeats, what cannot be read, and what nobody has decided yet', async () => {
    const [first] = books.records('customers.commands');
    if (first) books.append({ ...first, key: first.key ?? '' });
    books.append({ topic: 'customers.commands', key: 'bad', value: '?', headers: {} });
    books.process();
    books.submit('customers', 'registerCustomer', 'cid', { firstName: 'Cid', lastName: 'Day', email: null });
    expect((await others()).found).toEqual([]);
  });
});
