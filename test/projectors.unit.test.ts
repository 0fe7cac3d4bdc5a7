/** The joined views are the same whatever order and batches the states come in, and equal to a plain count over them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerState, PublishedProduct, PurchaseState } from '../domain/index.ts';
import type { LogRecord } from '../log/event-log.ts';
import {
  CUSTOMERS,
  type CustomerDoc,
  FAN_OUTS,
  PRODUCTS,
  type ProductDoc,
  PURCHASES,
  type PurchaseDoc,
  unknownCustomer,
  unknownProduct,
  viewSpecs,
} from '../projectors/documents.ts';
import { fanOutStep, finishFanOuts } from '../projectors/fan-out.ts';
import { projectors } from '../projectors/index.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { exactInteger } from '../views/exact-integer.ts';
import type { ViewStore } from '../views/view-store.ts';

interface History {
  readonly customers: ReadonlyMap<string, readonly CustomerState[]>;
  readonly products: ReadonlyMap<string, readonly PublishedProduct[]>;
  readonly purchases: ReadonlyMap<string, readonly PurchaseState[]>;
}

const customerIds = ['c1', 'c2', 'c3'];
const productIds = ['p1', 'p2', 'p3', 'p4'];

const customerStates = fc.array(fc.constantFrom('Ada', 'Grace', 'Ægir'), { maxLength: 3 }).map((names) =>
  names.map(
    (firstName, at): CustomerState => ({
      version: at + 1,
      firstName,
      lastName: 'L',
      email: null,
      removed: false,
      registeredAt: '2024-01-01T00:00:00.000Z',
      userId: null,
      number: null,
      claim: null,
      erased: false,
      readable: true,
    }),
  ),
);

const productStates = fc.array(fc.constantFrom('Chai', 'Chang', 'Tofu'), { maxLength: 3 }).map((names) =>
  names.map(
    (name, at): PublishedProduct => ({
      version: at + 1,
      name,
      price: 100,
      received: 9,
      free: 9,
      reserved: 0,
      sold: 0,
      discontinued: false,
      number: null,
      claim: null,
    }),
  ),
);

/** A purchase's life as a list of statuses, from placed to wherever it got. */
const lives: readonly (readonly PurchaseState['status'][])[] = [
  ['PENDING'],
  ['PENDING', 'CONFIRMED'],
  ['PENDING', 'PENDING', 'CONFIRMED', 'CANCELLED'],
  ['PENDING', 'REJECTED'],
  ['PENDING', 'CANCELLED'],
];

const purchaseStates = fc
  .record({
    life: fc.constantFrom(...lives),
    customerId: fc.constantFrom(...customerIds),
    products: fc.subarray(productIds, { minLength: 1 }),
    quantity: fc.integer({ min: 1, max: 9 }),
    unitPrice: fc.integer({ min: 0, max: 1000 }),
    day: fc.integer({ min: 10, max: 28 }),
  })
  .map(({ life, customerId, products, quantity, unitPrice, day }) =>
    life.map((status, at): PurchaseState => {
      const reserved = status !== 'PENDING';
      const price = reserved ? unitPrice : null;
      const prices = { agreedPrice: null, discount: null, listPrice: price, unitPrice: price };
      const lines = products.map((productId) => ({ productId, quantity, ...prices }));
      const placedAt = `2024-01-${day}T00:00:00.000Z`;
      return {
        version: at + 1,
        status,
        customerId,
        lines,
        approved: reserved,
        total: reserved ? products.length * quantity * unitPrice : 0,
        placedAt,
        acceptedAt: placedAt,
        confirmedAt: null,
        cancelledAt: null,
        rejection: null,
        transactionId: 't',
        issuedBy: 'u',
        userId: null,
        number: null,
        numberGiven: true,
      };
    }),
  );

function byId<T>(ids: readonly string[], states: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<string, T>> {
  return fc.tuple(...ids.map(() => states)).map((all) => new Map(all.map((one, at) => [ids[at] ?? '', one])));
}

const histories: fc.Arbitrary<History> = fc.record({
  customers: byId(customerIds, customerStates),
  products: byId(productIds, productStates),
  purchases: byId(
    Array.from({ length: 8 }, (_, at) => `o${at}`),
    purchaseStates,
  ),
});

/** Each aggregate's states as records in their order, the aggregates interleaved as `picks` says. */
function records(history: History, picks: readonly number[]): LogRecord[] {
  const queues = (['customers', 'products', 'purchases'] as const).flatMap((name) =>
    [...history[name]].map(([id, states]) => ({
      topic: `${name}.state`,
      id,
      states: [...states] as { version: number }[],
    })),
  );
  const all: LogRecord[] = [];
  for (let at = 0; queues.some(({ states }) => states.length > 0); at++) {
    const waiting = queues.filter(({ states }) => states.length > 0);
    const queue = waiting[(picks[at % picks.length] ?? 0) % waiting.length];
    const state = queue?.states.shift();
    if (queue === undefined || state === undefined) continue;
    const value = Buffer.from(JSON.stringify(state));
    const headers = toHeaders({
      ...{ id: `${at}`, type: 'State', source: '/test', subject: queue.id, time: '2024-01-10T00:00:00.000Z' },
      version: state.version,
    });
    all.push({ topic: queue.topic, partition: 0, offset: at, key: queue.id, value, headers, timestamp: 0 });
  }
  return all;
}

/** `between` is called after every step. */
async function project(
  all: readonly LogRecord[],
  sizes: readonly number[],
  views: ViewStore = openTemporaryViews({ views: viewSpecs }),
  between: (step: number) => Promise<void> = async () => undefined,
): Promise<ViewStore> {
  let position = 0;
  for (let step = 0; position < all.length; step++) {
    const batch = all.slice(position, position + (sizes[step % sizes.length] ?? 1));
    const result = await views.step(
      [{ topic: 'all', partition: 0, from: position, next: position + batch.length }],
      async (tx) => {
        for (const { topic, project } of projectors) {
          const mine = batch.filter((record) => record.topic === topic);
          if (mine.length > 0) await project(mine, tx, (_, reason) => expect.fail(reason));
        }
      },
    );
    expect(result).toBe('applied');
    position += batch.length;
    await between(step);
  }
  return views;
}

function newest<T>(states: readonly T[] | undefined): T | undefined {
  return states?.at(-1);
}

/** Names and totals are those of a plain count over the newest states. */
async function expectRight(views: ViewStore, history: History): Promise<void> {
  const ended = [...history.purchases].map(
    ([id, states]) => ({ id, ...states[states.length - 1] }) as PurchaseState & { id: string },
  );
  const confirmed = ended.filter(({ status }) => status === 'CONFIRMED');

  const customers = await views.get<CustomerDoc>(CUSTOMERS, customerIds);
  for (const id of customerIds) {
    const state = newest(history.customers.get(id));
    const mine = confirmed.filter(({ customerId }) => customerId === id);
    const doc = customers.get(id);
    expect(doc?.version ?? 0).toBe(state?.version ?? 0);
    expect(doc?.firstName ?? '').toBe(state?.firstName ?? '');
    expect(doc?.purchaseCount ?? 0).toBe(mine.length);
    expect(doc?.totalSpent ?? '001:0').toBe(exactInteger(mine.reduce((sum, { total }) => sum + BigInt(total), 0n)));
    expect(doc?.lastPurchaseAt ?? null).toBe(
      mine
        .map(({ placedAt }) => placedAt)
        .sort()
        .at(-1) ?? null,
    );
  }

  const products = await views.get<ProductDoc>(PRODUCTS, productIds);
  for (const id of productIds) {
    const bought = confirmed.filter(({ lines }) => lines.some(({ productId }) => productId === id));
    const lines = bought.flatMap((purchase) => purchase.lines.filter(({ productId }) => productId === id));
    const doc = products.get(id);
    expect(doc?.name ?? '').toBe(newest(history.products.get(id))?.name ?? '');
    expect(doc?.purchaseCount ?? 0).toBe(bought.length);
    expect(doc?.customerCount ?? 0).toBe(new Set(bought.map(({ customerId }) => customerId)).size);
    expect(doc?.unitsSold ?? 0).toBe(lines.reduce((sum, { quantity }) => sum + quantity, 0));
    expect(doc?.revenue ?? '001:0').toBe(
      exactInteger(lines.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity * (unitPrice ?? 0)), 0n)),
    );
  }

  const shown = await views.get<PurchaseDoc>(
    PURCHASES,
    ended.map(({ id }) => id),
  );
  for (const { id, customerId, status, lines } of ended) {
    const customer = newest(history.customers.get(customerId));
    expect(shown.get(id)?.status).toBe(status);
    expect(shown.get(id)?.customerName).toBe(customer ? `${customer.firstName} L` : '');
    expect(shown.get(id)?.lines.map(({ productName }) => productName)).toEqual(
      lines.map(({ productId }) => newest(history.products.get(productId))?.name ?? ''),
    );
  }
}

describe('the projectors', () => {
  it('always come to the names and totals that a plain count over the newest states gives', async () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(histories, picks, sizes, async (history, order, batches) => {
        const views = await project(records(history, order), batches);
        await expectRight(views, history);
        await views.close();
      }),
      { numRuns: 150 },
    );
  });

  it('always come to the same when renames are carried to the purchases in small steps between the others', async () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
    const walks = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(histories, picks, sizes, walks, async (history, order, batches, steps) => {
        const views = openTemporaryViews({ views: viewSpecs });
        // As if very many purchases had named them, so that no rename is small enough for its own step.
        await views.step([], async (tx) => {
          await tx.put(
            CUSTOMERS,
            customerIds.map((id) => ({ ...unknownCustomer(id), references: 1_000_000 })),
          );
          await tx.put(
            PRODUCTS,
            productIds.map((id) => ({ ...unknownProduct(id), references: 1_000_000 })),
          );
        });
        await project(records(history, order), batches, views, async (step) => {
          const most = steps[step % steps.length] ?? 0;
          const tasks = await views.find(FAN_OUTS, {});
          const ids = tasks.map(({ _id }) => _id);
          if (most > 0) await fanOutStep(views, step % 2 === 0 ? ids : ids.reverse(), most);
        });
        await finishFanOuts(views);
        expect(await views.count(FAN_OUTS, {})).toBe(0);
        await expectRight(views, history);
        await views.close();
      }),
      { numRuns: 150 },
    );
  });

  it("keep the document when another record comes to stand in the state's place, and say so", async () => {
    const state = {
      ...{ version: 1, firstName: 'Ada', lastName: 'Lovelace', email: null },
      ...{ removed: false, registeredAt: '', userId: null, number: null, claim: null },
      ...{ erased: false, readable: true },
    };
    const [right] = records(
      { customers: new Map([['c1', [state]]]), products: new Map(), purchases: new Map() } as History,
      [0],
    );
    if (right === undefined) throw new Error('no record');
    const views = openTemporaryViews({ views: viewSpecs });
    const foreign: LogRecord[] = [
      { ...right, value: Buffer.from('{') },
      { ...right, value: Buffer.from(JSON.stringify({ ...state, firstName: 'Eve' })), headers: {} },
      { ...right, value: null },
      { ...right, key: null },
    ];
    const told: LogRecord[] = [];
    const [customers] = projectors;
    await views.step([], async (tx) => {
      await customers?.project([right, ...foreign], tx, (record) => told.push(record));
    });
    expect(told).toEqual(foreign);
    expect((await views.get<CustomerDoc>(CUSTOMERS, ['c1'])).get('c1')?.firstName).toBe('Ada');
  });
});
