/** The past on real engines: the index followed from the log into the views, records read by it, and events as they come. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { purchase } from '../domain/index.ts';
import { aggregateNames } from '../domain/registry.ts';
import type { ToldEvent } from '../history/follow-events.ts';
import { History } from '../history/history.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, Following } from '../log/event-log.ts';
import { prefixed } from '../log/prefixed.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { logIndexers, startProjection } from '../projectors/index.ts';
import { commandsTopic, eventsTopic, topicSpecs } from '../records/topics.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { openMongoViews } from '../views/mongo/mongo-views.ts';
import type { ViewStore } from '../views/view-store.ts';
import { Books } from './audit.books.ts';
import { openLog, PARTITIONS } from './log-kafka.counting.ts';

interface Engines {
  readonly log: EventLog;
  readonly views: ViewStore;
  close(): Promise<void>;
}

const url = inject('mongoUrl');

async function embedded(): Promise<Engines> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-history-'));
  const log = await openEmbeddedLog({ dir });
  const views = openTemporaryViews({ views: viewSpecs });
  const close = async () => {
    await Promise.all([log.close(), views.close()]);
    await rm(dir, { recursive: true });
  };
  return { log, views, close };
}

async function real(): Promise<Engines> {
  const name = randomUUID();
  const log = prefixed(openLog(), `${name}.`);
  const views = await openMongoViews({ url, database: `views-${name}`, views: viewSpecs });
  const close = async () => {
    await Promise.all([log.close(), views.close()]);
    const client = new MongoClient(url);
    await client.db(`views-${name}`).dropDatabase();
    await client.close();
  };
  return { log, views, close };
}

const onRealEngines = inject('kafkaMissing') === '' && url !== '';
const engines: Readonly<Record<string, () => Promise<Engines>>> = {
  'the embedded engines': embedded,
  ...(onRealEngines ? { 'Kafka and MongoDB': real } : {}),
};

const PURCHASES = 12;

function shop(): Books {
  const books = new Books();
  books.command('customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'L', email: null });
  books.command('products', 'addProduct', 'tea', { name: 'Tea', price: 450, stock: 1000 });
  for (let n = 0; n < PURCHASES; n++)
    books.command('purchases', 'placePurchase', `p${n}`, {
      customerId: 'ada',
      lines: [{ productId: 'tea', quantity: n + 1 }],
    });
  return books;
}

describe.each(Object.entries(engines))('the past, on %s', (_, open) => {
  let opened: Engines;
  let history: History;
  let indexing: Following;
  const books = shop();

  /** All that the books hold of these topics, as it would stand on a log of several partitions. */
  async function append(topics: readonly string[]): Promise<void> {
    const records = topics.flatMap((topic) => books.records(topic));
    await opened.log.append(
      records.map(({ topic, key, value, headers }) => ({ topic, key: key ?? '', value, headers })),
    );
  }

  beforeAll(async () => {
    opened = await open();
    const { log, views } = opened;
    const topics = aggregateNames.flatMap((name) => [commandsTopic(name), eventsTopic(name)]);
    await log.createTopics(topicSpecs(PARTITIONS).filter(({ name }) => topics.includes(name)));
    history = new History({ log, views, mostFollowers: 2 });
    await append(topics);
    indexing = await startProjection({
      ...{ log, views, projectors: logIndexers, name: `index-${randomUUID()}` },
      aside: () => false,
    });
    await indexing.caughtUp();
  });
  afterAll(async () => {
    await indexing?.stop();
    await opened?.close();
  });

  it('finds an entity’s events by the index, and what it was', async () => {
    const query = { first: 200, after: undefined, newestFirst: false, changesOnly: false };
    const tea = await history.events({ aggregate: 'products', id: 'tea', version: 1 }, query);
    expect(tea.totalCount).toBe(1 + 2 * PURCHASES);
    expect(tea.events.map(({ event }) => event.version)).toEqual(tea.events.map((_, i) => i + 1));
    const placed = await history.stateThen(purchase, { id: 'p3', version: 4 }, { version: 1 });
    expect(placed).toMatchObject({ status: 'PENDING', version: 1, lines: [{ quantity: 4 }] });
  });

  it('says that the index is behind, when the views know of more', async () => {
    const query = { first: 1, after: undefined, newestFirst: false, changesOnly: false };
    const asked = history.events({ aggregate: 'purchases', id: 'p3', version: 99 }, query);
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('tells events from where a reader was, without a gap or a repetition, and then as they come', async () => {
    const all = () => books.records(eventsTopic('purchases')).map(({ headers }) => headers['ce_id']);
    const read = async (count: number, cursor: string | undefined): Promise<ToldEvent[]> => {
      const events = await history.follow('purchases', cursor === undefined ? 'beginning' : { after: cursor });
      const told: ToldEvent[] = [];
      while (told.length < count) {
        const { value, done } = await events.next();
        if (done === true) break;
        told.push(value);
      }
      await events.return?.();
      return told;
    };
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let left = all().length; left > 0; ) {
      const told = await read(Math.min(7, left), cursor);
      seen.push(...told.map(({ event }) => event.id));
      cursor = told.at(-1)?.cursor;
      left -= told.length;
    }
    expect(seen.toSorted()).toEqual(all().toSorted());
    for (let n = 0; n < PURCHASES; n++) {
      const ofOne = (ids: readonly (string | undefined)[]) =>
        ids.filter((id) =>
          books
            .records(eventsTopic('purchases'))
            .find(({ headers, key }) => headers['ce_id'] === id && key === `p${n}`),
        );
      expect(ofOne(seen)).toEqual(ofOne(all()));
    }
    // One who is there when it happens.
    const waiting = read(1, cursor);
    await opened.log.append([
      { topic: eventsTopic('purchases'), key: 'late', value: '{}', headers: { ce_id: 'late', ce_type: 'Unknown' } },
    ]);
    const [late] = await waiting;
    expect(late?.event).toMatchObject({ id: 'late', entityId: 'late', data: undefined });
    expect(late?.event.unreadable).toMatch(/headers/);
  });

  it('refuses a cursor that is not of these events, and more followers than may be', async () => {
    const first = await history.follow('purchases', 'beginning');
    const cursor: string = (await first.next()).value.cursor;
    await expect(history.follow('products', { after: cursor })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(history.follow('purchases', { after: 'bm90aGluZw' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const second = await history.follow('purchases', 'now');
    await expect(history.follow('purchases', 'now')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await Promise.all([first.return?.(), second.return?.()]);
    await (await history.follow('purchases', 'now')).return?.();
  });
});
