/** Records that change their shape, each tried on what code of the version before has written: docs/changing-records.md. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditLog } from '../audit/audit-log.ts';
import { decideAgain, type OtherOutcome } from '../audit/decide-again.ts';
import type { Difference } from '../audit/difference.ts';
import { customer, product } from '../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../domain/registry.ts';
import { currentVersion, openObject } from '../domain/versions.ts';
import { processorOf } from '../processors/index.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { newestById, type Projector } from '../projectors/projector.ts';
import { ViewFeed } from '../projectors/view-feed.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic } from '../records/topics.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { Books } from './audit.books.ts';

/** The list with another definition in it. Its types are its own affair: the compiler knows the real ones. */
function listWith(changed: Readonly<Record<string, unknown>>): readonly AnyAggregate[] {
  return allAggregates.map((each) => (each.name === changed['name'] ? (changed as unknown as AnyAggregate) : each));
}

/** A shop as code of the version before has left it. */
function shop(): Books {
  const books = new Books();
  books.command('customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'L', email: 'ada@example.com' });
  books.command('products', 'addProduct', 'tea', { name: 'Tea', price: 100, stock: 10 });
  const lines = [{ productId: 'tea', quantity: 3 }];
  books.command('purchases', 'placePurchase', 'p1', { customerId: 'ada', lines });
  return books;
}

/** The newest record of a key: its data, and the version of its schema. */
function newest(books: Books, topic: string, key: string): { readonly data: unknown; readonly schema: unknown } {
  const record = books.records(topic).findLast((each) => each.key === key);
  return { data: JSON.parse(String(record?.value)), schema: record?.headers['ce_dataschema'] };
}

async function differences(books: Books, aggregates: readonly AnyAggregate[]): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  await auditLog({ log: books.log(), aggregates, patienceMs: 0, report: (each) => void found.push(each) });
  return found;
}

async function otherOutcomes(books: Books, aggregates: readonly AnyAggregate[]): Promise<readonly OtherOutcome[]> {
  const others: OtherOutcome[] = [];
  await decideAgain({ log: books.log(), aggregates, processorOf, onOther: (each) => void others.push(each) });
  return others;
}

describe('a new field that every state must have', () => {
  const withShelf = {
    ...product,
    initialState: { ...product.initialState, shelf: 'none' },
    state: product.state.and(openObject({ shelf: z.string() })),
    upcasters: {
      ...product.upcasters,
      state: [
        ...(product.upcasters?.state ?? []),
        ({ shelf = 'none', ...state }: Record<string, unknown>) => ({ ...state, shelf }),
      ],
    },
  };

  it('is there in old states too, and is written from then on', async () => {
    const books = shop();
    books.restart(listWith(withShelf));
    books.command('products', 'restockProduct', 'tea', { quantity: 5 });
    expect(newest(books, 'products.state', 'tea')).toMatchObject({
      data: { shelf: 'none', received: 15 },
      schema: `counterfoil:State/${currentVersion(withShelf.upcasters.state)}`,
    });
    expect(await differences(books, listWith(withShelf))).toEqual([]);
    expect(await otherOutcomes(books, listWith(withShelf))).toEqual([]);
  });

  it('is verified on states that nothing has written again', async () => {
    expect(await differences(shop(), listWith(withShelf))).toEqual([]);
  });

  it('survives a write by code that does not know it', () => {
    const books = shop();
    books.restart(listWith({ ...withShelf, initialState: { ...withShelf.initialState, shelf: 'B2' } }));
    books.command('products', 'addProduct', 'cup', { name: 'Cup', price: 100, stock: 1 });
    books.restart(allAggregates);
    books.command('products', 'restockProduct', 'cup', { quantity: 1 });
    expect(newest(books, 'products.state', 'cup')).toMatchObject({ data: { shelf: 'B2', received: 2 } });
  });
});

describe('a field with another name', () => {
  const renamed = ({ email, ...data }: Record<string, unknown>) => ('mail' in data ? data : { ...data, mail: email });
  const details = openObject({ firstName: z.string(), lastName: z.string(), mail: z.string().nullable() });
  const withMail = {
    ...customer,
    initialState: renamed(customer.initialState),
    events: { ...customer.events, CustomerRegistered: details, CustomerUpdated: details },
    state: openObject({ version: z.int(), removed: z.boolean(), registeredAt: z.string() }).and(details),
    upcasters: {
      ...customer.upcasters,
      events: {
        ...customer.upcasters?.events,
        CustomerRegistered: [...(customer.upcasters?.events?.CustomerRegistered ?? []), renamed],
        CustomerUpdated: [...(customer.upcasters?.events?.CustomerUpdated ?? []), renamed],
      },
      state: [...(customer.upcasters?.state ?? []), renamed],
    },
    decide: {
      ...customer.decide,
      removeCustomer: (_: unknown, was: unknown) => [{ type: 'CustomerRemoved', data: {}, was }],
    },
  };

  it('is read under the new one in events and states, and agrees', async () => {
    const books = shop();
    books.restart(listWith(withMail));
    books.command('customers', 'removeCustomer', 'ada', {});
    const { data, schema } = newest(books, 'customers.state', 'ada');
    expect(data).toMatchObject({ mail: 'ada@example.com', removed: true });
    expect(data).not.toHaveProperty('email');
    expect(schema).toBe(`counterfoil:State/${currentVersion(withMail.upcasters.state)}`);
    expect(await differences(books, listWith(withMail))).toEqual([]);
  });
});

describe('an event that becomes two', () => {
  const split = {
    ...customer,
    events: {
      // The old one stays for what stands on the log.
      ...customer.events,
      CustomerRenamed: z.object({ firstName: z.string(), lastName: z.string() }),
      CustomerEmailChanged: z.object({ email: z.string().nullable() }),
    },
    decide: {
      ...customer.decide,
      updateCustomer: (c: { email?: string; lastName: string }, was: { firstName: string }) => [
        { type: 'CustomerRenamed', data: { firstName: was.firstName, lastName: c.lastName } },
        ...(c.email === undefined ? [] : [{ type: 'CustomerEmailChanged', data: { email: c.email } }]),
      ],
    },
    evolve: {
      ...customer.evolve,
      CustomerRenamed: (was: object, names: object) => ({ ...was, ...names }),
      CustomerEmailChanged: (was: object, { email }: { email: string }) => ({ ...was, email }),
    },
  };

  it('is written as two, and the old one is still folded', async () => {
    const books = shop();
    books.command('customers', 'updateCustomer', 'ada', { lastName: 'King' });
    books.restart(listWith(split));
    books.command('customers', 'updateCustomer', 'ada', { lastName: 'Byron', email: 'a@example.com' });
    const types = books.records('customers.events').map(({ headers }) => headers['ce_type']);
    expect(types.slice(-3)).toEqual(['CustomerUpdated', 'CustomerRenamed', 'CustomerEmailChanged']);
    expect(newest(books, 'customers.state', 'ada').data).toMatchObject({ lastName: 'Byron', version: 4 });
    expect(await differences(books, listWith(split))).toEqual([]);
  });
});

describe('a new rule', () => {
  const atMostTwo = {
    ...product,
    decide: {
      ...product.decide,
      reserveStock: (...[command, was, meta]: Parameters<typeof product.decide.reserveStock>) =>
        command.quantity > 2
          ? { code: 'INSUFFICIENT_STOCK', message: 'at most two each', field: 'quantity' }
          : product.decide.reserveStock(command, was, meta),
    },
  };

  it('changes nothing that was decided, and --decide names what would end otherwise', async () => {
    const books = shop();
    books.restart(listWith(atMostTwo));
    expect(await differences(books, listWith(atMostTwo))).toEqual([]);
    const others = await otherOutcomes(books, listWith(atMostTwo));
    expect(others.map(({ command, differences }) => [command, differences])).toEqual([
      ['reserveStock', ['StockReserved → CommandRejected']],
    ]);
  });

  it('names the fields where the outcome is of the same kind', async () => {
    const dearer = {
      ...product,
      decide: {
        ...product.decide,
        reserveStock: (...[command, was, meta]: Parameters<typeof product.decide.reserveStock>) =>
          product.decide.reserveStock(command, { ...was, price: was.price + 1 }, meta),
      },
    };
    const [other] = await otherOutcomes(shop(), listWith(dearer));
    expect(other?.differences).toEqual(['StockReserved.unitPrice: 100 → 101']);
  });
});

describe('a new view', () => {
  const prices: Projector = {
    topic: stateTopic('products'),
    async project(records, tx, unreadable) {
      const states = await newestById(records, (record) => stateOf(record, product), unreadable);
      await tx.put(
        'prices',
        [...states].map(([_id, { price }]) => ({ _id, price })),
      );
      return undefined;
    },
  };

  it('is filled from what has long been on the log', async () => {
    const views = openTemporaryViews({ views: [...viewSpecs, { name: 'prices', indexes: [['price']] }] });
    await new ViewFeed({ log: shop().log(), views, projectors: [prices] }).advance();
    expect(await views.find('prices', {})).toEqual([{ _id: 'tea', price: 100 }]);
    await views.close();
  });
});
