/** When a purchase that hangs is asked to expire: by one clock, once, whatever the time of day is anywhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PurchaseState, purchase } from '../domain/index.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, LogRecord, NewRecord } from '../log/event-log.ts';
import { LogUnavailable } from '../log/event-log.ts';
import type { Companion } from '../processors/aggregate-process.ts';
import { watchDeadlines } from '../processors/deadlines.ts';
import { commandsTopic, deadlinesTopic, topicSpecs } from '../records/topics.ts';

const TIMEOUT_MS = 60_000;
const QUARTER_HOUR_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
const INPUT = commandsTopic('purchases');

let folder: string;
let stored: EventLog;
let open: Watch[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  stored = await openEmbeddedLog({ dir: folder });
  await stored.createTopics(topicSpecs(1));
});
afterEach(async () => {
  vi.useRealTimers();
  for (const { watch } of open) watch.close();
  open = [];
  await stored.close();
  await rm(folder, { recursive: true });
});

async function all(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const batch of stored.read({ topic, partition: 0 })) records.push(...batch);
  return records;
}

/** For whom an expiry stands on the log, in order. */
async function asked(): Promise<(string | null)[]> {
  return (await all(INPUT)).map(({ key }) => key);
}

function pendingSince(acceptedAt: number): PurchaseState {
  const at = new Date(acceptedAt).toISOString();
  const ids = { transactionId: 'placing', issuedBy: 'ada' };
  return { ...purchase.initialState, ...ids, version: 1, acceptedAt: at, placedAt: at };
}

/** Stands in for one process that has the partition: its monotonic clock, and how far it has come in the commands. */
class Watch {
  readonly watch: Companion<PurchaseState> & { tick(): Promise<void> };
  append: EventLog['append'] = (records) => stored.append(records);
  committed = 0;
  readonly troubles: unknown[] = [];
  #clock = 123_456;

  constructor() {
    const log: EventLog = {
      append: (records: readonly NewRecord[]) => this.append(records),
      read: (place, from) => stored.read(place, from),
      recordsAt: (positions) => stored.recordsAt(positions),
      process: (options) => stored.process(options),
      follow: (options) => stored.follow(options),
      ends: (topics) => stored.ends(topics),
      committed: (processor) => stored.committed(processor),
      identity: () => stored.identity(),
      missingTopics: (names) => stored.missingTopics(names),
      createTopics: (specs) => stored.createTopics(specs),
      checkTopics: (specs) => stored.checkTopics(specs),
      close: () => stored.close(),
    };
    const { name, progress } = purchase;
    if (progress?.deadline === undefined) throw new Error('purchases have no deadline');
    this.watch = watchDeadlines({
      ...{ log, partition: 0, timeoutMs: TIMEOUT_MS, aggregate: { name, progress }, deadline: progress.deadline },
      committed: async () => this.committed,
      monotonic: () => this.#clock,
      onTrouble: (error) => this.troubles.push(error),
    });
    open.push(this);
  }

  async restored(states: ReadonlyMap<string, PurchaseState>): Promise<this> {
    for (const record of await all(deadlinesTopic('purchases'))) this.watch.restore(record);
    this.watch.restored(states);
    return this;
  }

  /** Lets time go by in seconds, each with what the timer would do. */
  async run(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 1000) {
      this.#clock += 1000;
      await this.watch.tick();
    }
  }

  /** The process stands still: nothing runs in it. */
  async stall(ms: number): Promise<void> {
    this.#clock += ms;
    await this.watch.tick();
  }

  /** Everything on the log has been decided. */
  async decide(changed: ReadonlyMap<string, PurchaseState>): Promise<void> {
    this.committed = ((await all(INPUT)).at(-1)?.offset ?? -1) + 1;
    this.watch.committed(changed, this.committed);
  }
}

const one = (state: PurchaseState) => new Map([['hanging', state]]);

describe('a deadline', () => {
  it.each([
    ['ahead', QUARTER_HOUR_MS],
    ['behind', -QUARTER_HOUR_MS],
  ])('is the same when the gateway that took the purchase is a quarter of an hour %s', async (_, skew) => {
    const process = await new Watch().restored(new Map());
    process.watch.committed(one(pendingSince(Date.now() + skew)), 0);
    await process.run(TIMEOUT_MS - 1000);
    expect(await asked()).toEqual([]);
    await process.run(2000);
    expect(await asked()).toEqual(['hanging']);
  });

  it.each([
    ['forward by days', 3 * DAY_MS],
    ['back by days', -3 * DAY_MS],
  ])('stays where it is when the clock jumps %s', async (_, jump) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const process = await new Watch().restored(new Map());
    process.watch.committed(one(pendingSince(Date.now())), 0);
    await process.run(TIMEOUT_MS / 2);
    vi.setSystemTime(Date.now() + jump);
    await process.run(TIMEOUT_MS / 2 - 1000);
    expect(await asked()).toEqual([]);
    await process.run(2000);
    expect(await asked()).toEqual(['hanging']);
  });

  it.each([
    ['a machine whose clock is behind', -QUARTER_HOUR_MS],
    ['a machine whose clock is ahead', QUARTER_HOUR_MS],
    ['the same machine after days', 3 * DAY_MS],
  ])('goes on where it was when the partition moves to %s', async (_, jump) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const states = one(pendingSince(Date.now()));
    const before = await new Watch().restored(states);
    await before.run(TIMEOUT_MS / 2);
    before.watch.close();
    vi.setSystemTime(Date.now() + jump);
    const after = await new Watch().restored(states);
    await after.run(TIMEOUT_MS / 2 - 2000);
    expect(await asked()).toEqual([]);
    await after.run(4000);
    expect(await asked()).toEqual(['hanging']);
  });

  it('comes although every process that has the partition lives for a tenth of the time only', async () => {
    const states = one(pendingSince(Date.now()));
    for (let life = 0; life < 30 && (await asked()).length === 0; life++) {
      const process = await new Watch().restored(states);
      await process.run(TIMEOUT_MS / 10);
      process.watch.close();
    }
    expect(await asked()).toEqual(['hanging']);
  });

  it('is not brought about by a process that stood still for an hour', async () => {
    const process = await new Watch().restored(one(pendingSince(Date.now())));
    await process.run(10_000);
    await process.stall(60 * 60_000);
    expect(await asked()).toEqual([]);
  });

  it('is forgotten with its purchase', async () => {
    const process = await new Watch().restored(one(pendingSince(Date.now())));
    await process.run(TIMEOUT_MS / 2);
    await process.decide(one({ ...pendingSince(Date.now()), status: 'CONFIRMED' }));
    await process.run(TIMEOUT_MS);
    expect(await asked()).toEqual([]);
    expect((await all(deadlinesTopic('purchases'))).filter(({ key }) => key === 'hanging').at(-1)?.value).toBeNull();
  });
});

describe('asking for an expiry', () => {
  it('is done once while the partition is stuck, however long', async () => {
    const states = one(pendingSince(Date.now()));
    const process = await new Watch().restored(states);
    await process.run(3 * TIMEOUT_MS);
    expect(await asked()).toEqual(['hanging']);
    process.watch.close();
    // Nor by the next owner, which finds it on the log.
    const next = await new Watch().restored(states);
    await next.run(3 * TIMEOUT_MS);
    expect(await asked()).toEqual(['hanging']);
    await next.decide(new Map());
    await expect.poll(asked).toEqual(['hanging', 'hanging']);
  });

  it('is not repeated when the log takes it without an answer', async () => {
    const process = await new Watch().restored(one(pendingSince(Date.now())));
    process.append = async (records) => {
      await stored.append(records);
      throw new LogUnavailable('no answer');
    };
    await process.run(3 * TIMEOUT_MS);
    expect(process.troubles).not.toEqual([]);
    expect(await asked()).toEqual(['hanging']);
  });

  it('goes on with the next thousand as soon as the first have been decided', async () => {
    const states = new Map(Array.from({ length: 1500 }, (_, i) => [`p${i}`, pendingSince(Date.now())]));
    const process = await new Watch().restored(states);
    await process.run(TIMEOUT_MS + 1000);
    expect(new Set(await asked()).size).toBe(1000);
    const rejected = (await asked()).map(
      (id) => [id ?? '', { ...pendingSince(0), status: 'REJECTED' as const }] as const,
    );
    await process.decide(new Map(rejected));
    await expect.poll(async () => new Set(await asked()).size).toBe(1500);
    expect(await asked()).toHaveLength(1500);
  });
});
