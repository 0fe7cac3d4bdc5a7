/** A rename of a product that very many purchases show: bounded steps beside the feed, resumed by whoever is there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import {
  FAN_OUTS,
  PRODUCTS,
  type ProductDoc,
  PURCHASES,
  type PurchaseDoc,
  viewSpecs,
} from '../projectors/documents.ts';
import { finishFanOuts } from '../projectors/fan-out.ts';
import { type FanOutDoc, fanOutPending } from '../projectors/fan-out-tasks.ts';
import { FanOutWorker } from '../projectors/fan-out-worker.ts';
import { namesShown } from '../transactions/names-shown.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { openMongoViews } from '../views/mongo/mongo-views.ts';
import type { ViewStore } from '../views/view-store.ts';
import { feed, fillShop, idOf, PRODUCT, productState, purchaseState } from './fan-out.shop.ts';

const url = inject('mongoUrl');
/** More for a trial by hand; enough for some dozen steps. */
const SHOWN = Number(process.env['FAN_OUT_PURCHASES'] ?? 4000);
const TIMEOUT = { timeout: 120_000 + 10 * SHOWN };

interface Opened {
  readonly views: ViewStore;
  close(): Promise<void>;
}

const engines: Readonly<Record<string, () => Promise<Opened>>> = {
  embedded: async () => {
    const views = openTemporaryViews({ views: viewSpecs });
    return { views, close: () => views.close() };
  },
  ...(url === '' ? {} : { 'in MongoDB': () => openedInMongo(`views-${randomUUID()}`) }),
};

async function openedInMongo(database: string): Promise<Opened> {
  const views = await openMongoViews({ url, database, views: viewSpecs });
  const close = async () => {
    await views.close();
    const client = new MongoClient(url);
    await client.db(database).dropDatabase();
    await client.close();
  };
  return { views, close };
}

const rename = (views: ViewStore, version: number, name: string) =>
  feed(views, 'products', version - 2, new Map([[PRODUCT, productState(version, name)]]));

async function task(views: ViewStore): Promise<FanOutDoc | undefined> {
  return (await views.find<FanOutDoc>(FAN_OUTS, {}))[0];
}

/** How many purchases show each name. */
async function names(views: ViewStore): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const name of ['Chai', 'Chang', 'Tofu']) {
    const count = await views.count(PURCHASES, { 'lines.productName': name, words: name.toLowerCase() });
    if (count > 0) counts[name] = count;
  }
  return counts;
}

describe.each(Object.entries(engines))('a rename of a product that very many purchases show, %s', (_, open) => {
  let opened: Opened;
  let views: ViewStore;
  beforeEach(async () => {
    opened = await open();
    views = opened.views;
    await fillShop(views, SHOWN);
  }, TIMEOUT.timeout);
  afterEach(() => opened.close());

  it('goes on while purchases are placed and changed, and holds none of them up', TIMEOUT, async () => {
    const step = vi.spyOn(views, 'step');
    const worker = new FanOutWorker({ views });
    worker.begun(await rename(views, 2, 'Chang'));
    expect(await fanOutPending(views, PRODUCTS, PRODUCT, 2)).toBe(true);
    expect(await fanOutPending(views, PRODUCTS, PRODUCT, 1)).toBe(false);
    let told = false;
    const renamed = { aggregate: PRODUCTS, entityId: PRODUCT, entityVersion: 2 };
    const over = namesShown(views, renamed, AbortSignal.timeout(TIMEOUT.timeout)).then(() => {
      told = true;
    });
    let position = 0;
    let meanwhile = 0;
    try {
      for (let round = 0; (await task(views)) !== undefined; round++) {
        const placed = idOf(SHOWN + round);
        const changed = (round * 97) % SHOWN;
        const states = new Map([
          [placed, purchaseState(SHOWN + round, 1, 'PENDING')],
          [idOf(changed), purchaseState(changed, 2, 'CONFIRMED')],
        ]);
        await feed(views, 'purchases', position, states);
        position += states.size;
        await new Promise(setImmediate);
        const early = told;
        if ((await task(views)) === undefined) continue;
        meanwhile++;
        expect(early, 'whoever waits for the new name was told before it was shown').toBe(false);
      }
    } finally {
      await worker.stop();
    }
    expect(meanwhile).toBeGreaterThan(2);
    await over;
    const all = await views.count(PURCHASES, {});
    expect(await names(views)).toEqual({ Chang: all });
    const product = (await views.get<ProductDoc>(PRODUCTS, [PRODUCT])).get(PRODUCT);
    const confirmed = await views.count(PURCHASES, { status: 'CONFIRMED' });
    expect(product).toMatchObject({ name: 'Chang', references: all, purchaseCount: confirmed, customerCount: 1 });
    expect(await fanOutPending(views, PRODUCTS, PRODUCT, 2)).toBe(false);
    expect(step.mock.calls.length).toBeGreaterThan(SHOWN / 500);
  });

  it('begins again when the product is renamed again in its middle', TIMEOUT, async () => {
    const worker = new FanOutWorker({ views });
    try {
      // Between two of its steps: it would be through before anyone who looks from outside.
      const step = views.step.bind(views);
      let renamed = false;
      const renameAgain = async () => {
        worker.begun(await rename(views, 3, 'Tofu'));
        expect(await task(views)).toMatchObject({ since: 2, version: 3 });
      };
      views.step = async (moves, run) => {
        const done = await step(moves, run);
        if (!renamed && Array.isArray((await task(views))?.after)) {
          renamed = true;
          await renameAgain();
        }
        return done;
      };
      worker.begun(await rename(views, 2, 'Chang'));
      await vi.waitFor(async () => expect(await task(views)).toBeUndefined(), TIMEOUT);
      expect(renamed).toBe(true);
    } finally {
      await worker.stop();
    }
    expect(await names(views)).toEqual({ Tofu: SHOWN });
  });

  it('writes a bounded number of purchases in each step', TIMEOUT, async () => {
    await rename(views, 2, 'Chang');
    const sizes: number[] = [];
    const step = views.step.bind(views);
    views.step = (moves, run) =>
      step(moves, (tx) =>
        run({
          get: (view, ids) => tx.get(view, ids),
          find: (view, find) => tx.find(view, find),
          remove: (view, ids) => tx.remove(view, ids),
          async put(view, docs) {
            if (view === PURCHASES) sizes.push(docs.length);
            await tx.put(view, docs);
          },
        }),
      );
    await finishFanOuts(views);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(views.shared ? 500 : 250);
    expect(await names(views)).toEqual({ Chang: SHOWN });
  });

  it('is done in the step itself when few purchases show it', async () => {
    await views.step([], async (tx) => {
      const product = (await tx.get<ProductDoc>(PRODUCTS, [PRODUCT])).get(PRODUCT);
      const few = { ...product, _id: 'few', references: 1 };
      const one = (await tx.get<PurchaseDoc>(PURCHASES, [idOf(0)])).get(idOf(0));
      const lines = one?.lines.map((line) => ({ ...line, productId: 'few' })) ?? [];
      await tx.put(PRODUCTS, [few]);
      const other = { ...one, _id: 'one', lines };
      await tx.put(PURCHASES, [other]);
    });
    await feed(views, 'products', 0, new Map([['few', productState(2, 'Tofu')]]));
    expect(await task(views)).toBeUndefined();
    expect(await names(views)).toEqual({ Chai: SHOWN, Tofu: 1 });
  });
});

describe.skipIf(url === '')(`a rename shared by projectors ${inject('mongoMissing')}`, () => {
  const database = `views-${randomUUID()}`;
  let opened: Opened;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    opened = await openedInMongo(database);
    await fillShop(opened.views, SHOWN);
  }, TIMEOUT.timeout);
  afterEach(async () => {
    child?.kill('SIGKILL');
    await opened.close();
  }, TIMEOUT.timeout);

  it('is gone on with by others when its process is killed in the middle', TIMEOUT, async () => {
    const { views } = opened;
    await rename(views, 2, 'Chang');
    const script = new URL('./children/fan-out-child.ts', import.meta.url).pathname;
    child = spawn(process.execPath, ['--import', 'tsx', script, url, database], { stdio: 'inherit' });
    await vi.waitFor(async () => expect((await task(views))?.after ?? null).not.toBeNull(), {
      interval: 1,
      timeout: 30_000,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = await names(views);
    expect(left['Chai']).toBeGreaterThan(0);
    expect(left['Chang']).toBeGreaterThan(0);

    const workers = [new FanOutWorker({ views }), new FanOutWorker({ views })];
    await vi.waitFor(async () => expect(await task(views)).toBeUndefined(), TIMEOUT);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(await names(views)).toEqual({ Chang: SHOWN });
  });
});
