/** What queries cost, and what cursors and numbers are worth: resolvers over embedded views. */
import fc from 'fast-check';
import { graphql } from 'graphql';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { accepted } from '../domain/transaction.ts';
import { contextOf, serviceSchema } from '../gateway/index.ts';
import {
  CUSTOMERS,
  PRODUCTS,
  type ProductDoc,
  PURCHASES,
  type PurchaseDoc,
  TRANSACTIONS,
  type TransactionDoc,
  unknownCustomer,
  unknownProduct,
  viewSpecs,
} from '../projectors/documents.ts';
import { transactionDocOf } from '../projectors/transaction-document.ts';
import { changesOf } from '../resolvers/changes.ts';
import type { Services } from '../resolvers/context.ts';
import { text } from '../resolvers/filters.ts';
import { parseGivenTime } from '../resolvers/given-time.ts';
import { formatMoney, formatShare, parseMoney, parseShare } from '../resolvers/scalars.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { exactInteger } from '../views/exact-integer.ts';
import { startsWith } from '../views/prefix.ts';
import type { ViewStore } from '../views/view-store.ts';
import { wordsOf } from '../views/words.ts';

const schema = serviceSchema();
const stored = openTemporaryViews({ views: viewSpecs });
let reads: string[] = [];

/** The store, with every read written down. */
const views: ViewStore = {
  ...stored,
  shared: false,
  get: (view, ids) => {
    reads.push(`get ${view}`);
    return stored.get(view, ids);
  },
  find: (view, find) => {
    reads.push(`find ${view}`);
    return stored.find(view, find);
  },
  count: (view, filter) => {
    reads.push(`count ${view}`);
    return stored.count(view, filter);
  },
  groups: (view, sums) => {
    reads.push(`groups ${view}`);
    return stored.groups(view, sums);
  },
};

function purchase(at: number): PurchaseDoc {
  const lines = [1, 2, 3].map((n) => ({
    productId: `p${(at + n) % 40}`,
    productName: 'P',
    quantity: n,
    listPrice: 100,
    unitPrice: 100,
    discount: null,
    total: n * 100,
  }));
  return {
    _id: `o${String(at).padStart(3, '0')}`,
    version: 4,
    number: null,
    status: 'CONFIRMED',
    customerId: `c${at % 25}`,
    customerName: 'C',
    customerKey: 'c',
    userId: null,
    lines,
    total: 600,
    placedAt: new Date(Date.UTC(2024, 0, 1, 0, at)).toISOString(),
    confirmedAt: null,
    cancelledAt: null,
    rejection: null,
    words: ['c', 'p'],
    transactionId: 't',
  };
}

async function ask(source: string): Promise<Record<string, never>> {
  reads = [];
  // The parts that only mutations and subscriptions use are not there to be used.
  const services = { views } as Services;
  const viewer = { id: 'root', roles: ['admin'], isAdmin: true };
  const { data, errors } = await graphql({
    schema,
    source,
    contextValue: contextOf(services)({ viewer, traceparent: undefined, operation: {} }),
  });
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data));
}

describe('queries of the joined views', () => {
  beforeAll(async () => {
    await stored.step([], async (tx) => {
      await tx.put(
        PURCHASES,
        Array.from({ length: 200 }, (_, at) => purchase(at)),
      );
      await tx.put(
        CUSTOMERS,
        Array.from({ length: 25 }, (_, at) => ({ ...unknownCustomer(`c${at}`), version: 1 })),
      );
      await tx.put(
        PRODUCTS,
        Array.from({ length: 40 }, (_, at) => ({ ...unknownProduct(`p${at}`), version: 1 })),
      );
    });
  });

  it('read a page of 50 purchases with customers and products in three reads', async () => {
    const { purchases } = await ask(
      '{ purchases(first: 50) { nodes { customer { id } lines { product { id name } } } } }',
    );
    expect(purchases).toHaveProperty('nodes.length', 50);
    expect(reads.sort()).toEqual(['find purchases', 'get customers', 'get products']);
  });

  it.each([
    ['totalCount totalAmount', ['find purchases', 'groups purchases']],
    ['totalAmount ... on PurchaseConnection { totalCount }', ['find purchases', 'groups purchases']],
    ['totalCount', ['count purchases', 'find purchases']],
  ])('count and add up what a filter finds by one search: %s', async (fields, expected) => {
    const { purchases } = await ask(`{ purchases(filter: { totalBetween: { from: "0.00" } }) { ${fields} } }`);
    expect(purchases).toHaveProperty('totalCount', 200);
    expect(reads.sort()).toEqual(expected);
  });

  it('read a page of 25 customers with the purchases of each in a handful of reads', async () => {
    const query = (first: number) =>
      `{ customers(first: 25) { nodes { id purchases(first: ${first}) { totalCount totalAmount nodes { id } } } } }`;
    const { customers } = await ask(query(3));
    expect(reads.length).toBeLessThanOrEqual(3);
    const nodes: { id: string; purchases: { totalCount: number; totalAmount: string; nodes: { id: string }[] } }[] =
      Reflect.get(Object(customers), 'nodes');
    for (const { id, purchases } of nodes) {
      // The newest first: 25 customers took turns.
      const mine = [7, 6, 5].map((turn) => `o${String(turn * 25 + Number(id.slice(1))).padStart(3, '0')}`);
      expect(purchases).toEqual({ totalCount: 8, totalAmount: '48.00', nodes: mine.map((one) => ({ id: one })) });
    }
  });
});

describe('transactions by another order than their time', () => {
  const statuses = ['COMPLETED', 'ACCEPTED', 'REJECTED', 'COMPLETED', 'PENDING', 'ACCEPTED', 'REJECTED'] as const;
  beforeAll(async () => {
    const docs = statuses.map((status, at): TransactionDoc => {
      const acceptedAt = new Date(Date.UTC(2024, 0, 1, 0, at)).toISOString();
      const begun = accepted({
        ...{ id: `t${at}`, command: 'removeCustomer', aggregate: 'customers', entityId: 'c1', at: acceptedAt },
        issuedBy: at % 2 === 0 ? 'ada' : 'bob',
      });
      return transactionDocOf({ ...begun, status });
    });
    await stored.step([], (tx) => tx.put(TRANSACTIONS, docs));
  });

  async function inPages(by: string, direction: string): Promise<string[]> {
    const ids: string[] = [];
    for (let after = 'null'; ; ) {
      const { transactions } = await ask(
        `{ transactions(sort: { by: ${by}, direction: ${direction} }, first: 2, after: ${after}) { nodes { id } pageInfo { endCursor hasNextPage } } }`,
      );
      const { nodes, pageInfo }: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } =
        Object(transactions);
      ids.push(...nodes.map(({ id }) => id));
      if (!pageInfo.hasNextPage) return ids;
      after = JSON.stringify(pageInfo.endCursor);
    }
  }

  it('come in pages, those that are alike in the order of their time', async () => {
    expect(await inPages('STATUS', 'ASC')).toEqual(['t1', 't5', 't0', 't3', 't4', 't2', 't6']);
    expect(await inPages('STATUS', 'DESC')).toEqual(['t6', 't2', 't4', 't3', 't0', 't5', 't1']);
    expect(await inPages('ISSUED_BY', 'ASC')).toEqual(['t0', 't2', 't4', 't6', 't1', 't3', 't5']);
    expect(await inPages('ACCEPTED_AT', 'DESC')).toEqual(['t6', 't5', 't4', 't3', 't2', 't1', 't0']);
  });
});

describe('lists in order of id', () => {
  it.each(['ASC', 'DESC'])(
    'have each customer once, whatever is renamed while they are read (%s)',
    async (direction) => {
      const seen: string[] = [];
      for (let after = 'null'; ; ) {
        const { customers } = await ask(
          `{ customers(sort: { by: ID, direction: ${direction} }, first: 4, after: ${after}) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
        );
        const { nodes, pageInfo }: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } =
          Object(customers);
        seen.push(...nodes.map(({ id }) => id));
        if (!pageInfo.hasNextPage) break;
        after = JSON.stringify(pageInfo.endCursor);
        // By name, the one at the end of this page would come again, or take others with it.
        const renamed = { ...unknownCustomer(nodes.at(-1)?.id ?? ''), version: 2, nameKey: `~${seen.length}` };
        await stored.step([], async (tx) => await tx.put(CUSTOMERS, [renamed]));
      }
      const ids = Array.from({ length: 25 }, (_, at) => `c${at}`).sort();
      expect(seen).toEqual(direction === 'ASC' ? ids : ids.reverse());
    },
  );
});

describe('large numbers', () => {
  const PRODUCTS_QUERY = `{ products(sort: { by: REVENUE, direction: DESC }) {
    totalCount nodes { id version price stock reserved purchaseCount customerCount unitsSold revenue } } }`;

  it('are shown exactly, each as large as a state or a sum can be, and fail no list', async () => {
    const most = fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 3_000_000_000, Number.MAX_SAFE_INTEGER);
    const sum = fc.bigInt({ min: 0n, max: 10n ** 30n });
    const product = fc.record({ version: most, stock: most, reserved: most, price: most, count: most, revenue: sum });
    await fc.assert(
      fc.asyncProperty(fc.array(product, { minLength: 1, maxLength: 5 }), async (drawn) => {
        await stored.step([], async (tx) => {
          const others = await tx.find<ProductDoc>(PRODUCTS, {});
          await tx.remove(
            PRODUCTS,
            others.map(({ _id }) => _id),
          );
          await tx.put(
            PRODUCTS,
            drawn.map(({ version, count, revenue, ...figures }, at) => ({
              ...unknownProduct(`p${at}`),
              ...figures,
              version: Math.max(version, 1),
              purchaseCount: count,
              customerCount: count,
              unitsSold: count,
              revenue: exactInteger(revenue),
            })),
          );
        });
        const { products } = await ask(PRODUCTS_QUERY);
        const nodes: Record<string, unknown>[] = Reflect.get(Object(products), 'nodes');
        expect(nodes).toHaveLength(drawn.length);
        for (const { id, ...node } of nodes) {
          const { version, stock, reserved, price, count, revenue } = drawn[Number(String(id).slice(1))] ?? {};
          expect(node).toEqual({
            ...{ version: Math.max(version ?? 0, 1), stock, reserved, price: formatMoney(price) },
            ...{ purchaseCount: count, customerCount: count, unitsSold: count, revenue: formatMoney(revenue) },
          });
        }
        const revenues = nodes.map(({ revenue }) => parseMoney(revenue));
        expect(revenues).toEqual([...revenues].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
      }),
      { numRuns: 50 },
    );
  });

  it('of customers are found by how much was spent, beyond what a number holds', async () => {
    const spent = [2n ** 53n, 2n ** 53n + 1n, 10n ** 25n];
    await stored.step([], async (tx) => {
      await tx.put(
        CUSTOMERS,
        spent.map((sum, at) => ({ ...unknownCustomer(`rich${at}`), version: 1, totalSpent: exactInteger(sum) })),
      );
    });
    const from = formatMoney(2n ** 53n + 1n);
    const { customers } = await ask(
      `{ customers(filter: { totalSpentBetween: { from: "${from}" } }, sort: { by: TOTAL_SPENT }) { nodes { totalSpent } } }`,
    );
    expect(customers).toEqual({ nodes: spent.slice(1).map((sum) => ({ totalSpent: formatMoney(sum) })) });
  });

  it('of purchases add up exactly', async () => {
    const total = 5_000_000_000_000_001;
    await stored.step([], async (tx) => {
      await tx.put(
        PURCHASES,
        Array.from({ length: 7 }, (_, at) => ({ ...purchase(at), _id: `rich${at}`, customerId: 'rich', total })),
      );
    });
    const amount = formatMoney(7n * BigInt(total));
    expect(
      await ask(`{ purchases(filter: { customerId: "rich" }) { totalAmount }
        purchaseGroups(by: STATUS, filter: { customerId: "rich" }) { key count amount } }`),
    ).toEqual({ purchases: { totalAmount: amount }, purchaseGroups: [{ key: 'CONFIRMED', count: 7, amount }] });
  });
});

describe('what is searched for', () => {
  it('may hold half of a surrogate pair: what no word can hold is passed over', () => {
    expect(text('chai\ud800 \udc00')).toEqual({ words: startsWith('chai') });
    expect(text('\ud800')).toEqual(text('***'));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\ud800'))), (parts) => {
        expect(wordsOf(...parts).filter((word) => !word.isWellFormed())).toEqual([]);
      }),
    );
  });
});

describe('purchases by day', () => {
  const at = (placedAt: string) => ({ ...purchase(0), _id: `day${placedAt}`, customerId: 'days', placedAt });
  const groups = (by: string, range: string, more = '') =>
    ask(`{ purchaseGroups(by: ${by}, filter: { customerId: "days", placedBetween: ${range} } ${more}) { key count } }`);

  beforeAll(async () => {
    const times = ['2026-03-28T23:30:00', '2026-03-29T12:00:00', '2026-03-29T22:30:00', '2026-03-31T23:00:00'];
    await stored.step([], (tx) =>
      tx.put(
        PURCHASES,
        times.map((time) => at(`${time}.000Z`)),
      ),
    );
  });

  it('belong to a range whose end is their day, at whatever time of it', async () => {
    const { purchaseGroups } = await groups('DAY', '{ from: "2026-03-29", to: "2026-03-29" }');
    expect(purchaseGroups).toEqual([{ key: '2026-03-29', count: 2 }]);
  });

  it('are those of the time zone asked for, in ranges as in groups', async () => {
    const range = '{ from: "2026-03-29", to: "2026-03-31" }';
    expect(await groups('DAY', range, 'timeZone: "Europe/Berlin"')).toEqual({
      purchaseGroups: [
        { key: '2026-03-29', count: 2 },
        { key: '2026-03-30', count: 1 },
      ],
    });
    expect(await groups('MONTH', '{ from: "2026-03-01" }', 'timeZone: "Europe/Berlin"')).toEqual({
      purchaseGroups: [
        { key: '2026-03', count: 3 },
        { key: '2026-04', count: 1 },
      ],
    });
    expect(
      await groups('DAY', '{ from: "2026-03-31", to: "2026-03-31", timeZone: "UTC" }', 'timeZone: "Asia/Tokyo"'),
    ).toEqual({ purchaseGroups: [{ key: '2026-04-01', count: 1 }] });
  });

  it('are refused for a day or a zone that there is not, with what it must be', async () => {
    const wrong = async (source: string) =>
      (await graphql({ schema, source })).errors?.map(({ message }) => message).join();
    expect(await wrong('{ purchases(filter: { placedBetween: { to: "2026-02-30" } }) { totalCount } }')).toMatch(
      /2026-02 has 28 days/,
    );
    expect(await wrong('{ purchaseGroups(by: DAY, timeZone: "Mars") { key } }')).toMatch(
      /IANA name such as "Europe.Berlin"/,
    );
  });
});

describe('Money', () => {
  it('always comes back as it went in, and never goes through a float', () => {
    // Thirty digits and two decimals are the most that is taken.
    const most = 10n ** 32n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -most, max: most }), (minor) => {
        expect(parseMoney(formatMoney(minor))).toBe(minor);
      }),
    );
    expect(parseMoney('0.1') + parseMoney('0.2')).toBe(parseMoney('0.30'));
    expect(formatMoney(-5)).toBe('-0.05');
    expect(formatMoney(2n ** 64n)).toBe('184467440737095516.16');
  });

  it.each(['1.234', '1e3', ' 1', '1,00', '.5', '', 'NaN', 5, null])('refuses %j', (text) => {
    expect(() => parseMoney(text)).toThrow(/Money must be/);
  });
});

describe('Share', () => {
  it('goes both ways without loss, for every share there is', () => {
    for (let parts = 0; parts <= 10_000; parts++) expect(parseShare(formatShare(parts))).toBe(parts);
    expect(formatShare(1500)).toBe('0.15');
    expect(parseShare('0.1500')).toBe(1500);
  });

  it.each(['1.0001', '2', '-0.1', '0.12345', '15%', '.5', '', '0,5', 0.15, null])('refuses %j', (text) => {
    expect(() => parseShare(text)).toThrow(/Share must be/);
  });
});

describe('DateTime', () => {
  it('takes days, and times with an offset, which it gives in UTC', () => {
    expect(parseGivenTime('1996-07-04')).toEqual({ day: '1996-07-04' });
    expect(parseGivenTime('2024-02-29T12:00:00+02:00')).toEqual({ time: '2024-02-29T10:00:00.000Z' });
  });

  it.each([
    ...['2024-13-01', '2024-01-01T00:00:00', 'yesterday', '2024', 7, '2026-02-30T00:00:00Z', '2023-02-29'],
    ...['0000-05-01', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00', '2026-01-01T24:00:00Z'],
    ...['2026-04-31', '2026-01-00', '2026-06-31T12:00:00+02:00', '2026-1-1', ''],
  ])('refuses %j', (text) => {
    expect(() => parseGivenTime(text)).toThrow(/DateTime must be/);
  });

  it('tells of a day that there is not how many there are', () => {
    expect(() => parseGivenTime('2026-02-30')).toThrow('a day that there is: 2026-02 has 28 days, not "2026-02-30"');
  });
});

describe('a queue of the latest', () => {
  it('gives each key once, as it is newest, in the order in which they first waited', async () => {
    const queue = new LatestQueue<string>(() => undefined);
    queue.push('a', 'a1');
    queue.push('b', 'b1');
    queue.push('a', 'a2');
    queue.end();
    const got: string[] = [];
    for await (const item of queue) got.push(item);
    expect(got).toEqual(['a2', 'b1']);
  });

  it('ends with an error when its reader is too slow, and says so once', async () => {
    let ends = 0;
    const queue = new LatestQueue<number>(() => ends++, 2);
    for (const key of ['a', 'b', 'c', 'd']) queue.push(key, 1);
    await expect(queue.next()).rejects.toMatchObject({ code: 'RESUBSCRIBE' });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(ends).toBe(1);
  });
});

describe('changes of a view', () => {
  it('end with RESUBSCRIBE, and stop watching, when some may have been missed', async () => {
    let gap: (() => void) | undefined;
    let stopped = 0;
    const watched: ViewStore = {
      ...views,
      watch: async (_views, _onChange, onGap) => {
        gap = onGap;
        return async () => {
          stopped++;
        };
      },
    };
    const changes = changesOf<PurchaseDoc>(watched, PURCHASES, undefined);
    const next = changes.next();
    await vi.waitFor(() => expect(gap).toBeDefined());
    gap?.();
    await expect(next).rejects.toMatchObject({ code: 'RESUBSCRIBE' });
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    expect(stopped).toBeGreaterThan(0);
  });
});
