/** One fixed history, and the documents that the projectors make of it. */
import { type AnyAggregate, shownAggregates } from '../../domain/registry.ts';
import { viewSpecs } from '../../projectors/documents.ts';
import { everyProjector, SHAPE } from '../../projectors/index.ts';
import { ViewFeed } from '../../projectors/view-feed.ts';
import { toHeaders } from '../../records/cloud-event.ts';
import { STATE } from '../../records/state-record.ts';
import { stateTopic } from '../../records/topics.ts';
import { openTemporaryViews } from '../../views/embedded/embedded-views.ts';
import { Books } from '../audit.books.ts';
import { goldenOf } from './record-types.ts';

export interface GoldenDocuments {
  readonly shape: string;
  /** By view, in order of id. */
  readonly documents: Readonly<Record<string, readonly unknown[]>>;
}

function history(): Books {
  const books = new Books();
  books.command('customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'Lovelace', email: null });
  books.command('customers', 'registerCustomer', 'bob', { firstName: 'Bob', lastName: 'X', email: 'bob@example.com' });
  books.command('products', 'addProduct', 'tea', { name: 'Green tea', price: 450, stock: 10 });
  books.command('products', 'addProduct', 'cup', { name: 'Cup', price: 900, stock: 1 });
  const lines = [
    { productId: 'tea', quantity: 2 },
    { productId: 'cup', quantity: 1 },
  ];
  books.command('purchases', 'placePurchase', 'p1', { customerId: 'ada', lines });
  books.command('purchases', 'placePurchase', 'p2', { customerId: 'bob', lines });
  books.command('purchases', 'placePurchase', 'p3', { customerId: 'bob', lines: lines.slice(0, 1) });
  books.command('purchases', 'cancelPurchase', 'p3', {});
  books.command('products', 'updateProduct', 'tea', { name: 'Gunpowder tea' });
  books.command('customers', 'updateCustomer', 'ada', { lastName: 'King' });
  books.command('customers', 'removeCustomer', 'bob', {});
  books.command('products', 'discontinueProduct', 'cup', {});
  for (const aggregate of shownAggregates)
    if (books.records(stateTopic(aggregate.name)).length === 0) addSample(books, aggregate);
  return books;
}

/** Of an aggregate that the history above leaves out: a state made from its schema, with words in all cases. */
function addSample(books: Books, { name, state, upcasters }: AnyAggregate): void {
  const type = { name: `${name}.state`, schema: state, upcasters: upcasters?.state, place: '' };
  const { version, data } = goldenOf(type);
  books.append({
    topic: stateTopic(name),
    key: 'sample',
    value: JSON.stringify(data).replaceAll('"text"', '"Some Téxt"'),
    headers: toHeaders({
      id: 'sample',
      type: STATE,
      source: '/test',
      subject: 'sample',
      time: new Date(0).toISOString(),
      version: Number(Reflect.get(Object(data), 'version')),
      dataversion: version,
    }),
  });
}

export async function goldenDocuments(): Promise<GoldenDocuments> {
  const views = openTemporaryViews({ views: viewSpecs });
  try {
    await new ViewFeed({ log: history().log(), views, projectors: everyProjector }).advance();
    const documents: Record<string, readonly unknown[]> = {};
    for (const { name } of viewSpecs) documents[name] = await views.find(name, { sort: [] });
    return { shape: SHAPE, documents: JSON.parse(JSON.stringify(documents)) };
  } finally {
    await views.close();
  }
}
