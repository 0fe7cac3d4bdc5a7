/** The folder of embedded views: what is kept in it however the process ends, what does not fit, and who may have it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askForRebuild, type EmbeddedViewsOptions, openEmbeddedViews } from '../views/embedded/embedded-views.ts';
import { type ViewStore, ViewsIncomplete, ViewsMisconfigured } from '../views/view-store.ts';
import { COUNTED, type Counted, count, PLACE } from './view-embedded.counted.ts';

const { started } = vi.hoisted(() => ({ started: [] as Worker[] }));
vi.mock('node:worker_threads', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:worker_threads')>();
  class Noted extends original.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started.push(this);
    }
  }
  return { ...original, Worker: Noted };
});

let dir: string;
let opened: ViewStore[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'views-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((views) => views.close()));
  await rm(dir, { recursive: true, force: true });
});

const wiped = vi.fn<(reason: string) => void>();
beforeEach(() => wiped.mockClear());

async function open(options: Partial<EmbeddedViewsOptions> = {}) {
  const views = await openEmbeddedViews({ dir, views: [COUNTED], shape: 'one', onWiped: wiped, ...options });
  opened.push(views);
  return views;
}

const position = (views: ViewStore) => views.position(PLACE.topic, PLACE.partition);

/** As many documents as the position says, in the view and in its totals. */
async function agreed(views: ViewStore): Promise<number> {
  const steps = await position(views);
  const found = await views.find<Counted>(COUNTED.name, { filter: { n: steps }, sort: [['n', 1]] });
  expect(found.some(({ _id }) => _id === 'last') || steps === 0).toBe(true);
  expect(await views.count(COUNTED.name, {})).toBe(steps === 0 ? 0 : steps + 1);
  const [group] = await views.groups(COUNTED.name, { by: null, sums: ['n'] });
  expect(group?.sums['n'] ?? 0n).toBe(BigInt(2 * steps));
  return steps;
}

describe('embedded views', { timeout: 60_000 }, () => {
  it('are there again when they are opened again, with their positions', async () => {
    const before = await open();
    for (let step = 1; step <= 3; step++) await count(before, step);
    await before.close();
    const after = await open();
    expect(await agreed(after)).toBe(3);
    expect(await count(after, 3)).toBe('refused');
    expect(await count(after, 4)).toBe('applied');
    expect(wiped).not.toHaveBeenCalled();
  });

  it('agree with their positions whenever the process is killed', async () => {
    const child = fileURLToPath(new URL('./children/step-until-killed.ts', import.meta.url));
    let steps = 0;
    for (let kill = 0; kill < 5; kill++) {
      const writer = spawn(process.execPath, ['--import', 'tsx', child, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(writer.stdout, 'data');
      await pause(20 + 30 * kill);
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const views = await open();
      const now = await agreed(views);
      expect(now).toBeGreaterThanOrEqual(steps);
      steps = now;
      await views.close();
    }
    expect(steps).toBeGreaterThan(0);
    expect(wiped).not.toHaveBeenCalled();
  });

  it('are not read when they were closed before they had been filled', async () => {
    const before = await open();
    await before.filling('being filled');
    await count(before, 1);
    await before.close();
    const after = await open();
    await expect(after.count(COUNTED.name, {})).rejects.toThrow(ViewsIncomplete);
    expect(await after.filled([{ ...PLACE, offset: 2 }])).toBe(false);
    await count(after, 2);
    expect(await after.filled([{ ...PLACE, offset: 2 }])).toBe(true);
    expect(await agreed(after)).toBe(2);
    await after.close();
    expect(await agreed(await open())).toBe(2);
  });

  describe('begin anew', () => {
    async function filled(): Promise<void> {
      const views = await open();
      await views.fitTo('log', [{ ...PLACE, offset: 9 }]);
      await count(views, 1);
      await views.close();
    }

    it('for documents of another shape', async () => {
      await filled();
      expect(await agreed(await open({ shape: 'two' }))).toBe(0);
      expect(wiped).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/shape/));
    });

    it('for views with other indexes', async () => {
      await filled();
      expect(await position(await open({ views: [{ ...COUNTED, indexes: [] }] }))).toBe(0);
    });

    it('on another log, and on one that ends before them', async () => {
      await filled();
      const views = await open();
      await views.fitTo('log', [{ ...PLACE, offset: 1 }]);
      expect(await agreed(views)).toBe(1);
      expect(wiped).not.toHaveBeenCalled();
      await views.fitTo('log', [{ ...PLACE, offset: 0 }]);
      expect(await position(views)).toBe(0);
      expect(wiped).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/more than the log/));
      await count(views, 1);
      await views.fitTo('another', [{ ...PLACE, offset: 9 }]);
      expect(await position(views)).toBe(0);
      expect(wiped).toHaveBeenLastCalledWith(expect.stringMatching(/another log/));
    });

    it('when the file is no database, or its beginning is lost', async () => {
      await filled();
      writeFileSync(
        join(dir, 'views.db'),
        'something else, long enough to be taken for the head of a file'.repeat(100),
      );
      const first = await open();
      expect(await position(first)).toBe(0);
      expect(wiped).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/damaged/));
      await count(first, 1);
      await first.close();
      overwrite(0, 4096);
      expect(await agreed(await open())).toBe(0);
    });

    // Each page of the file and all after it: the head, what is read at the start, and what is met later, by reads or by steps.
    it.each([1, 2, 3, 4, 5, 6, 7])(
      'when the file is damaged from page %i on, also in the middle of work',
      async (page) => {
        await filled();
        overwrite(page * 4096);
        const views = await open();
        const moved = vi.fn();
        views.onMoved(moved);
        if (wiped.mock.calls.length === 0) {
          await views.find(COUNTED.name, { sort: [['n', 1]] }).catch(() => undefined);
          await count(views, 2).catch(() => undefined);
          await vi.waitFor(() => expect(moved).toHaveBeenCalled());
          await expect(views.count(COUNTED.name, {})).rejects.toThrow(ViewsIncomplete);
        }
        expect(wiped).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/damaged/));
        expect(await position(views)).toBe(0);
        expect(await count(views, 1)).toBe('applied');
        expect(await views.filled([{ ...PLACE, offset: 1 }])).toBe(true);
        expect(await agreed(views)).toBe(1);
      },
    );

    it('when a rebuild was asked for, and once only', async () => {
      await filled();
      askForRebuild(dir);
      const views = await open();
      expect(await position(views)).toBe(0);
      expect(existsSync(join(dir, 'rebuild'))).toBe(false);
      await count(views, 1);
      await views.close();
      expect(await agreed(await open())).toBe(1);
      expect(wiped).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/rebuild/));
    });

    function overwrite(from: number, to = statSync(join(dir, 'views.db')).size): void {
      const file = openSync(join(dir, 'views.db'), 'r+');
      writeSync(file, Buffer.alloc(to - from, 0x5a), 0, to - from, from);
      closeSync(file);
    }
  });

  it('refuse a folder that another has, naming the ways out', async () => {
    await open();
    const second = openEmbeddedViews({ dir, views: [COUNTED], shape: 'one', patienceMs: 50 });
    await expect(second).rejects.toThrow(ViewsMisconfigured);
    await expect(second).rejects.toThrow(/in use by another process.*DATA_DIR.*MONGODB_URL/);
  });

  it('go on with another thread when one has died', async () => {
    started.length = 0;
    const views = await open();
    await count(views, 1);
    expect(await agreed(views)).toBe(1);
    const moved = new Promise<void>((resolve) => views.onMoved(resolve));
    const threads = [...started];
    const late = count(views, 2).catch(() => 'unknown');
    await Promise.all(threads.map((thread) => thread.terminate()));
    await moved;
    await late;
    const steps = await agreed(views);
    expect(await count(views, steps + 1)).toBe('applied');
    expect(await agreed(views)).toBe(steps + 1);
    expect(views.health().state).toBe('running');
  });

  it('give single documents while a long search is under way', async () => {
    const views = await open();
    const many = Array.from({ length: 20_000 }, (_, n) => ({ _id: `d${n}`, n, other: n % 7 }));
    await views.step([], (tx) => tx.put(COUNTED.name, many));
    await Promise.all([
      views.get(COUNTED.name, ['d1']),
      views.find(COUNTED.name, { limit: 1 }),
      views.count(COUNTED.name, {}),
    ]);
    const ended: string[] = [];
    // No column holds `other`: every document has to be looked at.
    const long = [0, 1, 2, 3].map((other) =>
      views.find(COUNTED.name, { filter: { other }, sort: [['other', 1]], limit: 5 }).then(() => ended.push('search')),
    );
    const totals = views.groups(COUNTED.name, { by: 'other', sums: ['n'] }).then(() => ended.push('groups'));
    const single = views.get(COUNTED.name, ['d5']).then(() => ended.push('document'));
    await Promise.all([...long, totals, single]);
    expect(ended[0]).toBe('document');
  });
});
