/** The MongoDB view engine against the contract of all view engines, against the embedded one, and against trouble. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { dropOldGenerations, type NextGeneration, openNextGeneration } from '../views/mongo/generations.ts';
import { GenerationLost, type MongoViewStore, openMongoViews } from '../views/mongo/mongo-views.ts';
import type { Change, Doc, ViewSpec } from '../views/view-store.ts';
import { ViewsUnavailable } from '../views/view-store.ts';
import { type MongoForTests, startMongo } from './engines/mongo.ts';
import { viewStoreContract } from './view-contract/index.ts';
import { filters, sorts, THINGS, things } from './view-contract/reference.ts';
import { replaceThings } from './view-contract/under-test.ts';

const url = inject('mongoUrl');
const NOTES: ViewSpec = { name: 'notes', indexes: [['rank']] };

interface Note extends Doc {
  readonly rank: number;
}
const note = (_id: string, rank: number): Note => ({ _id, rank });
const move = (from: number, next: number) => ({ topic: 'notes.state', partition: 0, from, next });

describe.skipIf(url === '')(`MongoDB${url === '' ? ` (${inject('mongoMissing')})` : ''}`, () => {
  let client: MongoClient;
  beforeAll(() => {
    client = new MongoClient(url);
  });
  afterAll(() => client.close());

  viewStoreContract(
    'MongoDB',
    async (views) => {
      const database = `views-${randomUUID()}`;
      const store = await openMongoViews({ url, database, views });
      const peer = await openMongoViews({ url, database, views });
      return {
        store,
        peer,
        close: async () => {
          await Promise.all([store.close(), peer.close()]);
          await client.db(database).dropDatabase();
        },
      };
    },
    { runs: 60 },
  );

  describe('totals that are kept', () => {
    const SALES: ViewSpec = {
      name: 'sales',
      indexes: [],
      totals: { by: [['status'], ['day', 10], ['reason.code']], sums: ['amount'] },
    };
    const sale = (_id: string, status: string, amount: number, code?: string) => {
      return { _id, status, amount, day: '2026-01-01', reason: code === undefined ? null : { code } };
    };
    const at = (partition: number, from: number) => ({ topic: 'sales.state', partition, from, next: from + 1 });
    let store: MongoViewStore;
    let database: string;
    beforeEach(async () => {
      database = `views-${randomUUID()}`;
      store = await openMongoViews({ url, database, views: [SALES] });
    });
    afterEach(async () => {
      await store.close();
      await client.db(database).dropDatabase();
    });

    const put = (partition: number, from: number, ...docs: Doc[]) =>
      store.step([at(partition, from)], (tx) => tx.put('sales', docs));
    const byStatus = () => store.groups('sales', { by: 'status', sums: ['amount'] });

    it('follow documents that come, change and go, in steps of several partitions', async () => {
      await put(0, 0, sale('a', 'OPEN', 10), sale('b', 'OPEN', 20));
      await put(1, 0, sale('c', 'PAID', 2 ** 53 - 1), sale('d', 'PAID', 2 ** 53 - 1));
      // The partition's own totals of OPEN fall below nothing; all together they are right.
      await put(1, 1, sale('a', 'PAID', 11));
      await store.step([at(0, 1)], (tx) => tx.remove('sales', ['b']));
      await put(0, 2, sale('e', 'LOST', 5, 'FIRE'), sale('e', 'LOST', 6, 'WATER'));
      expect(await byStatus()).toEqual([
        { key: 'LOST', count: 1, sums: { amount: 6n } },
        { key: 'PAID', count: 3, sums: { amount: 2n * (2n ** 53n - 1n) + 11n } },
      ]);
      expect(await store.count('sales', {})).toBe(4);
      expect(await store.count('sales', { status: { $in: ['PAID', 'OPEN'] } })).toBe(3);
      expect(await store.count('sales', { 'reason.code': 'WATER' })).toBe(1);
      expect(await store.count('sales', { 'reason.code': 'FIRE' })).toBe(0);
      expect(await store.count('sales', { $or: [{ status: 'LOST' }, { 'reason.code': null }] })).toBe(4);
    });

    it('are what answers, as long as all who wrote have kept them', async () => {
      await put(0, 0, sale('a', 'OPEN', 10));
      const db = client.db(database);
      await db.collection('totals_g1').updateMany({}, { $inc: { count: 100 } });
      expect(await store.count('sales', { status: 'OPEN' })).toBe(101);
      expect(await store.count('sales', { amount: 10 })).toBe(1);
      // As a version leaves it that keeps none.
      await db.collection('positions_g1').updateMany({}, { $unset: { totals: '' } });
      expect(await store.count('sales', { status: 'OPEN' })).toBe(1);
      await put(0, 1, sale('b', 'OPEN', 10));
      expect(await store.count('sales', { status: 'OPEN' })).toBe(2);
      expect(await byStatus()).toEqual([{ key: 'OPEN', count: 2, sums: { amount: 20n } }]);
    });

    it('are not moved by a step that is refused', async () => {
      await put(0, 0, sale('a', 'OPEN', 10));
      expect(await put(0, 0, sale('b', 'OPEN', 10))).toBe('refused');
      expect(await store.count('sales', {})).toBe(1);
    });
  });

  describe('beside the embedded engine', () => {
    it('always answers the same', { timeout: 120_000 }, async () => {
      const database = `views-${randomUUID()}`;
      const mongo = await openMongoViews({ url, database, views: [THINGS] });
      const embedded = openTemporaryViews({ views: [THINGS] });
      const question = fc.record({ filter: filters, sort: sorts, limit: fc.integer({ min: 1, max: 20 }) });
      try {
        await fc.assert(
          fc.asyncProperty(things, fc.array(question, { minLength: 3, maxLength: 6 }), async (docs, questions) => {
            await Promise.all([replaceThings(mongo, docs), replaceThings(embedded, docs)]);
            for (const find of questions) {
              expect(await embedded.find('things', find)).toEqual(await mongo.find('things', find));
            }
          }),
          { numRuns: 60 },
        );
      } finally {
        await Promise.all([mongo.close(), embedded.close()]);
        await client.db(database).dropDatabase();
      }
    });
  });

  describe('generations', () => {
    let database: string;
    let live: MongoViewStore;
    const open: (() => Promise<void>)[] = [];
    beforeEach(async () => {
      database = `views-${randomUUID()}`;
      live = await openMongoViews({ url, database, views: [NOTES], shape: 'first' });
      open.push(() => live.close());
      await live.step([move(0, 2)], (tx) => tx.put('notes', [note('a', 1)]));
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((close) => close()));
      await client.db(database).dropDatabase();
    });
    const next = async (owner: string, leaseMs = 60_000) => {
      const opened = await openNextGeneration({ url, database, views: [NOTES], shape: 'second', owner, leaseMs });
      if (opened.outcome === 'opened') open.push(() => opened.close());
      return opened;
    };
    /** One that begins, as soon as it can: after the lease of a dead one has run out. */
    const nextBegun = async (owner: string): Promise<NextGeneration> =>
      vi.waitFor(
        async () => {
          const opened = await next(owner);
          if (opened.outcome === 'busy') throw new Error('busy');
          return opened;
        },
        { timeout: 10_000, interval: 50 },
      );
    const collections = async () =>
      (await client.db(database).listCollections().toArray()).map(({ name }) => String(name)).sort();

    it('writes beside the live one, and everybody goes over at the switch', async () => {
      const watched: Change[] = [];
      const onGap = vi.fn();
      await live.watch(['notes'], (change) => watched.push(change), onGap);
      const rebuild = await nextBegun('one');
      await rebuild.views.step([move(0, 5)], (tx) => tx.put('notes', [note('a', 7), note('b', 8)]));
      expect(await live.count('notes', {})).toBe(1);
      expect(await live.position('notes.state', 0)).toBe(2);
      expect(await live.liveShape()).toBe('first');
      expect(onGap).not.toHaveBeenCalled();

      await rebuild.switchOver();
      await rebuild.switchOver();
      await vi.waitFor(() => expect(onGap).toHaveBeenCalled(), { timeout: 10_000 });
      expect(live.generation()).toBe(rebuild.generation);
      expect(await live.count('notes', {})).toBe(2);
      expect(await live.position('notes.state', 0)).toBe(5);
      expect(await live.liveShape()).toBe('second');
      expect(await live.step([move(5, 6)], (tx) => tx.put('notes', [note('c', 9)]))).toBe('applied');
      await vi.waitFor(() => expect(watched.at(-1)?.id).toBe('c'), { timeout: 10_000 });
    });

    it('refuses a projector’s step into a generation that is no longer live', async () => {
      const rebuild = await nextBegun('one');
      await rebuild.views.step([move(0, 5)], (tx) => tx.put('notes', [note('a', 7)]));
      await rebuild.switchOver();
      // Whether the change stream or the step notices first, the step must not go into the old generation.
      expect(await live.step([move(2, 3)], (tx) => tx.put('notes', [note('lost', 1)]))).toBe('refused');
      expect(live.generation()).toBe(rebuild.generation);
      expect(await live.position('notes.state', 0)).toBe(5);
      expect(await client.db(database).collection('notes_g1').countDocuments()).toBe(1);
    });

    it('tells a second rebuild who is at it', async () => {
      const first = await nextBegun('the first');
      expect(await next('the second')).toMatchObject({
        outcome: 'busy',
        owner: 'the first',
        generation: first.generation,
      });
      await first.abandon();
      expect(await collections()).toEqual(['meta', 'notes_g1', 'positions_g1', 'totals_g1']);
      const second = await nextBegun('the second');
      expect(second.generation).toBeGreaterThan(first.generation);
    });

    it('keeps its lease for as long as it lives', async () => {
      const rebuild = await next('alive', 300);
      if (rebuild.outcome !== 'opened') throw new Error('not opened');
      const meta = client.db(database).collection<{ _id: string; rebuild: { expiresAt: Date } }>('meta');
      const expiry = async () => (await meta.findOne({ _id: 'live' }))?.rebuild.expiresAt.getTime() ?? 0;
      const first = await expiry();
      await vi.waitFor(async () => expect(await expiry()).toBeGreaterThan(first + 300), { timeout: 10_000 });
      expect(await next('another')).toMatchObject({ outcome: 'busy', owner: 'alive' });
      expect(rebuild.lost.aborted).toBe(false);
    });

    it('goes over from a rebuild that died after its first call', async () => {
      const dead = await next('dead', 200);
      if (dead.outcome !== 'opened') throw new Error('not opened');
      await dead.close();
      const second = await nextBegun('second');
      expect(second.generation).toBeGreaterThan(dead.generation);
      expect(await collections()).not.toContain(`notes_g${dead.generation}`);
      await second.switchOver();
      expect(await dropOldGenerations({ url, database }, 0)).toEqual([1]);
      expect(await collections()).toEqual(
        ['meta', 'notes', 'positions', 'totals'].map((name) =>
          name === 'meta' ? name : `${name}_g${second.generation}`,
        ),
      );
    });

    it('goes over from a rebuild that died with a half-built generation, and stops one that only seemed dead', async () => {
      // Its client is its own, so that it can be stopped while it goes on believing in its lease.
      const sleeper = await next('sleeper', 60_000);
      if (sleeper.outcome !== 'opened') throw new Error('not opened');
      await sleeper.views.step([move(0, 1)], (tx) => tx.put('notes', [note('a', 1)]));
      const meta = client.db(database).collection<{ _id: string }>('meta');
      await meta.updateOne({ _id: 'live' }, { $set: { 'rebuild.expiresAt': new Date(0) } });
      const second = await nextBegun('second');
      await expect(sleeper.views.step([move(1, 2)], async () => {})).rejects.toThrow(GenerationLost);
      await expect(sleeper.switchOver()).rejects.toThrow(GenerationLost);
      await sleeper.abandon();
      expect(await collections()).not.toContain(`notes_g${sleeper.generation}`);
      expect(await next('third')).toMatchObject({ outcome: 'busy', owner: 'second' });
      await second.switchOver();
      await vi.waitFor(() => expect(live.generation()).toBe(second.generation), { timeout: 10_000 });
    });

    it('tells a rebuild that it has lost its lease', async () => {
      const sleeper = await next('sleeper', 600);
      if (sleeper.outcome !== 'opened') throw new Error('not opened');
      await client
        .db(database)
        .collection<{ _id: string }>('meta')
        .updateOne({ _id: 'live' }, { $set: { rebuild: null } });
      await vi.waitFor(() => expect(sleeper.lost.aborted).toBe(true), { timeout: 10_000 });
      expect(sleeper.lost.reason).toBeInstanceOf(GenerationLost);
    });

    it('keeps the generation before the switch until its readers had time to notice', async () => {
      const rebuild = await nextBegun('one');
      await rebuild.switchOver();
      await rebuild.close();
      expect(await dropOldGenerations({ url, database }, 60_000)).toEqual([]);
      expect(await collections()).toContain('notes_g1');
      expect(await dropOldGenerations({ url, database }, 0)).toEqual([1]);
    });

    it('drops what a dead rebuild left, and never what a living one fills', async () => {
      const dead = await next('dead', 200);
      if (dead.outcome !== 'opened') throw new Error('not opened');
      await dead.close();
      await vi.waitFor(async () => expect(await dropOldGenerations({ url, database }, 0)).toEqual([dead.generation]), {
        timeout: 10_000,
      });
      const living = await nextBegun('living');
      expect(await dropOldGenerations({ url, database }, 0)).toEqual([]);
      await living.switchOver();
      expect(await collections()).toContain(`notes_g${living.generation}`);
    });

    it('drops the generation before the switch by itself, once the grace time is over', async () => {
      const sweeper = await openMongoViews({ url, database, views: [NOTES], checkEveryMs: 50, graceMs: 300 });
      open.push(() => sweeper.close());
      const rebuild = await nextBegun('one');
      await rebuild.switchOver();
      await rebuild.close();
      await vi.waitFor(async () => expect(await collections()).not.toContain('notes_g1'), { timeout: 10_000 });
      expect(await collections()).toContain(`notes_g${rebuild.generation}`);
    });

    it('begins again in a database that was deleted under a running process', async () => {
      const onGap = vi.fn();
      const watched: Change[] = [];
      await live.watch(['notes'], (change) => watched.push(change), onGap);
      await client.db(database).dropDatabase();
      expect(await live.step([move(2, 3)], async () => {})).toBe('refused');
      expect(await live.position('notes.state', 0)).toBe(0);
      await vi.waitFor(() => expect(onGap).toHaveBeenCalled(), { timeout: 10_000 });
      expect(await live.step([move(0, 3)], (tx) => tx.put('notes', [note('again', 1)]))).toBe('applied');
      const told = onGap.mock.calls.length;
      expect(await live.filled([{ topic: 'notes.state', partition: 0, offset: 3 }])).toBe(true);
      await vi.waitFor(() => expect(onGap.mock.calls.length).toBeGreaterThan(told), { timeout: 10_000 });
      expect(await live.step([move(3, 4)], (tx) => tx.put('notes', [note('later', 2)]))).toBe('applied');
      await vi.waitFor(() => expect(watched.at(-1)?.id).toBe('later'), { timeout: 10_000 });
      const indexes = await client.db(database).collection('notes_g1').indexes();
      expect(indexes.map(({ key }) => key)).toContainEqual({ rank: 1, _id: 1 });
    });
  });
});

describe.skipIf(url === '')('MongoDB in trouble', () => {
  let mongo: MongoForTests;
  let store: MongoViewStore;
  beforeAll(async () => {
    mongo = await startMongo();
  }, 120_000);
  afterAll(() => mongo.stop());
  beforeEach(async () => {
    store = await openMongoViews({
      url: mongo.url,
      database: `views-${randomUUID()}`,
      views: [NOTES],
      timeoutMs: 1000,
    });
  });
  afterEach(() => store.close());

  it('keeps what was applied, and goes on watching where it was, when the server is killed', {
    timeout: 60_000,
  }, async () => {
    const changes: Change[] = [];
    const onGap = vi.fn();
    await store.watch(['notes'], (change) => changes.push(change), onGap);
    await store.step([move(0, 1)], (tx) => tx.put('notes', [note('before', 1)]));
    await mongo.kill('SIGKILL');
    await expect(store.get('notes', ['before'])).rejects.toThrow(ViewsUnavailable);
    await expect(store.ping()).rejects.toThrow(ViewsUnavailable);
    await mongo.start();
    await vi.waitFor(() => store.ping(), { timeout: 20_000 });
    expect(await store.position('notes.state', 0)).toBe(1);
    await store.step([move(1, 2)], (tx) => tx.put('notes', [note('after', 2)]));
    await vi.waitFor(() => expect(changes.map(({ id }) => id)).toEqual(['before', 'after']), { timeout: 20_000 });
    expect(onGap).not.toHaveBeenCalled();
  });

  it('fails clearly while the server hangs, and recovers by itself', { timeout: 60_000 }, async () => {
    const changes: Change[] = [];
    await store.watch(['notes'], (change) => changes.push(change));
    await mongo.kill('SIGSTOP');
    try {
      // The signal takes a moment to reach all of its threads.
      const find = () => store.find('notes', {});
      await vi.waitFor(async () => await expect(find()).rejects.toThrow(ViewsUnavailable), { timeout: 20_000 });
      await expect(store.watch(['notes'], () => {})).rejects.toThrow(ViewsUnavailable);
    } finally {
      await mongo.kill('SIGCONT');
    }
    await vi.waitFor(() => store.ping(), { timeout: 20_000 });
    expect(await store.step([move(0, 1)], (tx) => tx.put('notes', [note('after', 1)]))).toBe('applied');
    await vi.waitFor(() => expect(changes.map(({ id }) => id)).toEqual(['after']), { timeout: 20_000 });
  });

  it('applies each of many steps exactly once while the server is killed again and again', {
    timeout: 120_000,
  }, async () => {
    let stepping = true;
    let killed = 0;
    const killer = (async () => {
      for (; killed < 3 && stepping; killed++) {
        const before = await vi.waitFor(() => store.position('notes.state', 0), { timeout: 20_000 });
        await vi.waitFor(async () => expect(await store.position('notes.state', 0)).toBeGreaterThan(before + 20), {
          timeout: 20_000,
        });
        await mongo.kill('SIGKILL');
        await mongo.start();
      }
    })();
    let position = 0;
    try {
      while (killed < 3) {
        try {
          const from = position;
          const outcome = await store.step([move(from, from + 1)], async (tx) => {
            const sum = (await tx.get<Note>('notes', ['sum'])).get('sum')?.rank ?? 0;
            await tx.put('notes', [note('sum', sum + 1), note(`n${from}`, from)]);
          });
          expect(outcome).toBe('applied');
          position = from + 1;
        } catch (error) {
          if (!(error instanceof ViewsUnavailable)) throw error;
          position = await vi.waitFor(() => store.position('notes.state', 0), { timeout: 20_000 });
        }
      }
    } finally {
      stepping = false;
      await killer;
    }
    expect((await store.get<Note>('notes', ['sum'])).get('sum')?.rank).toBe(position);
    expect(await store.count('notes', {})).toBe(position + 1);
  });
});
