/** The embedded log on its disk: when that is full, when a process is killed at it, and what is dropped from it. */
import { describe, expect, it, vi } from 'vitest';
import { GroupCommit } from '../log/embedded/group-commit.ts';
import { dropOldRecords, dropReplaced } from '../log/embedded/retention.ts';
import { Storage } from '../log/embedded/storage.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { countingProcess } from './children/counting-process.ts';
import { counting, embeddedFolder, numbered, topics, valuesIn } from './log-embedded.folder.ts';

describe('embedded log', { timeout: 60_000 }, () => {
  const folder = embeddedFolder();

  describe('on a disk that is full', () => {
    it('refuses appends beyond mapSize, names the setting, and keeps what it has', async () => {
      const log = await folder.open({ mapSize: 2_000_000 });
      const value = 'x'.repeat(10_000);
      let acknowledged = 0;
      const appendMany = async () => {
        for (;;) {
          await log.append([{ topic: 'commands', partition: 0, key: 'a', value, headers: {} }]);
          acknowledged += 1;
        }
      };
      const refusal = await appendMany().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(LogUnavailable);
      expect(String(refusal)).toContain('mapSize');
      expect(acknowledged).toBeGreaterThan(5);
      expect(await valuesIn(log, { topic: 'commands', partition: 0 })).toHaveLength(acknowledged);
      expect((await log.ends(['commands']))[0]?.offset).toBe(acknowledged);
    });

    it('refuses what the system refuses to write, whole, and goes on when there is room', async () => {
      await (await folder.open()).close();
      // Blocks of 1 KiB. Node ignores the signal that goes with it, so that a write fails as it does on a full disk.
      const { out, errors } = await folder.child(
        'append-until-refused.ts',
        ['commands', 'events', 'state'],
        {},
        'ulimit -f 12000;',
      );
      const { acknowledged, unavailable, message, held } = JSON.parse(out || `"${errors}"`);
      expect(unavailable, message).toBe(true);
      expect(message).toContain('DATA_DIR');
      expect(acknowledged).toBeGreaterThan(3);
      expect(held).toEqual([acknowledged, acknowledged, acknowledged]);
      const log = await folder.open();
      expect((await log.ends(['commands', 'events', 'state'])).map((each) => each.offset)).toEqual(
        [0, 1, 2].flatMap(() => [acknowledged, 0]),
      );
      await log.append(numbered(2));
      expect(await valuesIn(log, { topic: 'commands', partition: 1 })).toEqual(['1']);
    });

    it('keeps a step that cannot be written, says why, and writes it when there is room', async () => {
      let full = false;
      const log = await folder.open({
        failpoint() {
          if (full) throw new Error('no space left on device');
        },
      });
      let opened = 0;
      let steps = 0;
      const probe = { opened: () => void opened++, beforeStep: () => void steps++ };
      await log.append(numbered(6));
      full = true;
      const running = await log.process(countingProcess('p', topics, probe));
      await vi.waitFor(() =>
        expect(running.health()).toEqual({
          state: 'trouble',
          detail: expect.stringContaining('no space left on device'),
        }),
      );
      await expect(log.append(numbered(1))).rejects.toThrow('no space left on device');
      expect(await log.committed(counting)).toEqual([]);
      full = false;
      await running.caughtUp();
      await vi.waitFor(() => expect(running.health()).toEqual({ state: 'running' }));
      expect([opened, steps]).toEqual([2, 2]);
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual(['1:0', '1:2', '1:4']);
    });
  });

  describe('keeps a step whole', () => {
    it('has each command handled once wherever its process is killed', async () => {
      const log = await folder.open();
      await log.append(numbered(200));
      await log.close();
      for (const at of ['before-produce:1', 'after-commit:1', 'before-produce:4', 'after-commit:3']) {
        const { signal, errors } = await folder.child(
          'process-until-killed.ts',
          ['p', 'commands', 'events', 'state', 'positions'],
          {
            LOG_KILL_AT: at,
          },
        );
        expect(signal, errors).toBe('SIGKILL');
      }
      const again = await folder.open();
      const before = await again.committed(counting);
      expect(before.reduce((sum, each) => sum + each.offset, 0)).toBeGreaterThan(0);
      expect((await again.ends(['events'])).map((each) => each.offset)).toEqual(before.map((each) => each.offset));
      await (await again.process(countingProcess('p', topics))).caughtUp();
      for (const partition of [0, 1]) {
        const counts = new Map<string, number>();
        const expected = numbered(200).flatMap(({ partition: its, key, value }) => {
          if (its !== partition) return [];
          counts.set(key, (counts.get(key) ?? 0) + 1);
          return [`${counts.get(key)}:${value}`];
        });
        expect(await valuesIn(again, { topic: 'events', partition })).toEqual(expected);
      }
    });

    it('restores after a step whose outcome it did not learn, and does not take it twice', async () => {
      let lost = false;
      const log = await folder.open({
        failpoint(point) {
          if (lost && point === 'after-commit') {
            lost = false;
            throw new Error('nobody knows');
          }
        },
      });
      await log.append(numbered(6));
      const opened: number[] = [];
      lost = true;
      const running = await log.process(
        countingProcess('p', topics, { opened: (partition) => void opened.push(partition) }),
      );
      await running.caughtUp();
      await log.append(numbered(6));
      await running.caughtUp();
      expect(opened.length).toBeGreaterThan(2);
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual([
        '1:0',
        '1:2',
        '1:4',
        '2:0',
        '2:2',
        '2:4',
      ]);
    });

    it('writes nothing of a step that names a topic that there is not', async () => {
      const log = await folder.open();
      let tries = 0;
      const running = await log.process({
        name: 'p',
        input: 'commands',
        positions: 'positions',
        restore: [],
        open: (partition) => ({
          restore() {},
          restored() {},
          step: () => ({
            records: ['events', tries++ === 0 ? 'missing' : 'events'].map((topic) => ({
              topic,
              partition,
              key: 'a',
              value: `try ${tries}`,
              headers: {},
            })),
            committed() {},
          }),
          close() {},
        }),
      });
      await log.append(numbered(1));
      await running.caughtUp();
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual(['try 2', 'try 2']);
    });
  });

  describe('drops what it need not keep', () => {
    it('drops records older than the retention, and never gives their offsets out again', async () => {
      const log = await folder.open();
      await log.createTopics([{ name: 'short', partitions: 1, retention: { ms: 1 } }]);
      const record = { topic: 'short', key: 'a', value: 'old', headers: {} };
      await log.append(Array.from({ length: 2500 }, () => record));
      await log.close();
      const again = await folder.open();
      await vi.waitFor(async () => expect(await valuesIn(again, { topic: 'short', partition: 0 })).toEqual([]));
      expect(await again.ends(['short'])).toEqual([{ topic: 'short', partition: 0, offset: 2500 }]);
      expect(await again.append([record])).toEqual([{ topic: 'short', partition: 0, offset: 2500 }]);
      expect(await valuesIn(again, { topic: 'commands', partition: 0 })).toEqual([]);
    });

    it('keeps a replaced record for a minute, for those who read along, and is followed past it afterwards', async () => {
      const storage = new Storage(folder.dir, false);
      const commits = new GroupCommit(storage, { mapSize: undefined, failpoint: undefined });
      const never = new AbortController().signal;
      try {
        const topic = { id: 1, name: 'state', partitions: 2, retention: 'compact' as const, samples: [] };
        await commits.submit({ records: [], newTopics: [topic] });
        const record = { topic: 'state', partition: 0, key: 'a', headers: {} };
        for (const value of ['1', '2', '3']) await commits.submit({ records: [{ ...record, value }] });
        const values = () => storage.read(topic, 0, 0, 3, 100).records.map((each) => each.value?.toString());
        await dropReplaced(storage, commits, Date.now() + 30_000, never);
        expect(values()).toEqual(['1', '2', '3']);
        await dropReplaced(storage, commits, Date.now() + 61_000, never);
        expect(values()).toEqual(['3']);
        expect(storage.replaced?.getCount()).toBe(0);
      } finally {
        await commits.close('closed');
        await storage.close();
      }
      const log = await folder.open();
      const seen: (string | undefined)[] = [];
      const following = await log.follow({
        name: 'f',
        topics: ['state'],
        from: 'beginning',
        onBatch: (batch) => void seen.push(...batch.records.map((each) => each.value?.toString())),
      });
      await following.reached(await log.ends(['state']));
      expect(seen).toEqual(['3']);
    });

    it('keeps a tombstone for a day, for those who are behind, and then drops it unless its key lives again', async () => {
      const storage = new Storage(folder.dir, false);
      const commits = new GroupCommit(storage, { mapSize: undefined, failpoint: undefined });
      const never = new AbortController().signal;
      try {
        const topic = { id: 1, name: 'state', partitions: 1, retention: 'compact' as const, samples: [] };
        await commits.submit({ records: [], newTopics: [topic] });
        const write = (key: string, value: string | null) =>
          commits.submit({ records: [{ topic: 'state', key, value, headers: {} }] });
        for (const key of ['gone', 'back', 'x'.repeat(2000)]) {
          await write(key, 'value');
          await write(key, null);
        }
        await write('back', 'again');
        const keys = () => storage.read(topic, 0, 0, 100, 100).records.map((each) => each.key);
        const hour = 3_600_000;
        await dropReplaced(storage, commits, Date.now() + hour, never);
        await dropOldRecords(storage, commits, Date.now() + 23 * hour, never);
        expect(keys()).toEqual(['gone', 'x'.repeat(2000), 'back']);
        await dropOldRecords(storage, commits, Date.now() + 25 * hour, never);
        expect(keys()).toEqual(['back']);
        expect(storage.newest.getCount()).toBe(1);
        expect(storage.tombstones.getCount()).toBe(0);
        expect(storage.end({ topic: 'state', partition: 0 })).toBe(7);
      } finally {
        await commits.close('closed');
        await storage.close();
      }
    });
  });
});
