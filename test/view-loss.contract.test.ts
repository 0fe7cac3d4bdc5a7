/** Views that are lost under a running system: noticed without any news on the log, not read meanwhile, and built again. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { CustomerState } from '../domain/index.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, Following } from '../log/event-log.ts';
import { CUSTOMERS, viewSpecs } from '../projectors/documents.ts';
import { projectors, startProjection } from '../projectors/index.ts';
import { rebuildViews } from '../projectors/rebuild-views.ts';
import { topicSpecs } from '../records/topics.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { openNextGeneration } from '../views/mongo/generations.ts';
import { type MongoViewStore, openMongoViews } from '../views/mongo/mongo-views.ts';
import { type ViewStore, ViewsUnavailable } from '../views/view-store.ts';
import { stateHeaders } from './state-headers.ts';

const url = inject('mongoUrl');
const CUSTOMERS_KEPT = 40;
const OFTEN = 100;
const WAIT = { timeout: 20_000, interval: 20 };

let directory: string;
let log: EventLog;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'counterfoil-loss-'));
  log = await openEmbeddedLog({ dir: directory, logger: pino({ level: 'silent' }) });
  await log.createTopics(topicSpecs(4));
  await log.append(
    Array.from({ length: CUSTOMERS_KEPT }, (_, at) => {
      const state: CustomerState = {
        ...{ version: 1, firstName: 'Ada', lastName: 'L', email: null, removed: false, userId: null },
        ...{ number: null, claim: null, erased: false, readable: true },
        registeredAt: '2024-01-01T00:00:00.000Z',
      };
      return {
        topic: 'customers.state',
        key: `c${at}`,
        value: JSON.stringify(state),
        headers: stateHeaders(`c${at}`, 1),
      };
    }),
  );
});
afterAll(async () => {
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

function project(views: ViewStore, name = 'projector'): Promise<Following> {
  return startProjection({ log, views, projectors, name, checkEveryMs: OFTEN });
}

describe('embedded views', () => {
  it('are not read before they hold what the log holds', async () => {
    const views = openTemporaryViews({ views: viewSpecs });
    const projection = await project(views);
    await expect(views.count(CUSTOMERS, {})).rejects.toThrow(ViewsUnavailable);
    expect(views.health().state).toBe('trouble');
    await projection.caughtUp();
    expect(await views.count(CUSTOMERS, {})).toBe(CUSTOMERS_KEPT);
    expect(views.health().state).toBe('running');
    await projection.stop();
    await views.close();
  });
});

describe.skipIf(url === '')(`views in MongoDB ${inject('mongoMissing')}`, () => {
  let client: MongoClient;
  let db: Db;
  let views: MongoViewStore;
  let gateway: MongoViewStore;
  let projection: Following;
  beforeAll(() => {
    client = new MongoClient(url);
  });
  afterAll(() => client.close());

  const open = (database: string) =>
    openMongoViews({ url, database, views: viewSpecs, fill: true, checkEveryMs: OFTEN, shape: 'one' });

  beforeEach(async () => {
    const database = `views-${randomUUID()}`;
    db = client.db(database);
    views = await open(database);
    gateway = await open(database);
    projection = await project(views);
    await projection.caughtUp();
    await vi.waitFor(shown, WAIT);
  });
  afterEach(async () => {
    await projection.stop();
    await Promise.all([views.close(), gateway.close()]);
    await db.dropDatabase();
  });

  /** Whole, with every position where it was. */
  const shown = async () => {
    expect(await gateway.count(CUSTOMERS, {})).toBe(CUSTOMERS_KEPT);
    const ends = await log.ends(['customers.state']);
    const stored = await Promise.all(ends.map(({ topic, partition }) => gateway.position(topic, partition)));
    expect(stored).toEqual(ends.map(({ offset }) => offset));
    expect(gateway.health().state).toBe('running');
    expect(projection.health().state).toBe('running');
  };

  it('are not read before a projector has filled them', async () => {
    const database = `views-${randomUUID()}`;
    const early = await open(database);
    await expect(early.find(CUSTOMERS, {})).rejects.toThrow(ViewsUnavailable);
    expect(early.health().state).toBe('trouble');
    const late = await project(early, 'another');
    await late.caughtUp();
    expect(await early.count(CUSTOMERS, {})).toBe(CUSTOMERS_KEPT);
    await late.stop();
    await early.close();
    await client.db(database).dropDatabase();
  });

  const losses: Readonly<Record<string, () => Promise<unknown>>> = {
    'the database is deleted': () => db.dropDatabase(),
    'one view is deleted': () => db.dropCollection(`customers_g${views.generation()}`),
    'one view is deleted and made anew': async () => {
      await db.dropCollection(`customers_g${views.generation()}`);
      await db.createCollection(`customers_g${views.generation()}`);
    },
    'the positions are deleted': () => db.dropCollection(`positions_g${views.generation()}`),
    'a view is renamed': () => db.renameCollection(`customers_g${views.generation()}`, 'elsewhere'),
    'the document that says what is live is deleted': () => db.dropCollection('meta'),
    'it is deleted beside an older generation that is not whole': async () => {
      const before = views.generation();
      await rebuild();
      await db.dropCollection(`customers_g${before}`);
      await db.dropCollection('meta');
    },
    'an older one is put back, from before a rebuild': async () => {
      const meta = await db.collection<{ _id: string }>('meta').findOne({ _id: 'live' });
      const before = views.generation();
      await rebuild();
      await db.dropCollection(`customers_g${before}`);
      await db.collection<{ _id: string }>('meta').replaceOne({ _id: 'live' }, { ...meta });
    },
    'all documents of a view are deleted': () => db.collection(`customers_g${views.generation()}`).deleteMany({}),
    'one document is deleted': () => db.collection(`customers_g${views.generation()}`).deleteOne({}),
    'the database is deleted and begun again by another process': async () => {
      await db.dropDatabase();
      await (await open(db.databaseName)).close();
    },
  };

  /** Builds the views anew and makes them live; the generation before is left. */
  async function rebuild(): Promise<void> {
    const options = { url, database: db.databaseName, views: viewSpecs, shape: 'one', owner: 'a test' };
    const rebuilt = await rebuildViews({ log, open: () => openNextGeneration(options), projectors });
    if (rebuilt.outcome !== 'switched') throw new Error('not switched');
    await vi.waitFor(() => expect(views.generation()).toBe(rebuilt.generation), WAIT);
  }

  describe.each(Object.entries(losses))('when %s', (_, lose) => {
    it('are whole again without news on the log', async () => {
      const generation = views.generation();
      await lose();
      await vi.waitFor(async () => {
        expect(projection.health().state).toBe('running');
        await shown();
        const { born } = (await db.collection<{ _id: string; born: string }>('meta').findOne({ _id: 'live' })) ?? {};
        expect(`${born} ${views.generation()}`).not.toBe(`${before} ${generation}`);
      }, WAIT);
    });

    let before: string | undefined;
    beforeEach(async () => {
      before = (await db.collection<{ _id: string; born: string }>('meta').findOne({ _id: 'live' }))?.born;
    });

    it('are not read by anyone until a projector has filled them', async () => {
      await projection.stop();
      await lose();
      for (const store of [views, gateway]) {
        const count = () => store.count(CUSTOMERS, {});
        await vi.waitFor(async () => await expect(count()).rejects.toThrow(ViewsUnavailable), WAIT);
        expect(store.health().state).toBe('trouble');
      }
      projection = await project(views);
      await projection.caughtUp();
      await vi.waitFor(shown, WAIT);
    });
  });

  it('catch up without news on the log when an older state is put back', async () => {
    const generation = views.generation();
    await db.collection(`customers_g${generation}`).deleteMany({});
    await db.collection(`positions_g${generation}`).updateMany({}, { $set: { next: 0 } });
    await vi.waitFor(shown, WAIT);
  });

  it('catch up without news on the log when a generation with older positions becomes live', async () => {
    const next = await openNextGeneration({
      url,
      database: db.databaseName,
      views: viewSpecs,
      shape: 'one',
      owner: 'a test',
    });
    if (next.outcome !== 'opened') throw new Error('not opened');
    // As of a rebuild that has read nothing yet.
    await next.switchOver();
    await next.close();
    await vi.waitFor(async () => {
      expect(views.generation()).toBe(next.generation);
      await shown();
    }, WAIT);
  });

  it('are not taken for lost while documents come and go, and are when one goes too many', async () => {
    const database = `views-${randomUUID()}`;
    const warn = vi.fn();
    const logger = { info: vi.fn(), warn };
    const options = { url, database, views: [{ name: 'things', indexes: [] }], checkEveryMs: 5, logger };
    const stores = [await openMongoViews(options), await openMongoViews(options)];
    const things = (at: number, partition: number) =>
      [0, 1, 2, 3, 4].map((each) => ({ _id: `${partition} ${at} ${each}` }));
    await Promise.all(
      stores.map(async (store, partition) => {
        for (let at = 0; at < 100; at++) {
          const moves = [{ topic: 'things', partition, from: at, next: at + 1 }];
          await store.step(moves, async (tx) => {
            await tx.put('things', [...things(at, partition), ...things(at - 1, partition)]);
            await tx.remove(
              'things',
              things(at - 2, partition)
                .slice(1)
                .map(({ _id }) => _id),
            );
          });
          if (at % 5 === 0) await store.step([], (tx) => tx.remove('things', [`${partition} ${at} 3`, 'none']));
        }
      }),
    );
    expect(warn).not.toHaveBeenCalled();
    expect(stores.map((store) => store.generation())).toEqual([1, 1]);
    await client.db(database).collection('things_g1').deleteOne({});
    await vi.waitFor(() => expect(stores.map((store) => store.generation())).toEqual([2, 2]), WAIT);
    expect(String(warn.mock.calls[0]?.[0]?.reason)).toMatch(/deleted .*: 1 of \d+ documents of things/);
    await Promise.all(stores.map((store) => store.close()));
    await client.db(database).dropDatabase();
  });

  it('that lost a collection while no process ran are built again at the start', async () => {
    const generation = views.generation();
    await projection.stop();
    await Promise.all([views.close(), gateway.close()]);
    await db.dropCollection(`customers_g${generation}`);
    views = await open(db.databaseName);
    gateway = await open(db.databaseName);
    await expect(views.count(CUSTOMERS, {})).rejects.toThrow(ViewsUnavailable);
    projection = await project(views);
    await projection.caughtUp();
    await vi.waitFor(shown, WAIT);
  });
});
