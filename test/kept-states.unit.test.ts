/**
 * What processors keep on disk is the log's: whenever they are killed, they go on as if they had read the whole log; what is
 * read is what came since; and what does not fit the log is not used.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aggregateNames } from '../domain/registry.ts';
import type { LogRecord } from '../log/event-log.ts';
import { commandsTopic, PARTS, stateTopic, TRANSACTIONS } from '../records/topics.ts';
import { NAMES, type Name, SmallLog } from './processors.small-log.ts';
import { TestDisk } from './store.disk.ts';

const DAY = 24 * 60 * 60 * 1000;
const PRODUCTS = ['tea', 'jam'];
const PURCHASES = ['p1', 'p2', 'p3', 'p4'];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Processors with a disk each. */
class Shop {
  readonly disks = new Map(NAMES.map((name) => [name, new TestDisk()]));
  readonly log = new SmallLog({ storeOf: (name) => this.disk(name).store() });

  constructor() {
    this.log.open(PRODUCTS, 6);
  }

  disk(name: Name): TestDisk {
    const disk = this.disks.get(name);
    if (disk === undefined) throw new Error(name);
    return disk;
  }

  send(...command: Parameters<SmallLog['send']>): void {
    this.log.send(...command);
  }

  /** Time in which the stores write what they hold. */
  written(): void {
    vi.advanceTimersByTime(10_000);
  }

  /** Ends all in order and starts them again: what each was given to restore. */
  restarted(...names: readonly Name[]): readonly LogRecord[] {
    return names.flatMap((name) => {
      this.log.stop(name);
      this.log.restart(name);
      return this.log.restored.get(name) ?? [];
    });
  }
}

type Action =
  | { readonly do: 'place'; readonly id: string; readonly products: readonly string[] }
  | { readonly do: 'cancel'; readonly id: string }
  | { readonly do: 'restock'; readonly id: string; readonly repeat: boolean }
  | {
      readonly do: 'work';
      readonly name: Name;
      readonly most: number;
      readonly killed: 'no' | 'before-commit' | 'after-commit' | 'after';
    }
  | { readonly do: 'write' }
  | { readonly do: 'stop'; readonly name: Name }
  | { readonly do: 'wait'; readonly hours: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    id: fc.constantFrom(...PURCHASES),
    products: fc.uniqueArray(fc.constantFrom(...PRODUCTS), { minLength: 1 }),
  }),
  fc.record({ do: fc.constant('cancel' as const), id: fc.constantFrom(...PURCHASES) }),
  fc.record({ do: fc.constant('restock' as const), id: fc.constantFrom(...PRODUCTS), repeat: fc.boolean() }),
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      name: fc.constantFrom(...NAMES),
      most: fc.integer({ min: 1, max: 3 }),
      killed: fc.constantFrom(
        'no' as const,
        'no' as const,
        'before-commit' as const,
        'after-commit' as const,
        'after' as const,
      ),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'write' as const }) },
  fc.record({ do: fc.constant('stop' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 3 }) }),
);

/** @param faults false: nobody is killed or stopped, which must make no difference */
function run(actions: readonly Action[], faults: boolean): Shop {
  const shop = new Shop();
  for (const each of actions) {
    if (each.do === 'place') shop.log.place(each.id, ...each.products);
    else if (each.do === 'cancel') shop.send('purchases', 'cancelPurchase', each.id, {});
    else if (each.do === 'restock')
      shop.send('products', 'restockProduct', each.id, { quantity: 1 }, each.repeat ? 'again' : undefined);
    else if (each.do === 'wait') shop.log.now += each.hours * 3_600_000;
    else if (each.do === 'work') {
      const { killed } = each;
      if (!faults || killed === 'no' || killed === 'after') shop.log.work(each.name, each.most);
      else shop.log.work(each.name, each.most, killed);
      if (faults && killed !== 'no') shop.log.restart(each.name);
      if (faults && killed === 'before-commit') shop.log.work(each.name, each.most);
    } else if (faults && each.do === 'write') shop.written();
    else if (faults && each.do === 'stop') shop.restarted(each.name);
  }
  return shop;
}

const bytes = (records: readonly LogRecord[]) => records.map(({ key, value }) => `${key} ${value}`);

describe('processors that keep their states', () => {
  it('decide after kills at any point as if there had been none, and keep what the whole log would give', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const [killed, undisturbed] = [run(actions, true), run(actions, false)];
        for (const shop of [killed, undisturbed]) shop.log.settle();
        for (const name of aggregateNames) {
          const topics = [stateTopic(name), PARTS[name] ?? '', commandsTopic(name), TRANSACTIONS];
          for (const topic of topics) {
            expect(bytes(killed.log.records(topic))).toEqual(bytes(undisturbed.log.records(topic)));
          }
        }
        for (const name of NAMES) {
          killed.log.stop(name);
          const kept = killed.disk(name).kept();
          killed.disk(name).entries.clear();
          killed.log.restart(name);
          killed.log.stop(name);
          // When a transaction ended may be told by the clock of another moment; that it has, and which, may not.
          expect(withoutTimes(kept)).toEqual(withoutTimes(killed.disk(name).kept()));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('restore what came since and the one record before it by which the log is known', () => {
    const shop = new Shop();
    for (const id of PURCHASES) shop.log.place(id, 'tea');
    shop.log.settle();
    shop.restarted(...NAMES);
    for (const name of NAMES) expect(shop.restarted(name).length).toBeLessThanOrEqual(2);
    shop.written();
    const since = new Map(
      [stateTopic('products'), 'products.allocations'].map((topic) => [topic, shop.log.records(topic).length]),
    );
    shop.log.place('p5', 'tea');
    shop.log.settle();
    // Killed before the store wrote: of each topic what the purchase left on it, and one more.
    shop.log.restart('products');
    for (const [topic, before] of since) {
      const records = (shop.log.restored.get('products') ?? []).filter((record) => record.topic === topic);
      expect(records).toHaveLength(shop.log.records(topic).length - before + 1);
    }
    expect(shop.disk('products').cleared).toEqual([]);
  });

  it('find on the next start what others wrote on their topics while they ran', () => {
    const shop = new Shop();
    shop.log.append({ topic: stateTopic('products'), key: 'tea', value: '{"version":9}', headers: {} });
    shop.send('products', 'restockProduct', 'jam', { quantity: 1 });
    shop.log.settle();
    shop.restarted('products');
    expect(shop.log.records('products.state.dead')).toHaveLength(1);
    expect(shop.disk('products').cleared).toEqual([expect.stringContaining('not its own')]);
    shop.send('products', 'restockProduct', 'tea', { quantity: 1 });
    shop.log.settle();
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 7 });
    shop.restarted('products');
    expect(shop.log.records('products.state.dead')).toHaveLength(1);
    expect(shop.disk('products').cleared).toHaveLength(1);
  });

  it('go on from a compacted topic, whose last record that is known is covered by a newer one', () => {
    const shop = new Shop();
    shop.restarted('products');
    shop.send('products', 'restockProduct', 'jam', { quantity: 1 });
    shop.log.work('products', 1, 'after-commit');
    shop.log.compact(stateTopic('products'));
    shop.log.restart('products');
    expect(shop.disk('products').cleared).toEqual([]);
    shop.send('products', 'restockProduct', 'jam', { quantity: 1 });
    shop.log.settle();
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 8 });
  });

  const misfits: readonly [string, string, (shop: Shop) => void][] = [
    ['another log', 'another log', ({ log }) => Object.assign(log, { identity: 'other' })],
    [
      'a log whose end it is beyond',
      'ahead of',
      ({ log }) => log.drop(stateTopic('products'), ({ offset }) => offset < 1),
    ],
    [
      'a log that holds another record there',
      'another record',
      ({ log }) => {
        const topic = stateTopic('products');
        const last = log.records(topic).at(-1);
        log.drop(topic, (record) => record !== last);
        log.append({ topic, key: 'jam', value: last?.value ?? null, headers: { ...last?.headers, ce_id: 'other' } });
      },
    ],
    [
      'a log where its last record has gone',
      'not there any more',
      ({ log }) => {
        const topic = stateTopic('products');
        const last = log.records(topic).at(-1);
        for (const record of log.records(topic).filter(({ key }) => key === 'tea'))
          log.append({ ...record, key: 'tea' });
        log.drop(topic, ({ offset }) => offset !== last?.offset);
      },
    ],
    [
      'a log that has moved on for more than half a day',
      'too far behind',
      ({ log }) => {
        log.now += DAY;
        const topic = stateTopic('products');
        for (const record of [...log.records(topic)]) log.append({ ...record, key: record.key ?? '' });
      },
    ],
    [
      'another version of what is kept',
      'another version',
      (shop) => {
        const { entries } = shop.disk('products');
        const point = JSON.parse(entries.get('point') ?? '{}');
        entries.set('point', JSON.stringify({ ...point, shape: '0' }));
      },
    ],
    ['a point that cannot be read', 'no point', (shop) => void shop.disk('products').entries.set('point', '{')],
  ];
  it.each(misfits)('use nothing of what they kept with %s, and read the whole log', (_, reason, change) => {
    const shop = new Shop();
    shop.log.stop('products');
    change(shop);
    shop.disk('products').entries.set('state/tea', 'not JSON');
    shop.log.restart('products');
    expect(shop.disk('products').cleared).toEqual([expect.stringContaining(reason)]);
    shop.send('products', 'restockProduct', 'tea', { quantity: 1 });
    shop.log.work('products');
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 7 });
  });

  it('stay at rest for weeks without reading the log again', () => {
    const shop = new Shop();
    shop.log.stop('products');
    shop.log.now += 20 * DAY;
    shop.log.restart('products', () => false);
    expect(shop.disk('products').cleared).toEqual([]);
  });

  it('fail the step when what is kept cannot be read, and begin anew', () => {
    const shop = new Shop();
    shop.log.stop('products');
    shop.disk('products').entries.set('state/tea', '{"version":1}');
    shop.log.restart('products');
    shop.send('products', 'restockProduct', 'tea', { quantity: 1 });
    expect(() => shop.log.work('products')).toThrow('what products keeps cannot be read');
    shop.log.restart('products');
    shop.log.work('products');
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 7 });
  });

  it('fail the step whose states the disk refuses, and go on from the log', () => {
    const shop = new Shop();
    shop.written();
    const disk = shop.disk('products');
    disk.failure = new Error('the disk is full');
    for (let i = 0; i < 400; i++) shop.send('products', 'addProduct', `x${i}`, { name: 'x', price: 1, stock: 1 });
    expect(() => shop.log.work('products')).toThrow('the disk is full');
    disk.failure = undefined;
    shop.log.restart('products');
    shop.send('products', 'restockProduct', 'x7', { quantity: 1 });
    shop.log.work('products');
    expect(JSON.parse(String(shop.log.records(stateTopic('products')).at(-1)?.value))).toMatchObject({ free: 2 });
  });
});

function withoutTimes(kept: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(kept)
    .map(([key, value]) => (/^(ended|known)/.test(key) ? key.replace(/@\/\d+/, '@/') : `${key} ${value}`))
    .sort();
}
