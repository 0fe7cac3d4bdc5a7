/** The check of the log by itself: right books pass, and for every way in which they can be wrong there is a test. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditLog } from '../audit/audit-log.ts';
import type { Difference } from '../audit/difference.ts';
import { type Books, keptBooks } from './audit.books.ts';

let books: Books;
beforeEach(() => {
  books = keptBooks();
});

describe.each([10_000, 1])('the log by itself, with %i states in use', (statesInUse) => {
  async function differences(onRead?: (topic: string) => void): Promise<readonly Difference[]> {
    const found: Difference[] = [];
    const report = (difference: Difference) => void found.push(difference);
    await auditLog({ log: books.log(onRead), report, patienceMs: 300, statesInUse });
    return found;
  }

  it('is right as the processors write it', async () => {
    expect(await differences()).toEqual([]);
    const result = await auditLog({ log: books.log(), report: () => undefined, statesInUse });
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
