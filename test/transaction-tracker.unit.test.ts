/** What subscribers to all transactions are told, and what they are not: nothing twice, nothing that is old. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TransactionRecord } from '../domain/transaction.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, Running } from '../log/event-log.ts';
import { processorOf, startProcessors } from '../processors/index.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { projectors, startProjection } from '../projectors/index.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, topicSpecs } from '../records/topics.ts';
import { TransactionTracker } from '../transactions/transaction-tracker.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { type ViewStore, ViewsIncomplete } from '../views/view-store.ts';

const PARTITIONS = 2;
let folder: string;
let log: EventLog;
let views: ViewStore;
const running: Running[] = [];
const trackers: TransactionTracker[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  log = await openEmbeddedLog({ dir: folder });
  await log.createTopics(topicSpecs(PARTITIONS));
  views = openTemporaryViews({ views: viewSpecs });
  running.push(...(await startProcessors({ log, partitions: PARTITIONS, timeouts: { purchases: 60_000 } })).values());
  running.push(await startProjection({ log, views, projectors }));
});
afterEach(async () => {
  for (const tracker of trackers.splice(0)) await tracker.stop();
  for (const one of running.splice(0)) await one.stop();
  await log.close();
  await rm(folder, { recursive: true });
});

async function gateway(store: ViewStore = views, keepMs?: number, mostUnshown?: number): Promise<TransactionTracker> {
  const kept = { ...(keepMs === undefined ? {} : { keepMs }), ...(mostUnshown === undefined ? {} : { mostUnshown }) };
  const tracker = await TransactionTracker.start({ log, views: store, processorOf, ...kept });
  trackers.push(tracker);
  return tracker;
}

async function add(id: string, transactionId: string = randomUUID(), issuedby = 'ada'): Promise<string> {
  const headers = toHeaders({
    ...{ id: transactionId, type: 'addProduct', source: '/test', subject: id, issuedby, roles: 'admin' },
    ...{ time: new Date().toISOString(), transactionid: transactionId },
  });
  const value = JSON.stringify({ productId: id, name: id, price: 100, stock: 1 });
  await log.append([{ topic: commandsTopic('products'), key: id, value, headers }]);
  return transactionId;
}

async function ended(tracker: TransactionTracker, id: string): Promise<TransactionRecord | undefined> {
  let last: TransactionRecord | undefined;
  for await (const record of (await tracker.follow(id)) ?? []) last = record;
  return last;
}

/** A transaction that is in the view, and was never in the memory of the gateway that comes now. */
async function old(id: string): Promise<string> {
  const transactionId = await add(id);
  await ended(await gateway(), transactionId);
  await expect.poll(() => views.get('transactions', [transactionId])).toHaveProperty('size', 1);
  return transactionId;
}

function heard(tracker: TransactionTracker): string[] {
  const told: string[] = [];
  tracker.followAll(({ id, status }) => void told.push(`${id} ${status}`));
  return told;
}

describe('a subscriber to all transactions', () => {
  it('is not told of an old transaction that somebody looks up', async () => {
    const before = await old('tea');
    const tracker = await gateway();
    const told = heard(tracker);
    expect(await tracker.lookUp(before)).toMatchObject({ status: 'COMPLETED' });
    expect(await ended(tracker, before)).toMatchObject({ status: 'COMPLETED' });
    const now = await add('cup');
    await ended(tracker, now);
    expect(told.filter((one) => one.startsWith(before))).toEqual([]);
    expect(told.filter((one) => one.startsWith(now)).at(-1)).toBe(`${now} COMPLETED`);
  });

  it('is not told of an old transaction whose command comes again', async () => {
    const before = await old('tea');
    const tracker = await gateway();
    const told = heard(tracker);
    await add('tea', before);
    // In the same partition, behind it.
    const now = await add('tea');
    await ended(tracker, now);
    await expect.poll(() => views.get('transactions', [now])).toHaveProperty('size', 1);
    expect(told.filter((one) => one.startsWith(before))).toEqual([]);
    expect(told.filter((one) => one.startsWith(now)).at(-1)).toBe(`${now} REJECTED`);
  });

  it('is told of an end once, although a look-up has found it in the view before', async () => {
    let behind: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      behind = resolve;
    });
    // This gateway reads the log later than the projector does.
    const slow: EventLog = {
      ...log,
      committed: (processor) => log.committed(processor),
      ends: (topics) => log.ends(topics),
      follow: (options) =>
        log.follow({ ...options, onBatch: async (batch) => held.then(() => options.onBatch(batch)) }),
    };
    const tracker = await TransactionTracker.start({ log: slow, views, processorOf });
    trackers.push(tracker);
    const told = heard(tracker);
    const id = await add('tea');
    await expect.poll(() => views.get('transactions', [id])).toHaveProperty('size', 1);
    expect(await tracker.lookUp(id)).toMatchObject({ status: 'COMPLETED' });
    expect(told).toEqual([]);
    behind();
    await expect.poll(() => told).toContain(`${id} COMPLETED`);
    await ended(tracker, await add('cup'));
    expect(told.filter((one) => one === `${id} COMPLETED`)).toHaveLength(1);
  });
});

describe('ids that do not exist', () => {
  it('are looked for together: a thousand at once ask the log for its end a few times', async () => {
    let asked = 0;
    let reads = 0;
    const counted: EventLog = {
      ...log,
      committed: (processor) => log.committed(processor),
      follow: (options) => log.follow(options),
      ends: (topics) => {
        asked += 1;
        return log.ends(topics);
      },
    };
    const store: ViewStore = {
      ...views,
      position: (topic, partition) => views.position(topic, partition),
      get: (view, ids) => {
        reads += 1;
        return views.get(view, ids);
      },
    };
    const tracker = await TransactionTracker.start({ log: counted, views: store, processorOf });
    trackers.push(tracker);
    asked = 0;
    reads = 0;
    const looked = Array.from({ length: 500 }, () => tracker.lookUp(randomUUID()));
    const followed = Array.from({ length: 500 }, () => tracker.follow(randomUUID()));
    expect(new Set(await Promise.all([...looked, ...followed]))).toEqual(new Set([undefined]));
    expect(asked).toBeLessThanOrEqual(2);
    expect(reads).toBeLessThanOrEqual(4);
  });

  it('are told from one that was appended while others were looked for', async () => {
    const tracker = await gateway();
    const missing = Array.from({ length: 100 }, () => tracker.lookUp(randomUUID()));
    const id = await add('tea');
    const [found] = await Promise.all([tracker.lookUp(id), ...missing]);
    expect(found).toMatchObject({ id });
  });
});

describe('a log that does not tell its ends', () => {
  afterEach(() => void vi.useRealTimers());

  it('is waited for no longer than is said, by those too who come while it is asked', async () => {
    const tracker = await gateway();
    await tracker.following().caughtUp();
    log.ends = () => new Promise(() => undefined);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const late = /the log's end was not reached within 5 s/;
    const told = [
      expect(tracker.lookUp('none')).rejects.toThrow(late),
      expect(tracker.underKey('none', true)).rejects.toThrow(late),
    ];
    // Until they wait for it.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    told.push(expect(tracker.lookUp('none, later')).rejects.toThrow(late));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(5_000);
    await Promise.all(told);
  });
});

describe('views that are being filled', () => {
  it('are waited for: what they will show is not kept here meanwhile', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 20; at++) ids.push(await add(`p${at}`));
    await expect.poll(() => views.get('transactions', ids)).toHaveProperty('size', ids.length);
    let filled = false;
    let asked = 0;
    const filling: ViewStore = {
      ...views,
      // As they were when the filling began.
      position: async (topic, partition) => (filled ? await views.position(topic, partition) : 0),
      get: async (view, some) => {
        asked += 1;
        if (!filled) throw new ViewsIncomplete('the views are being built from the log');
        return await views.get(view, some);
      },
    };
    const tracker = await gateway(filling, undefined, 0);
    await expect.poll(() => asked).toBeGreaterThan(2);
    expect(tracker.kept).toBe(0);
    filled = true;
    await tracker.following().caughtUp();
    expect(tracker.kept).toBe(0);
    expect(await tracker.lookUp(ids[0] ?? '')).toHaveProperty('status', 'COMPLETED');
  });

  it('are not waited for while there is little to keep, also where nobody fills them yet', async () => {
    await add('p0');
    const filling: ViewStore = {
      ...views,
      position: async () => 0,
      get: () => Promise.reject(new ViewsIncomplete('nobody fills them')),
    };
    const tracker = await gateway(filling);
    await tracker.following().caughtUp();
    expect(tracker.kept).toBeGreaterThan(0);
  });

  it('are waited for until it is stopped', async () => {
    const filling: ViewStore = { ...views, get: () => Promise.reject(new ViewsIncomplete('being built')) };
    const tracker = await TransactionTracker.start({ log, views: filling, processorOf, mostUnshown: 0 });
    await tracker.stop();
  });
});

describe('the unfinished transactions of a user', () => {
  it('are those that have begun and not ended, whoever told of them, and leave nothing behind', async () => {
    const [processor] = running.splice(0, 1);
    await Promise.all([processor, ...running.splice(0, 2)].map((one) => one?.stop()));
    const tracker = await gateway();
    const other = await gateway();
    const ids = await Promise.all(['tea', 'cup', 'pot'].map((id) => add(id)));
    await expect.poll(() => [tracker.unfinishedOf('ada'), other.unfinishedOf('ada')]).toEqual([3, 3]);
    expect(tracker.unfinishedOf('bob')).toBe(0);
    running.push(...(await startProcessors({ log, partitions: PARTITIONS, timeouts: { purchases: 60_000 } })).values());
    for (const id of ids) await ended(tracker, id);
    await expect.poll(() => [tracker.unfinishedOf('ada'), other.unfinishedOf('ada')]).toEqual([0, 0]);
    // A gateway that starts now goes by what has not been decided.
    expect((await gateway()).unfinishedOf('ada')).toBe(0);
  });
});

describe('a transaction that nobody here has asked for', () => {
  /** Until a gateway has read all that stands on the log. */
  const read = (tracker: TransactionTracker) => tracker.following().caughtUp();

  it('is told as it is once somebody asks, also while the views show nothing of it', async () => {
    await running.at(-1)?.stop();
    const tracker = await gateway();
    const id = await add('tea');
    await ended(await gateway(), id);
    await read(tracker);
    expect(await views.get('transactions', [id])).toHaveProperty('size', 0);
    expect(await tracker.lookUp(id)).toMatchObject({ id, status: 'COMPLETED', issuedBy: 'ada' });
    const statuses: string[] = [];
    for await (const { status } of (await tracker.follow(id)) ?? []) statuses.push(status);
    expect(statuses).toEqual(['COMPLETED']);
  });

  it('goes on for a subscriber that came when only its command had been read', async () => {
    const stopped = await Promise.all(running.splice(0).map((one) => one.stop()));
    expect(stopped).not.toEqual([]);
    const tracker = await gateway();
    const id = await add('tea');
    await read(tracker);
    const queue = await tracker.follow(id);
    expect(await queue?.next()).toMatchObject({ value: { status: 'ACCEPTED' } });
    running.push(...(await startProcessors({ log, partitions: PARTITIONS, timeouts: { purchases: 60_000 } })).values());
    expect(await queue?.next()).toMatchObject({ value: { status: 'COMPLETED' } });
    expect(await queue?.next()).toMatchObject({ done: true });
  });

  it('counts as waiting until the view shows it, and then leaves unread', async () => {
    await running.pop()?.stop();
    const tracker = await gateway(views, 1);
    const ids = await Promise.all(['tea', 'cup', 'pot'].map((id) => add(id)));
    for (const id of ids) await ended(await gateway(), id);
    await read(tracker);
    expect(tracker.kept).toBe(3);
    running.push(await startProjection({ log, views, projectors }));
    await expect.poll(() => tracker.kept, { timeout: 10_000 }).toBe(0);
    expect(await tracker.lookUp(ids[0] ?? '')).toMatchObject({ status: 'COMPLETED' });
  });

  it('is told to those who listen to its user, and not to those who listen to another', async () => {
    const tracker = await gateway();
    const [ada, bob]: [string[], string[]] = [[], []];
    tracker.followAll(({ id, status }) => void ada.push(`${id} ${status}`), 'ada');
    const stop = tracker.followAll(({ id }) => void bob.push(id), 'bob');
    const hers = await add('tea');
    await expect.poll(() => ada.at(-1)).toBe(`${hers} COMPLETED`);
    const his = await add('cup', randomUUID(), 'bob');
    await expect.poll(() => bob).toContain(his);
    stop();
    await ended(tracker, await add('pot', randomUUID(), 'bob'));
    expect(ada.every((one) => one.startsWith(hers))).toBe(true);
    expect(new Set(bob)).toEqual(new Set([his]));
  });
});
