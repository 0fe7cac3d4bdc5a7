/** Searches by what people have in their hands: an id, a printed number, an e-mail address. */
import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf, serviceSchema } from '../gateway/index.ts';
import {
  CUSTOMERS,
  PRODUCTS,
  PURCHASES,
  type PurchaseDoc,
  unknownCustomer,
  unknownProduct,
  viewSpecs,
} from '../projectors/documents.ts';
import type { Services } from '../resolvers/context.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { fold } from '../views/fold.ts';
import { wordsOf } from '../views/words.ts';

const schema = serviceSchema();
const views = openTemporaryViews({ views: viewSpecs });
afterAll(() => views.close());

function customer(id: string, email: string, number: string | null, userId: string | null = null) {
  const words = wordsOf('Ada', id, email, number ?? '');
  return { ...unknownCustomer(id), version: 1, email, emailKey: fold(email), number, userId, words };
}

function product(id: string, name: string, number: string | null) {
  return { ...unknownProduct(id), version: 1, name, number, words: wordsOf(name, number ?? '') };
}

function purchase(id: string, customerId: string, productId: string, number: string | null): PurchaseDoc {
  const line = { productId, productName: productId, quantity: 1, listPrice: 100, unitPrice: 100, discount: null };
  return {
    ...{ _id: id, version: 4, number, status: 'CONFIRMED', customerId, customerName: 'Ada', customerKey: 'ada' },
    ...{ lines: [{ ...line, total: 100 }], total: 100, placedAt: '2024-01-01T00:00:00.000Z', confirmedAt: null },
    ...{ cancelledAt: null, rejection: null, transactionId: 't', userId: null, words: wordsOf('Ada', number ?? '') },
  };
}

async function ask(query: string, text: string, viewer = { id: 'root', roles: ['admin'], isAdmin: true }) {
  const services = { views } as Services;
  const { data, errors } = await graphql({
    schema,
    source: `query ($text: String!) { found: ${query} { nodes { id } } }`,
    variableValues: { text },
    contextValue: contextOf(services)({ viewer, traceparent: undefined, operation: {} }),
  });
  expect(errors).toBeUndefined();
  const { nodes } = Reflect.get(Object(data), 'found') as { readonly nodes: readonly { readonly id: string }[] };
  return nodes.map(({ id }) => id).sort();
}

beforeAll(async () => {
  await views.step([], async (tx) => {
    await tx.put(CUSTOMERS, [
      customer('c1', 'ada@example.com', 'K/100', 'bob'),
      customer('c2', 'Eve.Ross@Example.org', null),
      customer('c3', 'ada@example.com', 'K/101'),
    ]);
    await tx.put(PRODUCTS, [product('tea', 'Green leaves', 'ART 7'), product('cup', 'Cup', null)]);
    await tx.put(PURCHASES, [
      purchase('o1', 'c1', 'tea', '10248'),
      purchase('o2', 'c2', 'cup', 'A-7.1'),
      purchase('o3', 'c3', 'cup', null),
    ]);
  });
});

describe('a purchase is found', () => {
  it.each([
    ['its order number', '10248', ['o1']],
    ['the beginning of it', '102', ['o1']],
    ['an order number with signs', ' A-7.1 ', ['o2']],
    ['its own id', 'o3', ['o3']],
    ["its customer's id", 'c2', ['o2']],
    ["its customer's number", 'K/100', ['o1']],
    ["its customer's e-mail, in any case", 'EVE.ross@example.ORG', ['o2']],
    ['the e-mail of several customers', 'ada@example.com', ['o1', 'o3']],
    ["a product's id", 'cup', ['o2', 'o3']],
    ["a product's number", 'ART 7', ['o1']],
    ['words, as before', 'ad', ['o1', 'o2', 'o3']],
    ['nothing that there is', 'nobody@example.com', []],
  ])('by %s', async (_, text, expected) => {
    expect(await ask('purchases(filter: { text: $text })', text)).toEqual(expected);
  });

  it('by its number alone, exactly', async () => {
    const byNumber = 'purchases(filter: { number: $text })';
    expect(await ask(byNumber, '10248')).toEqual(['o1']);
    expect(await ask(byNumber, ' 10248 ')).toEqual(['o1']);
    expect(await ask(byNumber, '1024')).toEqual([]);
  });

  it('by a customer only when it is its own', async () => {
    const bob = { id: 'bob', roles: [], isAdmin: false };
    for (const text of ['10248', 'K/100', 'ada@example.com', 'tea', 'c1', 'o1']) {
      expect(await ask('purchases(filter: { text: $text })', text, bob), text).toEqual(['o1']);
    }
    for (const text of ['A-7.1', 'o3', 'c2', 'K/101', 'cup', 'Eve.Ross@Example.org']) {
      expect(await ask('purchases(filter: { text: $text })', text, bob), text).toEqual([]);
    }
    expect(await ask('purchases(filter: { number: $text })', 'A-7.1', bob)).toEqual([]);
  });
});

describe('a customer, and a product, is found', () => {
  it.each([
    ['customers', 'c2', ['c2']],
    ['customers', 'K/101', ['c3']],
    ['customers', 'eve.ross@example.org', ['c2']],
    ['products', 'tea', ['tea']],
    ['products', 'ART 7', ['tea']],
    ['products', 'gree', ['tea']],
  ])('among %s by %s', async (list, text, expected) => {
    expect(await ask(`${list}(filter: { text: $text })`, text)).toEqual(expected);
  });

  it.each([
    ['customers', 'K/100', ['c1']],
    ['customers', 'K/1', []],
    ['products', 'ART 7', ['tea']],
    ['products', 'ART', []],
  ])('among %s by exactly the number %s', async (list, text, expected) => {
    expect(await ask(`${list}(filter: { number: $text })`, text)).toEqual(expected);
  });
});
