/** Token buckets by a clock that the test sets. */
import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../gateway/token-bucket.ts';

function buckets(mostKept?: number) {
  const clock = { now: 0 };
  return { clock, all: new TokenBuckets(() => clock.now, mostKept) };
}

describe('a token bucket', () => {
  it('gives a minute’s worth at once, and then tells when there will be more', () => {
    const { clock, all } = buckets();
    for (let i = 0; i < 60; i += 1) expect(all.take('ada', 60)).toBe(0);
    expect(all.take('ada', 60)).toBe(1);
    clock.now += 999;
    expect(all.take('ada', 60)).toBe(1);
    clock.now += 1;
    expect(all.take('ada', 60)).toBe(0);
    expect(all.take('ada', 60, 30)).toBe(30);
  });

  it('is each asker’s own', () => {
    const { all } = buckets();
    expect(all.take('ada', 1)).toBe(0);
    expect(all.take('ada', 1)).toBe(60);
    expect(all.take('bob', 1)).toBe(0);
  });

  it('never holds more than a minute’s worth, and lets pass what is more than it holds when it is full', () => {
    const { clock, all } = buckets();
    clock.now = 3_600_000;
    expect(all.take('ada', 10, 100)).toBe(0);
    expect(all.take('ada', 10)).toBe(6);
    clock.now += 60_000;
    expect(all.take('ada', 10, 10)).toBe(0);
  });

  it('without a limit gives always', () => {
    const { all } = buckets();
    for (let i = 0; i < 1000; i += 1) expect(all.take('ada', 0)).toBe(0);
  });

  it('is forgotten when there are too many: who was seen longest ago first', () => {
    const { all } = buckets(2);
    for (const who of ['ada', 'bob', 'ada', 'eve']) all.take(who, 2);
    expect(all.take('ada', 2)).toBe(30);
    expect(all.take('bob', 2)).toBe(0);
  });
});
