/** What a meter is told of a subscriber's queue. */
import { describe, expect, it } from 'vitest';
import { LatestQueue, type QueueMeter } from '../transactions/latest-queue.ts';

function metered(most?: number) {
  const told = { waiting: 0, dropped: [] as [number, string][], read: [] as unknown[] };
  const meter: QueueMeter = {
    waiting: (more) => {
      told.waiting += more;
    },
    dropped: (items, reason) => told.dropped.push([items, reason]),
    read: (item, since) => {
      expect(since).toBeLessThanOrEqual(performance.now());
      told.read.push(item);
    },
  };
  return { told, queue: new LatestQueue<string>(() => undefined, most, meter) };
}

describe('a metered queue', () => {
  it('tells what waits, and what the reader is done with once it asks for more', async () => {
    const { told, queue } = metered();
    queue.push('a', 'one');
    queue.push('b', 'two');
    expect(told.waiting).toBe(2);
    await queue.next();
    expect([told.waiting, told.read]).toEqual([1, []]);
    await queue.next();
    expect([told.waiting, told.read]).toEqual([0, ['one']]);
    await queue.return();
    expect(told.read).toEqual(['one', 'two']);
  });

  it('tells of updates whose place a newer one took', () => {
    const { told, queue } = metered();
    queue.push('a', 'one');
    queue.push('a', 'two');
    expect([told.waiting, told.dropped]).toEqual([1, [[1, 'replaced']]]);
  });

  it('tells of updates that are missed when there are too many, and holds none of them', async () => {
    const { told, queue } = metered(2);
    for (const key of ['a', 'b', 'c']) queue.push(key, key);
    expect([told.waiting, told.dropped]).toEqual([0, [[3, 'missed']]]);
    await expect(queue.next()).rejects.toThrow('too slow');
  });

  it('holds nothing of a reader that leaves', async () => {
    const { told, queue } = metered();
    queue.push('a', 'one');
    await queue.return();
    expect(told.waiting).toBe(0);
  });
});
