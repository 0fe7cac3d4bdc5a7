/** The import against a shop in memory that can be told how to behave. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { describeFailure } from '../cli/failure.ts';
import { importReport } from '../cli/import-report.ts';
import { EntityIds } from '../import/entity-ids.ts';
import { OperationFailed, Unreachable } from '../import/executor.ts';
import { type ImportOptions, runImport } from '../import/run-import.ts';
import { createSampleImporter } from '../import/sample-importer.ts';
import type { ShopOrder, ShopProduct } from '../import/shop-data.ts';
import type { ImportSummary, ImportTally } from '../import/tally.ts';
import type { SampleImportState } from '../resolvers/context.ts';
import { FakeShop, type Rows, shopData, type TakenCommand } from './import.fake-shop.ts';

const QUESO: ShopProduct = {
  fileAndLine: 'products.csv, line 2',
  id: '11',
  name: 'Queso',
  price: '21.00',
  unitsInStock: 5,
  discontinued: true,
};
const TOFU: ShopProduct = {
  fileAndLine: 'products.csv, line 3',
  id: '12',
  name: 'Tofu',
  price: '1.00',
  unitsInStock: 7,
  discontinued: false,
};
const MARIA = { fileAndLine: 'customers.csv, line 2', id: 'ALFKI', firstName: 'Maria', lastName: 'Anders' };

function order(n: number, productId = '11', quantity = n): ShopOrder {
  return {
    fileAndLine: `orders.csv, line ${n + 1}`,
    id: String(n),
    customerId: 'ALFKI',
    placedAt: `1996-07-0${n}T00:00:00.000Z`,
    lines: [{ productId, quantity }],
  };
}

const rows: Rows = { customers: [MARIA], products: [QUESO, TOFU], orders: [order(1), order(2), order(3)] };
const named = ({ name, input }: TakenCommand) => `${name} ${input['id'] ?? input['productId'] ?? input['customerId']}`;

async function imported(shop: FakeShop, of: Rows = rows, more: Partial<ImportOptions> = {}): Promise<ImportSummary> {
  return await runImport({ executor: shop, data: shopData(of), ...more });
}

describe('an import', () => {
  it('sends customers and products, then orders by date, then what is discontinued', async () => {
    const shop = new FakeShop();
    const summary = await imported(shop, rows, { concurrency: 1 });
    expect(shop.taken.map(named)).toEqual([
      'registerCustomer ALFKI',
      'addProduct 11',
      'addProduct 12',
      'placePurchase 1',
      'placePurchase 2',
      'placePurchase 3',
      'discontinueProduct 11',
    ]);
    expect(shop.all('placePurchase')[1]).toMatchObject({
      customerId: 'ALFKI',
      placedAt: '1996-07-02T00:00:00.000Z',
      lines: [{ productId: '11', quantity: 2 }],
    });
    expect(new Set(shop.taken.map(({ input }) => input['idempotencyKey'])).size).toBe(7);
    const counts = { customers: 1, products: 2, confirmed: 3, rejected: 0, discontinued: 1, done: 7, fresh: 7 };
    expect(summary).toMatchObject({ ...counts, updated: 0, conflicts: 0, problems: [] });
  });

  it('sends many commands in one request', async () => {
    const shop = new FakeShop();
    await imported(shop);
    expect(shop.requests).toEqual([1, 2, 3, 1]);
  });

  it('begins with the stock that the orders need, or with what was published', async () => {
    const [history, published] = [new FakeShop(), new FakeShop()];
    await imported(history);
    await imported(published, rows, { stock: 'published' });
    expect(history.all('addProduct')[0]).toMatchObject({ stock: 5 + 6, price: '21.00' });
    expect(published.all('addProduct')[0]).toMatchObject({ stock: 5 });
  });

  it('finds nothing to do the second time, also when the keys have been forgotten', async () => {
    const shop = new FakeShop();
    await imported(shop);
    expect(await imported(shop)).toMatchObject({ done: 7, fresh: 0, confirmed: 3, customers: 1, discontinued: 1 });
    expect(shop.taken).toHaveLength(7);
  });

  it('tells how far it is, phase by phase', async () => {
    const told: ImportTally[] = [];
    await imported(new FakeShop(), rows, { onTally: (tally) => told.push(tally) });
    const phases = ['customers', 'products', 'purchases', 'discontinuing', 'done'];
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(phases);
    const last = { phase: 'done', done: 7, total: 7, confirmed: 3, rejected: 0, waitingFor: null };
    expect(told.at(-1)).toEqual(last);
  });

  it('asks for the outcomes that the subscription did not tell', async () => {
    const shop = new FakeShop();
    shop.tells = false;
    expect(await imported(shop)).toMatchObject({ confirmed: 3, discontinued: 1 });
  });

  it('is refused in one line to who is no admin, and without a server', async () => {
    const shop = new FakeShop();
    shop.admin = false;
    await expect(imported(shop)).rejects.toThrow("ada may not import: it takes an admin's --token");
    const nobody = new FakeShop();
    nobody.execute = async () => {
      throw new Unreachable('http://127.0.0.1:4000 cannot be reached');
    };
    const error: unknown = await imported(nobody).catch((reason: unknown) => reason);
    expect(describeFailure(error)).toMatch(
      /cannot be reached; start it with `npm start`, or say where it is with --url$/,
    );
  });

  it('ends when the server ends the telling', async () => {
    const shop = new FakeShop();
    // biome-ignore lint/correctness/useYield: it fails before there is anything to tell.
    shop.subscribe = async function* () {
      throw new OperationFailed('only for admins', 'FORBIDDEN');
    };
    shop.ends = false;
    await expect(imported(shop)).rejects.toThrow('the server refused: only for admins');
  });
});

describe('two data sets with the same ids', () => {
  it('do not touch each other', async () => {
    const shop = new FakeShop();
    await imported(shop);
    const mine: Rows = {
      customers: [{ ...MARIA, lastName: 'Other' }],
      products: [{ ...QUESO, name: 'Cheddar', discontinued: false }],
      orders: [order(1, '11', 4)],
    };
    const summary = await runImport({ executor: shop, data: shopData(mine, 'my shop') });
    expect(summary).toMatchObject({ confirmed: 1, updated: 0, conflicts: 0, fresh: 3 });
    expect([shop.customers.size, shop.products.size, shop.purchases.size]).toEqual([2, 3, 4]);
    expect(shop.products.get('11')).toMatchObject({ name: 'Queso' });
    const ids = new EntityIds('my shop');
    expect(shop.purchases.get(ids.of('order', '1'))).toMatchObject({
      customer: { id: ids.of('customer', 'ALFKI') },
      lines: [{ product: { id: ids.of('product', '11') }, quantity: 4 }],
    });
  });

  it('have ids that Counterfoil takes, whatever the shop calls its things', () => {
    const ids = new EntityIds('Käse & Wein / Berlin');
    const all = ['1', '10/2', 'A.7', '#5 b', 'ü', '-', 'x'.repeat(64)].map((id) => ids.of('order', id));
    for (const id of all) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(new Set(all).size).toBe(all.length);
    expect(ids.of('product', '1')).not.toBe(ids.of('customer', '1'));
    expect(ids.of('order', '1', 2)).not.toBe(ids.of('order', '1'));
  });
});

describe("the shop's ids", () => {
  it('are kept as numbers, but for those that something else has for its number', async () => {
    const shop = new FakeShop();
    shop.outcome = ({ input }) =>
      input['number'] === '12' || input['number'] === '2' ? { code: 'NUMBER_TAKEN', message: 'taken' } : null;
    expect(await imported(shop)).toMatchObject({ products: 2, confirmed: 3, rejected: 0, problems: [] });
    const numbers = (of: Iterable<Readonly<Record<string, unknown>>>) => [...of].map(({ number }) => number);
    expect(numbers(shop.products.values())).toEqual(['11', undefined]);
    expect(numbers(shop.all('placePurchase'))).toEqual(['1', '2', '3', undefined]);
    expect(await imported(shop)).toMatchObject({ fresh: 0, confirmed: 3 });
  });
});

describe('a corrected file', () => {
  const corrected: Rows = {
    customers: [{ ...MARIA, lastName: 'Müller', email: 'maria@example.com' }],
    products: [
      { ...QUESO, price: '22.50' },
      { ...TOFU, name: 'Soft tofu', unitsInStock: 10, discontinued: true },
    ],
    orders: rows.orders,
  };

  it('changes what was corrected, once', async () => {
    const shop = new FakeShop();
    await imported(shop);
    const before = shop.taken.length;
    expect(await imported(shop, corrected)).toMatchObject({ updated: 4, conflicts: 0, discontinued: 2, fresh: 5 });
    expect(shop.taken.slice(before).map(named).sort()).toEqual([
      'discontinueProduct 12',
      'restockProduct 12',
      'updateCustomer ALFKI',
      'updateProduct 11',
      'updateProduct 12',
    ]);
    expect(shop.all('restockProduct')).toMatchObject([{ quantity: 3 }]);
    expect(shop.customers.get('ALFKI')).toMatchObject({ firstName: 'Maria', lastName: 'Müller' });
    expect(shop.products.get('12')).toMatchObject({ name: 'Soft tofu', stock: 10, discontinued: true });
    expect(await imported(shop, corrected)).toMatchObject({ updated: 0, fresh: 0 });
  });

  it('changes back what was changed there and back again', async () => {
    const shop = new FakeShop();
    const price = (price: string): Rows => ({ ...rows, products: [{ ...TOFU, price }], orders: [] });
    for (const wanted of ['1.00', '2.00', '1.00', '2.00']) {
      await imported(shop, price(wanted));
      expect(shop.products.get('12')).toMatchObject({ price: wanted });
    }
  });

  it('changes nothing with --no-update, and lists every difference', async () => {
    const shop = new FakeShop();
    await imported(shop);
    const summary = await imported(shop, corrected, { update: false });
    expect(summary).toMatchObject({ updated: 0, fresh: 0, conflicts: 4 });
    expect(summary.problems.map(({ fileAndLine, message }) => `${fileAndLine}: ${message}`)).toEqual([
      'customers.csv, line 2: in the shop lastName is "Anders", not "Müller", email is null, not "maria@example.com"',
      'products.csv, line 2: in the shop the price is 21.00, not 22.50',
      'products.csv, line 3: in the shop the name is "Tofu", not "Soft tofu", the stock is short by 3',
      'products.csv, line 3: in the shop it is on sale, not discontinued',
    ]);
    expect(importReport(summary, false).exitCode).toBe(1);
  });

  it('discontinues what the same run has brought in, with --no-update too', async () => {
    const shop = new FakeShop();
    expect(await imported(shop, rows, { update: false })).toMatchObject({ conflicts: 0, discontinued: 1 });
  });

  it('lowers a stock, and puts on sale again what was discontinued, once', async () => {
    const shop = new FakeShop();
    await imported(shop);
    const lower: Rows = {
      ...rows,
      products: [
        { ...QUESO, discontinued: false },
        { ...TOFU, unitsInStock: 2 },
      ],
    };
    const listed = await imported(shop, lower, { update: false });
    expect(listed.problems.map(({ fileAndLine, message }) => `${fileAndLine}: ${message}`)).toEqual([
      'products.csv, line 2: in the shop it is discontinued, not on sale',
      'products.csv, line 3: in the shop the stock is 5 higher than the files say',
    ]);
    expect(await imported(shop, lower)).toMatchObject({ updated: 2, conflicts: 0, fresh: 2 });
    expect(shop.all('writeOffStock')).toMatchObject([{ quantity: 5 }]);
    expect(shop.products.get('11')).toMatchObject({ discontinued: false });
    expect(shop.products.get('12')).toMatchObject({ stock: 2, received: 2 });
    expect(await imported(shop, lower)).toMatchObject({ updated: 0, fresh: 0 });
    for (const wanted of [true, false, true]) {
      await imported(shop, { ...lower, products: [{ ...QUESO, discontinued: wanted }] });
      expect(shop.products.get('11')).toMatchObject({ discontinued: wanted });
    }
  });

  it('lowers no stock for an order that it does not hold any more, and none of which it says nothing', async () => {
    const shop = new FakeShop();
    const sold: Rows = { ...rows, products: [TOFU], orders: [order(1, '12'), order(3, '12')] };
    await imported(shop, sold);
    const { problems, fresh } = await imported(shop, { ...sold, orders: [order(1, '12')] });
    expect(problems.map(({ message }) => message)).toEqual([
      'in the shop the stock is 3 higher than the files say, for orders that they do not hold',
    ]);
    const { unitsInStock: _, discontinued: __, ...silent } = TOFU;
    expect(await imported(shop, { ...sold, products: [silent] })).toMatchObject({ conflicts: 0, fresh: 0 });
    expect(fresh).toBe(0);
    expect(shop.products.get('12')).toMatchObject({ stock: 7, received: 11 });
  });

  it('is refused a stock below what orders hold', async () => {
    const shop = new FakeShop();
    const published = { stock: 'published' } as const;
    const ordered: Rows = { ...rows, products: [TOFU], orders: [order(3, '12')] };
    await imported(shop, ordered, published);
    const { problems } = await imported(shop, { ...ordered, products: [{ ...TOFU, unitsInStock: 2 }] }, published);
    expect(problems).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining('5 higher') }]);
    expect(shop.products.get('12')).toMatchObject({ stock: 4, received: 7 });
  });

  it('is told what no command can change: an order that is confirmed', async () => {
    const shop = new FakeShop();
    await imported(shop);
    const summary = await imported(shop, {
      ...rows,
      orders: [order(1), { ...order(2), customerId: 'OTHER' }, order(3)],
    });
    expect(summary.problems.map(({ fileAndLine, code }) => [fileAndLine, code])).toEqual([
      ['orders.csv, line 3', 'CONFLICT'],
    ]);
    expect(summary).toMatchObject({ fresh: 0, confirmed: 3 });
  });

  it('is told which orders stand at other prices or discounts, and no others', async () => {
    const shop = new FakeShop();
    const priced = (n: number, more: Partial<ShopOrder['lines'][number]>): ShopOrder => ({
      ...order(n),
      lines: [{ productId: '11', quantity: n, ...more }],
    });
    const orders = [priced(1, { unitPrice: '9.80', discount: '0.15' }), priced(2, {}), priced(3, { discount: '0.5' })];
    await imported(shop, { ...rows, orders });
    expect(shop.all('placePurchase')[0]).toMatchObject({ lines: [{ unitPrice: '9.80', discount: '0.15' }] });
    const dearer = [{ ...QUESO, price: '22.00' }, TOFU];
    expect(await imported(shop, { ...rows, products: dearer, orders })).toMatchObject({ conflicts: 0, confirmed: 3 });
    const changed = [priced(1, { unitPrice: '9.90', discount: '0.15' }), priced(2, { discount: '0.1' }), priced(3, {})];
    const { problems } = await imported(shop, { ...rows, products: dearer, orders: changed });
    const lines = ['orders.csv, line 2', 'orders.csv, line 3', 'orders.csv, line 4'];
    expect(problems.map(({ fileAndLine }) => fileAndLine)).toEqual(lines);
  });

  it('finds its way when the views are behind, and when somebody changes the same at the same time', async () => {
    const shop = new FakeShop();
    await imported(shop);
    shop.shows = false;
    let looks = 0;
    shop.afterRequest = () => {
      if (++looks === 2) shop.shows = true;
    };
    const touched = new Set<string>();
    shop.before = ({ name, input }) => {
      const product = shop.products.get(String(input['productId']));
      if (name !== 'updateProduct' || product === undefined || touched.has('once')) return;
      touched.add('once');
      product.version++;
    };
    expect(await imported(shop, corrected)).toMatchObject({ conflicts: 0, rejections: new Map() });
    expect(shop.products.get('11')).toMatchObject({ price: '22.50' });
    expect(shop.products.get('12')).toMatchObject({ stock: 10 });
  });
});

describe('a part of the files', () => {
  const full: Rows = { ...rows, products: [TOFU], orders: [order(1, '12')] };
  const stub = { ...TOFU, name: '12', price: '0.00', unitsInStock: 0, onlyIfNew: true };
  const part: Rows = { customers: [], products: [stub], orders: [order(3, '12'), order(4, '12')] };

  it('changes nothing that is there, and adds what its orders need once, however often it is sent', async () => {
    const shop = new FakeShop();
    await imported(shop, full);
    await imported(shop, part);
    expect(await imported(shop, part)).toMatchObject({ confirmed: 2, fresh: 0 });
    expect(shop.products.get('12')).toMatchObject({ name: 'Tofu', price: '1.00', stock: 7, received: 7 + 1 + 3 + 4 });
    const whole = { ...full, orders: [...full.orders, ...part.orders] };
    expect(await imported(shop, whole)).toMatchObject({ confirmed: 3, updated: 0, fresh: 0, conflicts: 0 });
  });

  it('may hold orders alone', async () => {
    const shop = new FakeShop();
    await imported(shop, full);
    await imported(shop, { ...part, products: [] });
    expect(shop.products.get('12')).toMatchObject({ stock: 7, received: 15 });
  });
});

describe('an order that is refused', () => {
  const short: Rows = {
    ...rows,
    products: [{ ...QUESO, discontinued: false }, TOFU],
    orders: [order(1), order(2, '12', 9)],
  };
  const restocked: Rows = { ...short, products: [short.products[0] ?? QUESO, { ...TOFU, unitsInStock: 20 }] };

  it('is named with file, line, code and message, and the status is not 0', async () => {
    const summary = await imported(new FakeShop(), short, { stock: 'published' });
    expect(summary).toMatchObject({ confirmed: 1, rejected: 1, rejections: new Map([['INSUFFICIENT_STOCK', 1]]) });
    const { text, exitCode } = importReport(summary, false);
    expect(text).toContain('orders.csv, line 3: order 2: INSUFFICIENT_STOCK: insufficient_stock, said the shop\n');
    expect(exitCode).toBe(1);
  });

  it('is not tried again before what refused it was mended, and then once', async () => {
    const shop = new FakeShop();
    const published = { stock: 'published' } as const;
    await imported(shop, short, published);
    const before = shop.taken.length;
    expect(await imported(shop, short, published)).toMatchObject({ rejected: 1, fresh: 0 });
    expect(shop.taken).toHaveLength(before);
    expect(await imported(shop, restocked, published)).toMatchObject({ confirmed: 2, rejected: 0, fresh: 2 });
    expect(await imported(shop, restocked, published)).toMatchObject({ confirmed: 2, rejected: 0, fresh: 0 });
    const statuses = [...shop.purchases.values()].map((purchase) => purchase['status']);
    expect(statuses).toEqual(['CONFIRMED', 'REJECTED', 'CONFIRMED']);
    expect(shop.products.get('12')).toMatchObject({ stock: 11 });
  });

  it('is tried again though it left nothing behind, and no key answers for a refusal of before', async () => {
    const shop = new FakeShop();
    shop.outcome = ({ name }) => (name === 'addProduct' ? { code: 'NOT_TODAY', message: 'come tomorrow' } : null);
    expect(await imported(shop)).toMatchObject({ products: 0, rejected: 3 });
    shop.outcome = () => null;
    shop.clock += 60_000;
    expect(await imported(shop)).toMatchObject({ products: 2, confirmed: 3, rejected: 0 });
  });

  it('stays cancelled when somebody has cancelled it', async () => {
    const shop = new FakeShop();
    await imported(shop);
    Object.assign(shop.purchases.get('2') ?? {}, { status: 'CANCELLED' });
    expect(await imported(shop)).toMatchObject({ confirmed: 2, rejected: 0, fresh: 0 });
  });

  it('is one of 50 that are shown when there are many, and all are counted', async () => {
    const orders = Array.from({ length: 130 }, (_, i) => ({ ...order(1), id: `o${i}`, customerId: 'NOBODY' }));
    const summary = await imported(new FakeShop(), { ...rows, orders });
    expect(summary.problems).toHaveLength(50);
    expect(summary).toMatchObject({ rejected: 130 });
    expect(importReport(summary, false).text).toContain('and 80 more: the first 50 are shown');
    expect(JSON.parse(importReport(summary, true).text)).toMatchObject({ rejections: { CUSTOMER_NOT_FOUND: 130 } });
  });

  it('does not stop the others when the server does not take it at all', async () => {
    const shop = new FakeShop();
    shop.before = ({ input }) => {
      if (input['id'] === '2') throw new OperationFailed('quantity must be at least 1', 'BAD_USER_INPUT');
    };
    const summary = await imported(shop);
    expect(summary).toMatchObject({ confirmed: 2, rejected: 1 });
    const [problem] = summary.problems;
    expect(problem).toMatchObject({ fileAndLine: 'orders.csv, line 3', message: 'quantity must be at least 1' });
  });
});

describe('a run that is cut short', () => {
  /** Stops when so many requests with commands have been heeded, before their answers are known. */
  async function cut(shop: FakeShop, of: Rows, after: number): Promise<boolean> {
    const controller = new AbortController();
    let heeded = 0;
    shop.afterRequest = () => {
      if (++heeded < after) return;
      controller.abort();
      throw new Unreachable('the line is dead');
    };
    const ended = await imported(shop, of, { signal: controller.signal, concurrency: 1 }).then(
      () => true,
      (error: unknown) => {
        expect(String(error)).toContain('run it again to go on');
        return false;
      },
    );
    shop.afterRequest = () => undefined;
    return ended;
  }

  it.each([true, false])(
    'is taken up by the next one, and nothing is done twice; views that show it: %s',
    async (shows) => {
      const corrected: Rows = { ...rows, products: [{ ...QUESO, price: '25.00', unitsInStock: 9 }, TOFU] };
      const whole = new FakeShop();
      await imported(whole);
      await imported(whole, corrected);
      for (let after = 1; after <= 8; after++) {
        const shop = new FakeShop();
        await cut(shop, rows, after);
        // Behind: for a while the views show nothing of what was cut short.
        shop.shows = shows;
        shop.afterRequest = () => {
          shop.shows = true;
        };
        expect(await imported(shop)).toMatchObject({ confirmed: 3, rejected: 0 });
        await cut(shop, corrected, after);
        await imported(shop, corrected);
        for (const kind of ['customers', 'products', 'purchases'] as const) {
          const plain = (of: FakeShop) => [...of[kind]].map(([id, { version: _, ...entity }]) => [id, entity]);
          expect(plain(shop), `${kind}, cut after ${after}`).toEqual(plain(whole));
        }
      }
    },
  );
});

describe('the way to the server', () => {
  it('sends again what had no answer, whether or not it had got through', async () => {
    const shop = new FakeShop();
    let [before, after] = [0, 0];
    shop.beforeRequest = () => {
      if (++before % 3 === 1) throw new OperationFailed('the log does not answer', 'UNAVAILABLE');
    };
    shop.afterRequest = () => {
      if (++after % 2 === 1) throw new Unreachable('gone');
    };
    expect(await imported(shop)).toMatchObject({ done: 7, fresh: 7, confirmed: 3 });
    expect(shop.taken).toHaveLength(7);
  });

  it('sends again those alone that are to come again', async () => {
    const shop = new FakeShop();
    const refused = new Set<unknown>();
    shop.before = ({ name, input }) => {
      if (name !== 'placePurchase' || input['id'] === '2' || refused.has(input['id'])) return;
      refused.add(input['id']);
      throw new OperationFailed('too many unfinished', 'RATE_LIMITED');
    };
    expect(await imported(shop)).toMatchObject({ confirmed: 3, rejected: 0 });
    expect(shop.requests).toEqual([1, 2, 3, 2, 1]);
  });

  it('sends in halves what is too large for one request, and names the row that is too large alone', async () => {
    const shop = new FakeShop();
    shop.beforeRequest = (commands) => {
      const orders = commands.filter(({ name }) => name === 'placePurchase');
      if (orders.length > 1 || orders.some(({ input }) => input['id'] === '3')) {
        throw new OperationFailed('the mutation may write 9 MB', 'LIMIT_EXCEEDED');
      }
    };
    const summary = await imported(shop);
    expect(summary).toMatchObject({ confirmed: 2, rejected: 1 });
    expect(summary.problems).toMatchObject([{ fileAndLine: 'orders.csv, line 4', code: 'LIMIT_EXCEEDED' }]);
  });

  it('waits for the server for as long as it takes, and says what it waits for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const shop = new FakeShop();
      const back = Date.now() + 2 * 60 * 60 * 1000;
      shop.beforeRequest = (commands) => {
        if (commands.some(({ name }) => name === 'placePurchase') && Date.now() < back)
          throw new Unreachable('no server');
      };
      const told: (string | null)[] = [];
      let ended = false;
      const run = imported(shop, rows, { onTally: ({ waitingFor }) => told.push(waitingFor) }).finally(() => {
        ended = true;
      });
      while (!ended) await vi.advanceTimersByTimeAsync(10_000);
      expect(await run).toMatchObject({ confirmed: 3 });
      expect(told).toContain('no server');
      expect(told.at(-1)).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops when it is told to, also while it waits, and goes on the next time', async () => {
    const shop = new FakeShop();
    const controller = new AbortController();
    shop.beforeRequest = (commands) => {
      if (commands.some(({ name }) => name === 'placePurchase')) throw new Unreachable('no server');
    };
    const onTally = ({ waitingFor }: ImportTally) => (waitingFor === null ? undefined : controller.abort());
    await expect(imported(shop, rows, { signal: controller.signal, onTally })).rejects.toThrow('run it again to go on');
    shop.beforeRequest = () => undefined;
    expect(await imported(shop)).toMatchObject({ done: 7, fresh: 4, confirmed: 3 });
  });

  it('has a bounded number of rows under way, however many there are, and warns of nothing', async () => {
    const shop = new FakeShop();
    shop.ends = false;
    const warnings: string[] = [];
    const warned = ({ message }: Error) => warnings.push(message);
    process.on('warning', warned);
    let read = 0;
    const data = shopData({ customers: [], products: [], orders: [] });
    const controller = new AbortController();
    const run = runImport({
      executor: shop,
      signal: controller.signal,
      data: {
        ...data,
        counts: { ...data.counts, customers: 1_000_000 },
        *customers() {
          for (; read < 1_000_000; read++) yield { ...MARIA, id: `c${read}` };
        },
      },
    }).catch((error: unknown) => String(error));
    await expect.poll(() => shop.taken.length).toBe(1000);
    await new Promise(setImmediate);
    expect(read).toBeLessThanOrEqual(1000);
    controller.abort();
    expect(await run).toContain('stopped');
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});

describe('the sample importer in the server', () => {
  const directory = fileURLToPath(new URL('../examples/northwind', import.meta.url));
  const viewer = { id: 'ada', roles: ['admin'], isAdmin: true };

  it('is one run however often it is started, tells its state until the end, and can be run again', async () => {
    const shop = new FakeShop();
    const importer = createSampleImporter({ directory, executorFor: () => shop });
    expect(importer.now()).toMatchObject({ running: false, phase: '', done: 0 });
    expect(importer.start(viewer).running).toBe(true);
    const first = importer.now().startedAt;
    expect(importer.start(viewer).startedAt).toBe(first);
    const states: SampleImportState[] = [];
    for await (const state of importer.follow()) states.push(state);
    expect(states[0]?.running).toBe(true);
    const end = { running: false, phase: 'done', done: 1006, total: 1006, confirmed: 830, rejected: 0, error: null };
    expect(states.at(-1)).toMatchObject(end);
    expect(shop.taken).toHaveLength(1006);

    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject(end);
    expect(shop.taken).toHaveLength(1006);
  });

  it('says what stopped it, and goes on from there', async () => {
    const shop = new FakeShop();
    shop.admin = false;
    const importer = createSampleImporter({ directory, executorFor: () => shop });
    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject({ running: false, error: expect.stringContaining('may not import') });
    shop.admin = true;
    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject({ error: null, confirmed: 830 });
  });

  it('ends a run under way when the server stops', async () => {
    const shop = new FakeShop();
    shop.ends = false;
    const importer = createSampleImporter({ directory, executorFor: () => shop });
    importer.start(viewer);
    await importer.stop();
    expect(importer.now()).toMatchObject({ running: false, error: expect.stringContaining('stopped') });
  });
});
