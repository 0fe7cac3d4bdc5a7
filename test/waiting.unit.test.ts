/** The time-out, the abort and the back-off that all rooms share. No test here waits for real time. */
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackOff, fullJitter, jitterAround } from '../waiting/back-off.ts';
import { pause } from '../waiting/pause.ts';
import { unlessAborted, within } from '../waiting/within.ts';

const never = new Promise<never>(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('within', () => {
  it('gives the result, or the error, of what settles in time, and leaves no timer behind', async () => {
    expect(await within(100, 'asking', Promise.resolve(7))).toBe(7);
    await expect(within(100, 'asking', Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says what was waited for when the time is up', async () => {
    const asked = expect(within(100, 'asking', never)).rejects.toThrow('asking took longer than 100 ms');
    await vi.advanceTimersByTimeAsync(100);
    await asked;
  });

  it('asks for the error only when the time is up', async () => {
    let known = 'nothing yet';
    const asked = expect(within(100, () => new RangeError(known), never)).rejects.toThrow(
      new RangeError('a broker hangs'),
    );
    await vi.advanceTimersByTimeAsync(99);
    known = 'a broker hangs';
    await vi.advanceTimersByTimeAsync(1);
    await asked;
  });

  it('ends with the reason of its signal before the time is up, and leaves no timer and no listener behind', async () => {
    const { signal, abort } = controllerOf();
    const asked = expect(within(100, 'asking', never, signal)).rejects.toThrow('given up');
    abort(new Error('given up'));
    await asked;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ignores what the promise does later', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const asked = expect(within(100, 'asking', late)).rejects.toThrow('took longer');
    await vi.advanceTimersByTimeAsync(100);
    await asked;
    fail(new Error('too late'));
    await realTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('unlessAborted', () => {
  it('gives the result and lets go of the signal', async () => {
    const { signal } = controllerOf();
    expect(await unlessAborted(Promise.resolve('done'), signal)).toBe('done');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('throws the reason at once when the signal was aborted before, though the promise has settled', async () => {
    await expect(unlessAborted(Promise.resolve('done'), AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });

  it('ignores what the promise does after the abort', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const failing = Promise.resolve().then(() => Promise.reject(new Error('too late')));
    await expect(unlessAborted(failing, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
    await realTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('pause', () => {
  it('lasts until its time is up', async () => {
    const over = vi.fn();
    void pause(50).then(over);
    await vi.advanceTimersByTimeAsync(49);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalledOnce();
  });

  it('resolves, and does not reject, when it is aborted, before or during it', async () => {
    await pause(50, { signal: AbortSignal.abort() });
    const { signal, abort } = controllerOf();
    const paused = pause(50, { signal });
    abort();
    await paused;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('back-off', () => {
  it('doubles each pause up to the longest, and begins anew after a reset', () => {
    const backOff = new BackOff({ firstMs: 100, longestMs: 500 });
    expect([1, 2, 3, 4, 5].map(() => backOff.take())).toEqual([100, 200, 400, 500, 500]);
    backOff.reset();
    expect(backOff.nextMs).toBe(100);
    expect(backOff.take()).toBe(100);
  });

  it('tells the next pause without jitter, and takes it with jitter', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.25);
    const backOff = new BackOff({ firstMs: 100, longestMs: 500, jitter: fullJitter });
    expect(backOff.nextMs).toBe(100);
    expect([backOff.take(), backOff.take()]).toEqual([25, 50]);
    expect(backOff.nextMs).toBe(400);
  });

  it('always keeps full jitter between nothing and the whole, and jitter around between a half and one and a half', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (ms, chance) => {
        vi.spyOn(Math, 'random').mockReturnValue(chance);
        expect(fullJitter(ms)).toBeGreaterThanOrEqual(0);
        expect(fullJitter(ms)).toBeLessThanOrEqual(ms);
        expect(jitterAround(ms)).toBeGreaterThanOrEqual(0.5 * ms);
        expect(jitterAround(ms)).toBeLessThanOrEqual(1.5 * ms);
      }),
    );
  });

  it('waits for the pause that it takes, and no longer than until it is stopped', async () => {
    const backOff = new BackOff({ firstMs: 100, longestMs: 500 });
    const waited = vi.fn();
    void backOff.wait().then(waited);
    await vi.advanceTimersByTimeAsync(99);
    expect(waited).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(waited).toHaveBeenCalledOnce();
    await backOff.wait(AbortSignal.abort());
    expect(vi.getTimerCount()).toBe(0);
  });
});

function controllerOf() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason?: Error) => controller.abort(reason) };
}

/** Lets Node report rejections that nobody handles. */
async function realTurn(): Promise<void> {
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
}
