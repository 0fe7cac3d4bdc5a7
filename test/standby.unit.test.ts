/**
 * Standby copies: whenever a partition is taken over with what was read of it ahead of time, its processor decides as if it had
 * read the whole log, and reads what came since.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aggregateNames } from '../domain/registry.ts';
import type { EventLog, LogRecord, ProcessOptions } from '../log/event-log.ts';
import { processorOf } from '../processors/index.ts';
import { Standby } from '../processors/standby.ts';
import { commandsTopic, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import { NAMES, type Name, SmallLog } from './processors.small-log.ts';
import { TestDisk } from './store.disk.ts';

const HOUR = 60 * 60 * 1000;
const PRODUCTS = ['tea', 'jam'];
const PURCHASES = ['p1', 'p2', 'p3'];

// Not `setImmediate`: with it the copying lets others go first.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** The owners of one process, and another process that has copies. */
class Shop {
  readonly disks = new Map(NAMES.map((name) => [name, new TestDisk()]));
  readonly copies = new Map(NAMES.map((name) => [name, new TestDisk()]));
  readonly log = new SmallLog({ storeOf: (name) => diskOf(this.disks, name).store() });
  readonly troubles: unknown[] = [];
  lasting = true;
  /** Changes what the other process reads. */
  read: EventLog['read'] = this.log.port().read;
  readonly standby = new Standby({
    log: { ...this.log.port(), read: (...asked) => this.read(...asked) },
    everyMs: 1000,
    lasting: () => this.lasting,
    now: () => this.log.now,
    onTrouble: (error) => void this.troubles.push(error),
  });
  readonly #elsewhere = new Map<Name, ProcessOptions>();
  /** How often the other process opened a copy. */
  opened = 0;

  constructor() {
    for (const name of NAMES) {
      const store = () => {
        this.opened += 1;
        return diskOf(this.copies, name).store();
      };
      this.#elsewhere.set(name, this.standby.beside(this.log.elsewhere(name, store), 1));
    }
    this.log.open(PRODUCTS, 4);
  }

  copy(name: Name): Promise<void> {
    return this.standby.round(processorOf(name).name);
  }

  /** The owner is killed; whoever has the copy goes on, and the copy is made anew. @returns what it was given to restore */
  takeOver(name: Name): readonly LogRecord[] {
    this.disks.set(name, diskOf(this.copies, name));
    this.log.restart(name);
    this.copies.set(name, new TestDisk());
    // The other process opened the partition, and lost it again.
    this.elsewhere(name).open(0).close();
    return this.log.restored.get(name) ?? [];
  }

  elsewhere(name: Name): ProcessOptions {
    const options = this.#elsewhere.get(name);
    if (options === undefined) throw new Error(name);
    return options;
  }
}

function diskOf(disks: ReadonlyMap<Name, TestDisk>, name: Name): TestDisk {
  const disk = disks.get(name);
  if (disk === undefined) throw new Error(name);
  return disk;
}

type Action =
  | { readonly do: 'place'; readonly id: string; readonly products: readonly string[] }
  | { readonly do: 'cancel'; readonly id: string }
  | { readonly do: 'work'; readonly name: Name; readonly most: number }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'copy' | 'take over'; readonly name: Name };

const name = fc.constantFrom(...NAMES);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    id: fc.constantFrom(...PURCHASES),
    products: fc.uniqueArray(fc.constantFrom(...PRODUCTS), { minLength: 1 }),
  }),
  fc.record({ do: fc.constant('cancel' as const), id: fc.constantFrom(...PURCHASES) }),
  { weight: 8, arbitrary: fc.record({ do: fc.constant('work' as const), name, most: fc.integer({ min: 1, max: 3 }) }) },
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 9 }) }),
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('copy' as const, 'take over' as const), name }) },
);

async function run(actions: readonly Action[], faults: boolean): Promise<Shop> {
  const shop = new Shop();
  for (const each of actions) {
    if (each.do === 'place') shop.log.place(each.id, ...each.products);
    else if (each.do === 'cancel') shop.log.send('purchases', 'cancelPurchase', each.id, {});
    else if (each.do === 'work') shop.log.work(each.name, each.most);
    else if (each.do === 'wait') shop.log.now += each.hours * HOUR;
    else if (faults && each.do === 'copy') await shop.copy(each.name);
    else if (faults) shop.takeOver(each.name);
  }
  shop.log.settle();
  return shop;
}

const bytes = (records: readonly LogRecord[]) => records.map(({ key, value }) => `${key} ${value}`);

describe('standby copies', () => {
  it('make no difference to what is decided, whenever they are made and taken over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const [taken, undisturbed] = [await run(actions, true), await run(actions, false)];
        for (const name of aggregateNames) {
          for (const topic of [stateTopic(name), PARTS[name] ?? '', commandsTopic(name), TRANSACTIONS]) {
            expect(bytes(taken.log.records(topic))).toEqual(bytes(undisturbed.log.records(topic)));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('leave to be read what came since, and the one record of each topic by which the log is known', async () => {
    const shop = new Shop();
    for (const id of PURCHASES) shop.log.place(id, 'tea');
    shop.log.settle();
    for (const name of NAMES) await shop.copy(name);
    for (const name of NAMES) expect(shop.takeOver(name).length).toBeLessThanOrEqual(2);
    shop.log.send('products', 'restockProduct', 'tea', { quantity: 1 });
    shop.log.settle();
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 2 });
  });

  it('are opened when there is something new, and once an hour', async () => {
    const shop = new Shop();
    await shop.copy('products');
    await shop.copy('products');
    expect(shop.opened).toBe(1);
    shop.log.send('products', 'restockProduct', 'tea', { quantity: 1 });
    shop.log.settle();
    await shop.copy('products');
    expect(shop.opened).toBe(2);
    shop.log.now += HOUR;
    await shop.copy('products');
    expect(shop.opened).toBe(3);
    expect(diskOf(shop.copies, 'products').cleared).toEqual([]);
  });

  it('are not made of partitions that the process has itself', async () => {
    const shop = new Shop();
    const own = shop.elsewhere('products').open(0);
    await shop.copy('products');
    expect(shop.opened).toBe(1);
    own.close();
    await shop.copy('products');
    expect(shop.opened).toBe(2);
  });

  it('give way to the process that is given the partition in the middle of it, and are never half of a copy', async () => {
    const shop = new Shop();
    let own: ReturnType<ProcessOptions['open']> | undefined;
    shop.read = async function* (place, from) {
      for await (const records of shop.log.port().read(place, from)) {
        for (const record of records) {
          yield [record];
          if (place.topic === stateTopic('products')) own ??= shop.elsewhere('products').open(0);
        }
      }
    };
    await shop.copy('products');
    expect(own).toBeDefined();
    const { log } = shop;
    const ends = new Map(
      (await log.port().ends([stateTopic('products'), TRANSACTIONS])).map((end) => [end.topic, end.offset]),
    );
    expect(own?.restoreFrom?.({ log: log.identity, position: 2, ends })).toEqual(new Map());
    own?.close();
    await shop.copy('products');
    expect(shop.takeOver('products').length).toBeLessThanOrEqual(2);
  });

  it('are not made where they would not be there when they are needed', async () => {
    const shop = new Shop();
    shop.lasting = false;
    await shop.copy('products');
    expect(shop.opened).toBe(0);
    shop.lasting = true;
    await shop.copy('products');
    expect(shop.opened).toBe(1);
  });

  it('are left alone while only the owner can mend what stands on the log', async () => {
    const shop = new Shop();
    await shop.copy('products');
    shop.log.append({ topic: stateTopic('products'), key: 'tea', value: '{"version":9}', headers: {} });
    await shop.copy('products');
    await shop.copy('products');
    expect(shop.opened).toBe(2);
    // Its owner finds it at its next start.
    shop.log.stop('products');
    shop.log.restart('products');
    shop.log.now += HOUR;
    await shop.copy('products');
    expect(shop.opened).toBe(3);
    shop.takeOver('products');
    shop.log.send('products', 'restockProduct', 'tea', { quantity: 1 });
    shop.log.settle();
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 5 });
  });

  it('go on with the others after one that cannot be read, say so, and end when they are stopped', async () => {
    const shop = new Shop();
    shop.read = async function* (place, from) {
      if (place.topic === stateTopic('products')) throw new Error('the brokers are gone');
      yield* shop.log.port().read(place, from);
    };
    shop.standby.start();
    await vi.advanceTimersByTimeAsync(1500);
    await vi.waitFor(() => expect(shop.opened).toBe(NAMES.length));
    expect(shop.troubles).toEqual([expect.objectContaining({ message: 'the brokers are gone' })]);
    shop.read = shop.log.port().read;
    await vi.advanceTimersByTimeAsync(1500);
    await vi.waitFor(() => expect(shop.opened).toBe(NAMES.length + 1));
    await shop.standby.stop();
    shop.log.now += HOUR;
    await vi.advanceTimersByTimeAsync(5000);
    expect(shop.opened).toBe(NAMES.length + 1);
  });

  it('wait for no answer for ever', async () => {
    const shop = new Shop();
    shop.read = async function* () {
      await new Promise(() => undefined);
      yield [];
    };
    const copied = shop.copy('products').catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await copied).toMatch(/reading partition 0 of .* took longer than 30000 ms/);
  });
});
