/** Waiting for a fan-out, on embedded views: told by the watch, and looked at no more often than it changes. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FAN_OUTS, PRODUCTS, viewSpecs } from '../projectors/documents.ts';
import { type FanOutDoc, fanOutId } from '../projectors/fan-out-tasks.ts';
import { namesShown } from '../transactions/names-shown.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import type { ViewStore } from '../views/view-store.ts';

const TASK = fanOutId(PRODUCTS, 'tea');
const renamed = { aggregate: PRODUCTS, entityId: 'tea', entityVersion: 2 };

let views: ViewStore;
let controller: AbortController;
beforeEach(() => {
  views = openTemporaryViews({ views: viewSpecs });
  controller = new AbortController();
});

async function fanOut(task: Partial<FanOutDoc> | null): Promise<void> {
  const whole: FanOutDoc = { _id: TASK, view: PRODUCTS, entityId: 'tea', since: 2, version: 2, after: null, ...task };
  await views.step([], (tx) => (task === null ? tx.remove(FAN_OUTS, [TASK]) : tx.put(FAN_OUTS, [whole])));
}

/** Begins to wait; `shown` tells whether that is over. */
function waiting() {
  let shown = false;
  const over = namesShown(views, renamed, controller.signal).then(() => {
    shown = true;
  });
  return { over, shown: () => shown };
}

/** Until everything that is not waited for has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

describe('waiting until purchases show a new name', () => {
  it('is over at once where there is no fan-out, or none of that kind of entity', async () => {
    const watch = vi.spyOn(views, 'watch');
    await namesShown(views, renamed, controller.signal);
    await namesShown(views, { ...renamed, aggregate: 'purchases' }, controller.signal);
    expect(watch).not.toHaveBeenCalled();
  });

  it('goes on until the task has gone, and does not look again meanwhile', async () => {
    await fanOut({});
    const get = vi.spyOn(views, 'get');
    const { over, shown } = waiting();
    await settled();
    const looks = get.mock.calls.length;
    await settled();
    expect(get).toHaveBeenCalledTimes(looks);
    await fanOut({ after: ['2026-01-01', 'o1'] });
    await settled();
    expect(shown()).toBe(false);
    await fanOut(null);
    await over;
  });

  it('is over when only later names are yet to be shown', async () => {
    await fanOut({});
    const { over } = waiting();
    await settled();
    await fanOut({ since: 3, version: 3 });
    await over;
  });

  it('is over when the task went between the first look and the watch', async () => {
    await fanOut({});
    const { watch } = views;
    vi.spyOn(views, 'watch').mockImplementation(async (...args) => {
      await fanOut(null);
      return await watch.apply(views, args);
    });
    await waiting().over;
  });

  it('looks again after a gap in what it watches', async () => {
    await fanOut({});
    let gap = (): void => undefined;
    vi.spyOn(views, 'watch').mockImplementation(async (_views, _onChange, onGap) => {
      gap = onGap ?? gap;
      return async () => undefined;
    });
    const { over, shown } = waiting();
    await settled();
    await fanOut(null);
    await settled();
    expect(shown()).toBe(false);
    gap();
    await over;
  });

  it('ends with the reason of the signal, and watches no more', async () => {
    await fanOut({});
    const stop = vi.fn(async () => undefined);
    vi.spyOn(views, 'watch').mockResolvedValue(stop);
    const { over } = waiting();
    await settled();
    expect(stop).not.toHaveBeenCalled();
    controller.abort(new Error('the time is up'));
    await expect(over).rejects.toThrow('the time is up');
    expect(stop).toHaveBeenCalledOnce();
  });
});
