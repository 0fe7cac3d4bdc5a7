/** Reading again after changes: seldom enough for a flood, and never so late that the last change is not shown. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttled } from '../web/src/graph/throttle';

const SHORTEST_MS = 100;

/** A read that takes a while, and counts its runs. */
function slowRead(ms: number) {
  const seen = { runs: 0, running: 0, most: 0 };
  const run = async () => {
    seen.runs += 1;
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    seen.running -= 1;
  };
  return { seen, gate: throttled(run, SHORTEST_MS) };
}

describe('a throttled read', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs at once when it is asked for first', () => {
    const { seen, gate } = slowRead(10);
    gate.request();
    expect(seen.runs).toBe(1);
  });

  it('runs once more for all that asked while it ran, and then rests', async () => {
    const { seen, gate } = slowRead(10);
    for (let asked = 0; asked < 50; asked += 1) gate.request();
    await vi.advanceTimersByTimeAsync(10 + SHORTEST_MS - 1);
    expect(seen.runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.runs).toBe(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen.runs).toBe(2);
  });

  it('never runs twice at once, however often it is asked', async () => {
    const { seen, gate } = slowRead(250);
    for (let ms = 0; ms < 5_000; ms += 10) {
      gate.request();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(seen.most).toBe(1);
    // Every 250 + 750 ms, the first at 0.
    expect(seen.runs).toBe(6);
  });

  it('rests three times as long as a slow read took', async () => {
    const { seen, gate } = slowRead(200);
    gate.request();
    gate.request();
    await vi.advanceTimersByTimeAsync(200 + 3 * 200 - 1);
    expect(seen.runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.runs).toBe(2);
  });

  it('goes on after a read that failed', async () => {
    let runs = 0;
    const gate = throttled(async () => {
      runs += 1;
      throw new Error('no answer');
    }, SHORTEST_MS);
    gate.request();
    await vi.advanceTimersByTimeAsync(SHORTEST_MS);
    gate.request();
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toBe(2);
  });

  it('does not run any more once it is cancelled', async () => {
    const { seen, gate } = slowRead(10);
    gate.request();
    gate.request();
    gate.cancel();
    await vi.advanceTimersByTimeAsync(10_000);
    gate.request();
    expect(seen.runs).toBe(1);
  });
});
