/** Processing: what a partition is told, and may write, before its first step. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogRecord, RestoreStart, Running, WrittenTopics } from '../../log/event-log.ts';
import { range, record } from './records.ts';
import type { LogUnderTest } from './under-test.ts';

export function processRestoreContract(suite: LogUnderTest): void {
  const { newTopic, countingTopics, readAll, running } = suite;

  describe('process, before the first step,', () => {
    it('restores the whole partition before the first step, from compact and other topics, in order', async () => {
      const topics = await countingTopics();
      const past = await newTopic();
      for (const partition of [0, 1]) {
        await suite.log.append(
          Array.from({ length: 2500 }, (_, i) => ({ ...record(past, `k${i % 3}`, `${i}`), partition })),
        );
        await suite.log.append(
          ['1', '2', null, '40'].map((value) => ({ ...record(topics.state, 'a', value), partition })),
        );
        await suite.log.append([{ ...record(topics.state, 'gone', '5'), partition }]);
        await suite.log.append([{ ...record(topics.state, 'gone', null), partition }]);
        await suite.log.append([{ ...record(topics.commands, 'a', `first of ${partition}`), partition }]);
      }
      const calls = new Map<number, string[]>();
      const past0 = new Map<number, LogRecord[]>();
      const counts = new Map<number, Map<string, string>>();
      const started = await suite.log.process({
        name: `p-${randomUUID()}`,
        input: topics.commands,
        positions: topics.positions,
        restore: [topics.state, past],
        open(partition) {
          calls.set(partition, ['open']);
          past0.set(partition, []);
          counts.set(partition, new Map());
          return {
            restore(record) {
              expect(record.partition).toBe(partition);
              if (calls.get(partition)?.at(-1) !== 'restore') calls.get(partition)?.push('restore');
              if (record.topic === past) past0.get(partition)?.push(record);
              else if (record.value === null) counts.get(partition)?.delete(record.key ?? '');
              else counts.get(partition)?.set(record.key ?? '', record.value.toString());
            },
            restored: () => void calls.get(partition)?.push('restored'),
            step(batch) {
              calls.get(partition)?.push('step');
              const value = `${counts.get(partition)?.get('a')} ${counts.get(partition)?.has('gone')} ${batch[0]?.value}`;
              return { records: [{ topic: topics.events, partition, key: 'a', value, headers: {} }], committed() {} };
            },
            close: () => void calls.get(partition)?.push('close'),
          };
        },
      });
      running.push(started);
      await started.caughtUp();
      await started.stop();
      for (const partition of [0, 1]) {
        expect(calls.get(partition)).toEqual(['open', 'restore', 'restored', 'step', 'close']);
        expect(past0.get(partition)?.map((each) => each.value?.toString())).toEqual(
          Array.from({ length: 2500 }, (_, i) => String(i)),
        );
        expect((await readAll(topics.events, partition)).map((each) => each.value?.toString())).toEqual([
          `40 false first of ${partition}`,
        ]);
      }
    });

    it('commits what restoring asks for before the first step, without any input, and tells the position', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      const calls: string[] = [];
      const start = async (): Promise<Running> => {
        const started = await suite.log.process({
          ...{ name, input: topics.commands, positions: topics.positions, restore: [] },
          open(partition) {
            let left = partition === 0 ? 2 : 0;
            return {
              restore() {},
              restored(position) {
                if (partition === 0) calls.push(`restored ${position}`);
              },
              settle() {
                if (left === 0) return undefined;
                const written = { topic: topics.events, partition, key: 'x', value: String(left), headers: {} };
                return {
                  records: [written],
                  committed() {
                    left--;
                    calls.push('settled');
                  },
                };
              },
              step() {
                if (partition === 0) calls.push('step');
                return { records: [], committed() {} };
              },
              close() {},
            };
          },
        });
        running.push(started);
        await started.caughtUp();
        return started;
      };
      const first = await start();
      // Not a word from any input: it is written all the same.
      await expect.poll(() => calls).toEqual(['restored 0', 'settled', 'settled']);
      await suite.log.append([{ ...record(topics.commands, 'a', 'one'), partition: 0 }]);
      await first.caughtUp();
      await first.stop();
      const [position] = (
        await suite.log.committed({ name, input: topics.commands, positions: topics.positions })
      ).filter(({ partition }) => partition === 0);
      await (await start()).stop();
      expect(calls.slice(3)).toEqual(['step', `restored ${position?.offset}`, 'settled', 'settled']);
      expect((await readAll(topics.events, 0)).map(({ value }) => String(value))).toEqual(['2', '1', '2', '1']);
    });

    it('reads each topic from where the process says, tells it the log, its position and the ends, and more topics whole', async () => {
      const topics = await countingTopics();
      const past = await newTopic();
      const name = `p-${randomUUID()}`;
      const partition = 0;
      await suite.log.append(range(0, 2500).map((i) => ({ ...record(past, 'k', `${i}`), partition })));
      await suite.log.append(range(0, 3).map((i) => ({ ...record(topics.state, `k${i}`, `${i}`), partition })));
      await suite.log.append([{ ...record(topics.commands, 'a', 'one'), partition }]);
      const starts: RestoreStart[] = [];
      const read: string[] = [];
      const run = async (from: number): Promise<void> => {
        read.splice(0);
        const more = [topics.events];
        const started = await suite.log.process({
          ...{ name, input: topics.commands, positions: topics.positions, restore: [topics.state, past] },
          open: (opened) => ({
            restoreFrom(start) {
              if (opened === partition) starts.push(start);
              return new Map(opened === partition ? [[past, from]] : []);
            },
            restore: ({ topic, value }) => void read.push(topic === topics.state ? `state ${value}` : `${value}`),
            restored: () => (opened === partition ? more.splice(0) : []),
            step: () => ({ records: [{ ...record(topics.events, 'e', 'event'), partition }], committed() {} }),
            close() {},
          }),
        });
        running.push(started);
        await started.caughtUp();
        await started.stop();
      };
      await run(2498);
      expect(read.sort()).toEqual(['2498', '2499', 'state 0', 'state 1', 'state 2']);
      const [position] = (
        await suite.log.committed({ name, input: topics.commands, positions: topics.positions })
      ).filter((each) => each.partition === partition);
      await suite.reopen();
      // To the very end: there is nothing to be read.
      await run(2500);
      expect(read.sort()).toEqual(['event', 'state 0', 'state 1', 'state 2']);
      expect(starts.map((each) => each.position)).toEqual([0, position?.offset]);
      for (const { ends } of starts) {
        expect(ends.get(past)).toBe(2500);
        expect(ends.get(topics.state)).toBe(3);
      }
      const identity = await suite.log.identity();
      expect(identity).not.toBe('');
      expect(starts.map(({ log }) => log)).toEqual([identity, identity]);
    });

    it('tells each step what it wrote to the topics it restores from, and whether somebody else wrote there between', async () => {
      const topics = await countingTopics();
      const partition = 0;
      await suite.log.append([{ ...record(topics.state, 'a', '1'), partition }]);
      const told: [LogRecord | undefined, WrittenTopics | undefined][] = [];
      const started = await suite.log.process({
        ...{ name: `p-${randomUUID()}`, input: topics.commands, positions: topics.positions, restore: [topics.state] },
        open: () => ({
          restore() {},
          restored() {},
          step: (batch) => ({
            records: [
              ...['a', 'b'].map((key) => ({ ...record(topics.state, key, `${batch[0]?.value}`), partition })),
              { ...record(topics.events, 'a', 'event'), partition },
              // The same topic, another partition: that is not restored here.
              { ...record(topics.state, 'c', '1'), partition: 1 },
            ],
            committed: (written) => void told.push([batch[0], written]),
          }),
          close() {},
        }),
      });
      running.push(started);
      await started.caughtUp();
      for (const value of ['one', 'two', 'three', 'four']) {
        if (value === 'three') await suite.log.append([{ ...record(topics.state, 'a', 'foreign'), partition }]);
        await suite.log.append([{ ...record(topics.commands, 'a', value), partition }]);
        await started.caughtUp();
      }
      expect(told.map(([record, written]) => [record?.value?.toString(), [...(written?.keys() ?? [])]])).toEqual(
        ['one', 'two', 'three', 'four'].map((value) => [value, [topics.state]]),
      );
      const state = told.map(([, written]) => written?.get(topics.state));
      expect(state.map((each) => each?.joined)).toEqual([true, true, false, true]);
      const last = new Map((await readAll(topics.state, partition)).map(({ key, offset }) => [key, offset]));
      expect(state.at(-1)?.last).toBe(last.get('b'));
    });

    it('says which record it was that restoring fails on', async () => {
      const topics = await countingTopics();
      await suite.log.append([{ ...record(topics.state, 'a', '?'), partition: 1 }]);
      const started = await suite.log.process({
        ...{
          name: `p-${randomUUID()}`,
          input: topics.commands,
          positions: topics.positions,
          restore: [topics.state],
        },
        open: () => ({
          restore() {
            throw new Error('it is not ours');
          },
          restored() {},
          step: () => ({ records: [], committed() {} }),
          close() {},
        }),
      });
      running.push(started);
      const said = `restoring from ${topics.state}, partition 1, offset 0: it is not ours`;
      await expect
        .poll(() => started.health(), { timeout: 10_000 })
        .toMatchObject({ state: 'trouble', detail: expect.stringContaining(said) });
    });
  });
}
