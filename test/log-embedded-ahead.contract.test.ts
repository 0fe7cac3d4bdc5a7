/** Processing ahead of durability: what is decided before it is on the disk, and that nobody learns of it before. */
import { describe, expect, it, vi } from 'vitest';
import type { EventLog, ProcessOptions } from '../log/event-log.ts';
import { countingProcess } from './children/counting-process.ts';
import { counting, embeddedFolder, topics, valuesIn } from './log-embedded.folder.ts';

const FIRST = { topic: 'events', partition: 0 };
const command = (value: string, key = 'a') => ({ topic: 'commands', partition: 0, key, value, headers: {} });

describe('embedded log, ahead of its disk', { timeout: 60_000 }, () => {
  const folder = embeddedFolder();

  /** A log that counts how often it flushes, and can be held up or fail before it does. */
  async function watched() {
    const disk = { flushes: 0, fails: false, ready: Promise.resolve() };
    const log = await folder.open({
      async failpoint(point) {
        if (point === 'after-commit') disk.flushes += 1;
        if (point !== 'before-produce') return;
        await disk.ready;
        if (disk.fails) throw new Error('no space left on device');
      },
    });
    return { log, disk };
  }

  async function processed(log: EventLog, options: ProcessOptions) {
    const running = await log.process(options);
    await running.caughtUp();
    return running;
  }

  it('writes a command and all that follows from it with one flush, over several processors', async () => {
    const { log, disk } = await watched();
    await log.createTopics([{ name: 'seconds', partitions: 2, retention: 'forever' }]);
    await processed(log, countingProcess('p', topics));
    await processed(log, countingProcess('q', { ...topics, commands: 'events', events: 'seconds' }));
    disk.flushes = 0;
    await log.append([command('one'), command('two')]);
    expect(disk.flushes).toBe(1);
    expect(await valuesIn(log, FIRST)).toEqual(['1:one', '2:two']);
    expect(await valuesIn(log, { topic: 'seconds', partition: 0 })).toEqual(['1:1:one', '2:2:two']);
    expect(await log.committed(counting)).toContainEqual({ topic: 'commands', partition: 0, offset: 2 });
  });

  it('decides on top of steps that are not on the disk yet', async () => {
    const { log, disk } = await watched();
    const sizes: number[] = [];
    await processed(log, countingProcess('p', topics, { committed: (batch) => void sizes.push(batch.length) }, 2));
    disk.flushes = 0;
    await log.append(['1', '2', '3', '4', '5'].map((value) => command(value)));
    expect(disk.flushes).toBe(1);
    expect(sizes).toEqual([2, 2, 1]);
    expect(await valuesIn(log, FIRST)).toEqual(['1:1', '2:2', '3:3', '4:4', '5:5']);
  });

  it('lets nobody know before it is on the disk', async () => {
    const { log, disk } = await watched();
    const seen: string[] = [];
    const decided: string[] = [];
    const tell = (batch: readonly { readonly value: Buffer | null }[]) => batch.map(({ value }) => String(value));
    await log.follow({
      name: 'f',
      topics: ['commands', 'events', 'state'],
      from: 'now',
      onBatch: ({ records }) => void seen.push(...tell(records)),
    });
    const merged: string[] = [];
    const running = await processed(
      log,
      countingProcess('p', topics, {
        beforeStep: (batch) => void decided.push(...tell(batch)),
        committed: (batch) => void merged.push(...tell(batch)),
      }),
    );
    let letIt = () => {};
    disk.ready = new Promise((resolve) => {
      letIt = resolve;
    });
    let acknowledged = false;
    const appended = log.append([command('one')]).then(() => {
      acknowledged = true;
    });
    await vi.waitFor(() => expect(decided).toEqual(['one']));
    await new Promise(setImmediate);
    const handled = running.partitions().find(({ partition }) => partition === 0)?.position;
    expect([acknowledged, seen, merged, handled]).toEqual([false, [], [], 0]);
    expect([await log.committed(counting), await valuesIn(log, FIRST)]).toEqual([[], []]);
    letIt();
    await appended;
    await vi.waitFor(() => expect(seen.toSorted()).toEqual(['1', '1:one', 'one']));
    expect(merged).toEqual(['one']);
  });

  it('throws away who decided on what could not be written, and decides nothing twice', async () => {
    const { log, disk } = await watched();
    const opened: number[] = [];
    const running = await processed(
      log,
      countingProcess('p', topics, { opened: (partition) => void opened.push(partition) }),
    );
    disk.fails = true;
    await expect(log.append([command('lost')])).rejects.toThrow('no space left on device');
    await vi.waitFor(() => expect(running.health()).toMatchObject({ state: 'trouble' }));
    await expect(log.append([command('lost too')])).rejects.toThrow('no space left on device');
    disk.fails = false;
    await log.append([command('kept')]);
    await running.caughtUp();
    await log.append([command('and another')]);
    expect(opened).toEqual([0, 1, 0]);
    expect(await valuesIn(log, FIRST)).toEqual(['1:kept', '2:and another']);
    expect(running.health()).toEqual({ state: 'running' });
  });

  it('acknowledges a command whose step fails, and takes the step again', async () => {
    const { log } = await watched();
    let failures = 0;
    const probe = {
      beforeStep: () => {
        if (failures++ === 0) throw new Error('out of order');
      },
    };
    const running = await processed(log, countingProcess('p', topics, probe));
    await log.append([command('one')]);
    await running.caughtUp();
    expect(await valuesIn(log, FIRST)).toEqual(['1:one']);
    expect(failures).toBe(2);
  });

  it('loses nothing acknowledged and does nothing twice, wherever its process is killed', async () => {
    await (await folder.open()).close();
    const acknowledged: string[] = [];
    for (const at of ['before-produce:9', 'after-commit:9', 'before-produce:30', 'after-commit:31']) {
      const names = ['p', 'commands', 'events', 'state', 'positions'];
      const { signal, errors, out } = await folder.child('ahead-until-killed.ts', names, { LOG_KILL_AT: at });
      expect(signal, errors).toBe('SIGKILL');
      acknowledged.push(...out.split('\n').filter((line) => line !== ''));
    }
    const log = await folder.open();
    for (const partition of [0, 1]) {
      const counts = new Map<string, number>();
      const expected: string[] = [];
      for await (const batch of log.read({ topic: 'commands', partition })) {
        for (const { key, value } of batch) {
          counts.set(key ?? '', (counts.get(key ?? '') ?? 0) + 1);
          expected.push(`${counts.get(key ?? '')}:${value}`);
        }
      }
      // Before any processor runs again: what is on the disk has its effects on the disk.
      expect(await valuesIn(log, { topic: 'events', partition })).toEqual(expected);
      for (const each of expected) {
        const at = acknowledged.indexOf(each.slice(each.indexOf(':') + 1));
        if (at >= 0) acknowledged.splice(at, 1);
      }
    }
    expect(acknowledged).toEqual([]);
  });
});
