/** The cache of states holds no more than it may, whatever passes through it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateCache } from '../processors/state-cache.ts';
import { SmallLog } from './processors.small-log.ts';

/** What an entry of 100 characters counts. */
const ENTRY = 600;

describe('the cache of states', () => {
  it('never holds more than its bytes allow, and always nine tenths of it, of what was used last', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 }))), (uses) => {
        const cache = new StateCache(10 * ENTRY);
        const view = cache.view<number>();
        const last: number[] = [];
        for (const [put, key] of uses) {
          const known = view.get(String(key)) === key;
          if (put) view.set(String(key), key, 100);
          if (put || known) last.push(key);
          expect(cache.size).toBeLessThanOrEqual(10);
          const newest = [...new Set(last.toReversed())].slice(0, 9);
          for (const each of newest.toReversed()) expect(view.get(String(each))).toBe(each);
        }
      }),
    );
  });

  it('keeps the views of partitions apart, and forgets one that is closed', () => {
    const cache = new StateCache(100 * ENTRY);
    const [one, other] = [cache.view<string>(), cache.view<string>()];
    one.set('a', 'one', 100);
    other.set('a', 'other', 100);
    expect([one.get('a'), other.get('a')]).toEqual(['one', 'other']);
    one.clear();
    expect([one.get('a'), other.get('a'), cache.size]).toEqual([undefined, 'other', 1]);
  });

  it('is given no room by an entry that is larger than all of it', () => {
    const cache = new StateCache(ENTRY);
    const view = cache.view<string>();
    view.set('small', 'small', 100);
    view.set('large', 'large', 10_000);
    expect([view.get('large'), cache.size]).toEqual([undefined, 0]);
  });
});

describe('a processor with a small cache', () => {
  it('decides as one that holds all of its states', () => {
    const cache = new StateCache(3 * ENTRY);
    const [small, large] = [new SmallLog({ cache }), new SmallLog()];
    for (const log of [small, large]) {
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 20; i++)
          log.send('products', round === 0 ? 'addProduct' : 'restockProduct', `x${i}`, product(round));
        log.settle();
      }
    }
    expect(cache.size).toBeLessThanOrEqual(3);
    const states = (log: SmallLog) => log.records('products.state').map(({ key, value }) => `${key} ${value}`);
    expect(states(small)).toEqual(states(large));
    expect(states(small)).toHaveLength(40);
  });
});

function product(round: number): object {
  return round === 0 ? { name: 'x', price: 1, stock: 1 } : { quantity: 1 };
}
