/** What a start tells and takes turns with: checks of engines, attempts that can be given up, work in slices. */
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { Health, PartitionStatus, Running } from '../log/event-log.ts';
import { EngineCheck } from '../server/engine-check.ts';
import { doneBy, Observation } from '../server/observation.ts';
import { StartGivenUp, Starting } from '../server/starting.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { TimeSlice } from '../waiting/time-slice.ts';

describe('the check of an engine', () => {
  it('asks once for all probes that come together, and once a second', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      let asked = 0;
      const check = new EngineCheck(async () => void asked++);
      await Promise.all([check.report(), check.report(), check.report()]);
      await check.report();
      expect(asked).toBe(1);
      vi.advanceTimersByTime(1000);
      expect(await check.report()).toEqual({ ready: true, state: 'running' });
      expect(asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells that an engine is out of reach, and that it is there again', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      let away = true;
      const check = new EngineCheck(async () => {
        if (away) throw new Error('nobody there');
      });
      expect(await check.report()).toEqual({ ready: false, state: 'trouble', detail: 'nobody there' });
      away = false;
      vi.advanceTimersByTime(1000);
      expect(await check.report()).toEqual({ ready: true, state: 'running' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not wait without end for an engine that says nothing', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      const reported = new EngineCheck(() => new Promise(() => undefined)).report();
      await vi.advanceTimersByTimeAsync(2000);
      expect(await reported).toMatchObject({ ready: false, state: 'trouble', detail: expect.stringContaining('2 s') });
    } finally {
      vi.useRealTimers();
    }
  });
});

function running(health: Health, partitions: readonly Partial<PartitionStatus>[]): Running {
  const whole = partitions.map((each, partition): PartitionStatus => {
    return { topic: 'state', partition, state: 'running', position: 0, lag: 0, ...each };
  });
  return {
    health: () => health,
    partitions: () => whole,
    caughtUp: async () => undefined,
    stop: async () => undefined,
  };
}

describe('readiness', () => {
  const observed = () => new Observation(createMetrics());

  it('begins with what is being opened, and is never there before the last part is', async () => {
    const parts = observed();
    parts.opening('log');
    parts.opening('views');
    expect(await parts.report()).toEqual({
      log: { ready: false, state: 'opening' },
      views: { ready: false, state: 'opening' },
    });
    parts.opened('log', async () => undefined);
    parts.opened('views', async () => undefined);
    expect(Object.values(await parts.report()).every(({ ready }) => ready)).toBe(false);
    expect(parts.awaited()).toContain('start');
    await parts.caughtUp();
    expect(await parts.report()).toEqual({
      log: { ready: true, state: 'running' },
      views: { ready: true, state: 'running' },
    });
    expect(parts.awaited()).toBeUndefined();
  });

  it('says of how many the views have been rebuilt, and of how many partitions processors are restored', async () => {
    const parts = observed();
    const projection = running({ state: 'running' }, [
      { position: 10, lag: 20 },
      { position: 5, lag: 0 },
    ]);
    parts.opened('views', async () => undefined);
    parts.add('processor products', running({ state: 'starting' }, [{ state: 'restoring' }, { state: 'running' }]));
    parts.rebuilding(() => doneBy(projection));
    expect(await parts.report()).toMatchObject({
      views: { ready: false, state: 'rebuilding', detail: 'rebuilding 15 of 35' },
      'processor products': { ready: false, state: 'restoring', detail: '1 of 2 partitions restored' },
    });
    expect(parts.awaited()).toBe('views: rebuilding 15 of 35, processor products: 1 of 2 partitions restored');
  });

  it('ends with an engine that goes out of reach later, while GraphQL stays open', async () => {
    const parts = observed();
    let away = false;
    parts.opened('views', async () => {
      if (away) throw new Error('MongoDB is away');
    });
    await parts.caughtUp();
    away = true;
    expect(await parts.report()).toEqual({ views: { ready: false, state: 'trouble', detail: 'MongoDB is away' } });
    expect(parts.awaited()).toBeUndefined();
  });
});

describe('an attempt of the start', () => {
  const parts = new Observation(createMetrics());
  const starting = () => {
    const isOutage = (error: unknown) => error instanceof RangeError;
    return new Starting({ parts, logger: pino({ level: 'silent' }), isOutage });
  };

  it('is tried again while its engine is out of reach, and says so meanwhile', async () => {
    let tries = 0;
    const result = await starting().attempt('views', async () => {
      tries++;
      if (tries === 1) throw new RangeError('nobody there');
      expect(parts.awaited()).toBe('views: nobody there');
      return tries;
    });
    expect(result).toBe(2);
  });

  it('fails at once with anything else', async () => {
    await expect(starting().attempt('log', () => Promise.reject(new TypeError('no')))).rejects.toThrow(TypeError);
  });

  it('ends at once when the start is given up, and lets go of what comes later', async () => {
    const start = starting();
    let arrive: (value: string) => void = () => undefined;
    const letGo = vi.fn(async () => undefined);
    const opening = vi.fn(() => new Promise<string>((resolve) => (arrive = resolve)));
    const attempt = start.attempt('log', opening, letGo);
    await vi.waitFor(() => expect(opening).toHaveBeenCalled());
    start.giveUp();
    await expect(attempt).rejects.toThrow(StartGivenUp);
    arrive('late');
    await vi.waitFor(() => expect(letGo).toHaveBeenCalledWith('late'));
  });
});

describe('work in slices', () => {
  it('lets timers go between any two slices, however many work at once', async () => {
    const order: string[] = [];
    let working = 4;
    const work = async (name: string) => {
      const slice = new TimeSlice();
      for (let i = 0; i < 3; i++) {
        while (!slice.over());
        order.push(name);
        await slice.next();
      }
      working--;
    };
    const tick = () => {
      order.push('timer');
      if (working > 0) setTimeout(tick, 0);
    };
    setTimeout(tick, 0);
    // The first slices are of whoever called; from then on all take turns in the queue.
    await Promise.all(['a', 'b', 'c', 'd'].map(work));
    const later = order.slice(order.indexOf('timer'));
    expect(later.some((name, i) => name !== 'timer' && later[i + 1] !== 'timer' && i + 1 < later.length)).toBe(false);
  });
});
