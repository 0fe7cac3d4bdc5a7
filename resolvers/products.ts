/** Products: mutations submit, queries read the view, the subscription streams it. The list is for everyone. */

import { product } from '../domain/index.ts';
import { PRODUCTS, type ProductDoc, productDocument } from '../projectors/documents.ts';
import type {
  MutationResolvers,
  ProductFilter,
  ProductResolvers,
  ProductSort,
  QueryResolvers,
  SubscriptionResolvers,
} from '../schema/types.generated.ts';
import { idOfNew } from '../transactions/ids.ts';
import { valueOfExact } from '../views/exact-integer.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import { changesOf } from './changes.ts';
import { connectionResolvers, type Page, pageQuery, readPage } from './connection.ts';
import { all, asNumber, asNumbers, between, equal, number, text } from './filters.ts';
import { numberOf, optional } from './input.ts';
import { entityNamed, orNamed } from './named.ts';
import { purchaseSort, purchasesFound } from './purchases.ts';
import { reflect } from './reflecting.ts';
import {
  type ArgumentRights,
  AS_ITS_OBJECT,
  EVERYONE,
  type SomeFieldRights,
  STAFF,
  STAFF_ELSE_NULL,
} from './rights.ts';
import type { AggregateModule } from './schema-module.ts';
import { type Shown, shownMoney } from './shown.ts';
import { historyOf } from './shown-events.ts';
import { submitFor } from './submit-for.ts';
import { docThen, momentAsked } from './then.ts';

export type ProductPage = Page<ProductDoc>;

const mutations: MutationResolvers = {
  addProduct: (_, { input }, context) =>
    submitFor(context, 'products', 'addProduct', input.idempotencyKey, {
      productId: idOfNew(context.viewer.id, input),
      name: input.name,
      price: Number(input.price),
      stock: input.stock ?? 0,
      ...optional('number', numberOf(input.number).number),
    }),
  updateProduct: (_, { input }, context) =>
    submitFor(context, 'products', 'updateProduct', input.idempotencyKey, {
      productId: input.productId,
      ...optional('name', input.name),
      ...optional('price', asNumber(input.price)),
      ...numberOf(input.number),
      ...optional('ifVersion', input.ifVersion),
    }),
  restockProduct: (_, { input }, context) =>
    submitFor(context, 'products', 'restockProduct', input.idempotencyKey, {
      productId: input.productId,
      quantity: input.quantity,
      ...optional('ifVersion', input.ifVersion),
    }),
  writeOffStock: (_, { input }, context) =>
    submitFor(context, 'products', 'writeOffStock', input.idempotencyKey, {
      productId: input.productId,
      quantity: input.quantity,
      ...optional('ifVersion', input.ifVersion),
    }),
  discontinueProduct: (_, { input }, context) =>
    submitFor(context, 'products', 'discontinueProduct', input.idempotencyKey, {
      productId: input.productId,
      ...optional('ifVersion', input.ifVersion),
    }),
  reinstateProduct: (_, { input }, context) =>
    submitFor(context, 'products', 'reinstateProduct', input.idempotencyKey, {
      productId: input.productId,
      ...optional('ifVersion', input.ifVersion),
    }),
};

/** A placeholder is no product yet. */
const KNOWN: Filter = { version: { $gte: 1 } };

function productFilter(filter: ProductFilter | null | undefined, named: readonly Filter[] = []): Filter {
  const inStock = filter?.inStock ?? undefined;
  return all(
    KNOWN,
    orNamed(text(filter?.text), named),
    equal('number', number(filter?.number)),
    equal('discontinued', filter?.discontinued),
    between('price', asNumbers(filter?.priceBetween)),
    inStock === undefined ? undefined : { stock: inStock ? { $gt: 0 } : { $lte: 0 } },
  );
}

const FIELDS = {
  ID: '_id',
  NAME: 'nameKey',
  PRICE: 'price',
  STOCK: 'stock',
  PURCHASE_COUNT: 'purchaseCount',
  CUSTOMER_COUNT: 'customerCount',
  UNITS_SOLD: 'unitsSold',
  REVENUE: 'revenue',
} as const;

function productSort(sort: ProductSort | null | undefined): Sort {
  return [[FIELDS[sort?.by ?? 'NAME'], sort?.direction === 'DESC' ? -1 : 1]];
}

const queries: QueryResolvers = {
  product: async (_, { id, reflecting, ...args }, context) => {
    const moment = momentAsked(args);
    await reflect(context, reflecting);
    const doc = await context.loaders.products.load(id);
    if (doc === undefined || doc.version === 0) return null;
    return await docThen(context, product, doc, moment, (state) => productDocument(doc, state));
  },
  products: async (_, { filter, sort, reflecting, ...args }, context) => {
    const query = pageQuery(PRODUCTS, productFilter(filter), productSort(sort), args);
    await reflect(context, reflecting);
    const named = await entityNamed(context.views, PRODUCTS, filter?.text);
    return await readPage<ProductDoc>(context.views, { ...query, filter: productFilter(filter, named) });
  },
};

const subscriptions: SubscriptionResolvers = {
  productChanged: {
    subscribe: (_, { id }, { views, meter }) => changesOf<ProductDoc>(views, PRODUCTS, id, undefined, meter),
    resolve: (doc: ProductDoc) => doc,
  },
};

const fields: ProductResolvers = {
  id: ({ _id }) => _id,
  history: historyOf('products'),
  revenue: ({ revenue }) => valueOfExact(revenue),
  purchases: async ({ _id: id }, { filter, sort, ...args }, context) => {
    return await context.loaders.purchasePages.load({
      of: 'lines.productId',
      id,
      filter: await purchasesFound(context.views, filter),
      sort: purchaseSort(sort),
      args,
    });
  },
};

const rights = {
  Query: { product: EVERYONE, products: EVERYONE },
  Subscription: { productChanged: EVERYONE },
  Product: {
    id: AS_ITS_OBJECT,
    version: AS_ITS_OBJECT,
    name: AS_ITS_OBJECT,
    number: AS_ITS_OBJECT,
    price: AS_ITS_OBJECT,
    stock: AS_ITS_OBJECT,
    reserved: AS_ITS_OBJECT,
    received: STAFF_ELSE_NULL,
    discontinued: AS_ITS_OBJECT,
    purchaseCount: STAFF_ELSE_NULL,
    customerCount: STAFF_ELSE_NULL,
    unitsSold: STAFF_ELSE_NULL,
    revenue: STAFF_ELSE_NULL,
    purchases: STAFF,
    history: STAFF,
  },
  ProductConnection: AS_ITS_OBJECT,
  ProductEdge: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

const argumentRights: ArgumentRights = {
  'Query.product': { asOf: { least: 'staff' }, version: { least: 'staff' } },
  'Query.products': {
    'sort.by': { least: 'staff', values: ['PURCHASE_COUNT', 'CUSTOMER_COUNT', 'UNITS_SOLD', 'REVENUE'] },
  },
};

const shown: Shown<ProductDoc> = {
  fields:
    'id version name number price stock reserved received discontinued purchaseCount customerCount unitsSold revenue',
  shown: ({ _id: id, nameKey: _, words: __, references: ___, price, revenue, ...rest }) => ({
    id,
    ...rest,
    price: shownMoney(price),
    revenue: shownMoney(valueOfExact(revenue)),
  }),
};

export const products = {
  resolvers: {
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    Product: fields,
    ProductConnection: connectionResolvers<ProductDoc>(),
  },
  rights,
  argumentRights,
  shown,
} satisfies AggregateModule<ProductDoc>;
