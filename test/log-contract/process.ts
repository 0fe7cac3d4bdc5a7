/** Processing: each command once and in order, whatever fails, stops, or takes over on the way. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogRecord, Running } from '../../log/event-log.ts';
import { partitionOf } from '../../log/partition-of.ts';
import type { CountingProbe } from '../children/counting-process.ts';
import { batchName, commands, record } from './records.ts';
import { killed, type LogUnderTest, PARTITIONS, until } from './under-test.ts';

export function processContract(suite: LogUnderTest): void {
  const {
    reopen,
    whileClosed,
    newTopic,
    countingTopics,
    process,
    committed,
    readAll,
    newest,
    child,
    expectEachCommandOnce,
    running,
  } = suite;

  describe('process', () => {
    it('handles every command once and in order, with whole batches and with bounded ones', async () => {
      for (const maxBatch of [undefined, 7]) {
        const topics = await countingTopics();
        const sizes: number[] = [];
        await suite.log.append(commands(topics, 100));
        const name = `p-${randomUUID()}`;
        const probe = { beforeStep: (batch: readonly LogRecord[]) => void sizes.push(batch.length) };
        const started = await process(name, topics, probe, maxBatch);
        await Promise.all(Array.from({ length: 50 }, () => suite.log.append(commands(topics, 3))));
        await started.caughtUp();
        await expectEachCommandOnce(topics);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(maxBatch ?? 1000);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
      }
    });

    it('says how it goes: running, with every partition, its position and no lag once it has caught up', async () => {
      const topics = await countingTopics();
      await suite.log.append(commands(topics, 20));
      const started = await process(`p-${randomUUID()}`, topics);
      await started.caughtUp();
      expect(started.health()).toEqual({ state: 'running' });
      await until(() =>
        expect(started.partitions().map((each) => [each.state, each.lag])).toEqual([
          ['running', 0],
          ['running', 0],
        ]),
      );
      expect(
        started
          .partitions()
          .map((each) => `${each.topic}/${each.partition}`)
          .sort(),
      ).toEqual([`${topics.commands}/0`, `${topics.commands}/1`]);
      await started.stop();
      expect(started.health()).toEqual({ state: 'stopped' });
    });

    it('is caught up at once on a topic without records', async () => {
      const topics = await countingTopics();
      await (await process(`p-${randomUUID()}`, topics)).caughtUp();
      expect(await readAll(topics.events)).toEqual([]);
    });

    it('calls committed after the outputs and the position are on the log, once per step', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      const checks: Promise<void>[] = [];
      const steps: string[] = [];
      const probe: CountingProbe = {
        beforeStep: (batch) => void steps.push(batchName(batch)),
        committed: (batch) => {
          steps.push(`${batchName(batch)} committed`);
          checks.push(
            (async () => {
              const last = batch.at(-1);
              if (last === undefined) throw new Error('a step without records');
              const stored = (await committed(name, topics)).find((p) => p.partition === last.partition);
              expect(stored?.offset).toBeGreaterThan(last.offset);
              const events = (await readAll(topics.events, last.partition)).map((each) => each.value?.toString());
              for (const { value } of batch) expect(events.some((event) => event?.endsWith(`:${value}`))).toBe(true);
            })(),
          );
        },
      };
      const started = await process(name, topics, probe, 4);
      await suite.log.append(commands(topics, 25));
      await started.caughtUp();
      await started.stop();
      await Promise.all(checks);
      expect(checks.length).toBeGreaterThan(1);
      for (const step of new Set(steps)) expect(steps.filter((each) => each === step)).toHaveLength(1);
      expect(steps.filter((each) => each.endsWith('committed'))).toHaveLength(steps.length / 2);
    });

    it('shows nothing of a step that throws, says so, opens the partition again and goes on', async () => {
      const topics = await countingTopics();
      const opened: number[] = [];
      const closed: number[] = [];
      let failures = 0;
      const probe: CountingProbe = {
        opened: (partition) => void opened.push(partition),
        closed: (partition) => void closed.push(partition),
        beforeStep: (batch) => {
          if (failures < 2 && batch.some((each) => each.value?.toString() === 'bad')) {
            failures += 1;
            throw new Error('out of order');
          }
        },
      };
      const name = `p-${randomUUID()}`;
      const started = await process(name, topics, probe);
      await started.caughtUp();
      const troubles: string[] = [];
      const watch = setInterval(() => {
        const health = started.health();
        if (health.state === 'trouble') troubles.push(health.detail);
      }, 1);
      try {
        await suite.log.append(['good', 'bad', 'good'].map((value) => record(topics.commands, 'a', value)));
        await started.caughtUp();
      } finally {
        clearInterval(watch);
      }
      expect(failures).toBe(2);
      expect(troubles.some((detail) => detail.includes('out of order'))).toBe(true);
      await until(() => expect(started.health()).toEqual({ state: 'running' }));
      const partition = partitionOf('a', PARTITIONS);
      expect(opened.filter((each) => each === partition)).toHaveLength(3);
      expect(closed.filter((each) => each === partition)).toHaveLength(2);
      await expectEachCommandOnce(topics);
    });

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

    it('writes to other topics and partitions in the same step', async () => {
      const topics = await countingTopics();
      const started = await suite.log.process({
        name: `p-${randomUUID()}`,
        input: topics.commands,
        positions: topics.positions,
        restore: [],
        open: (partition) => ({
          restore() {},
          restored() {},
          step: (batch) => ({
            records: batch.flatMap(({ value }) => [
              {
                topic: topics.events,
                partition: 1 - partition,
                key: 'x',
                value,
                headers: { from: String(partition) },
              },
              { topic: topics.state, key: `key-${value}`, value, headers: {} },
            ]),
            committed() {},
          }),
          close() {},
        }),
      });
      running.push(started);
      await suite.log.append(commands(topics, 20));
      await started.caughtUp();
      for (const partition of [0, 1]) {
        const inputs = (await readAll(topics.commands, partition)).map((each) => each.value?.toString());
        const outputs = await readAll(topics.events, 1 - partition);
        expect(outputs.map((each) => each.value?.toString())).toEqual(inputs);
        expect(outputs.every((each) => each.headers['from'] === String(partition))).toBe(true);
        for (const { key } of await readAll(topics.state, partition)) {
          expect(partitionOf(key ?? '', PARTITIONS)).toBe(partition);
        }
      }
      expect((await newest(topics.state)).size).toBe(20);
    });

    it('tells no position before the end of what was written with it', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      const started = await process(name, topics, {}, 1);
      const appended = await suite.log.append(commands(topics, 100));
      const done = started.caughtUp().then(() => true);
      do {
        const positions = await committed(name, topics);
        const ends = new Map((await suite.log.ends([topics.events])).map((end) => [end.partition, end.offset]));
        // One event for each command, in the same partition.
        for (const { partition, offset } of positions) expect(ends.get(partition)).toBeGreaterThanOrEqual(offset);
      } while (!(await Promise.race([done, new Promise((resolve) => setImmediate(resolve, false))])));
      expect(appended).toHaveLength(100);
    });

    it('commits the step under way when stopped, and goes on exactly there when started or opened again', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      expect(await committed(name, topics)).toEqual([]);
      for (let round = 0; round < 4; round++) {
        const appending = Array.from({ length: 30 }, () => suite.log.append(commands(topics, 2)));
        let steps = 0;
        const started = await process(name, topics, { committed: () => void steps++ }, 3);
        await until(() => expect(steps).toBeGreaterThan(2));
        await started.stop();
        const stopped = steps;
        await Promise.all(appending);
        const handled = await readAll(topics.events);
        expect(steps).toBe(stopped);
        // The events there are are those before the committed positions, no more and no less.
        const positions = await committed(name, topics);
        const inputs = await readAll(topics.commands);
        const before = inputs.filter((input) =>
          positions.some((each) => each.partition === input.partition && input.offset < each.offset),
        );
        expect(handled).toHaveLength(before.length);
        if (round % 2 === 1) {
          await reopen();
          expect(await committed(name, topics)).toEqual(positions);
        }
      }
      await (await process(name, topics)).caughtUp();
      await expectEachCommandOnce(topics);
    });

    it('hands the partitions over to another process of the same name, with the state', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      const owners = new Map<number, string>();
      const probe = (owner: string): CountingProbe => ({
        committed: (batch) => void owners.set(batch[0]?.partition ?? -1, owner),
      });
      const first = await process(name, topics, probe('first'), 10);
      await suite.log.append(commands(topics, 50));
      await first.caughtUp();
      await process(name, topics, probe('second'), 10);
      const appending = Promise.all(Array.from({ length: 40 }, () => suite.log.append(commands(topics, 5))));
      await first.stop();
      await appending;
      await suite.log.append(commands(topics, 30));
      await until(() => expect([...owners.values()]).toEqual(['second', 'second']));
      await until(async () => expect(await readAll(topics.events)).toHaveLength(50 + 200 + 30));
      await expectEachCommandOnce(topics);
    });

    it('has each command handled once by two processors of different names', async () => {
      const commandsTopic = await newTopic();
      const [one, two] = [await countingTopics(), await countingTopics()].map((each) => ({
        ...each,
        commands: commandsTopic,
      }));
      if (one === undefined || two === undefined) throw new Error('two sets of topics');
      await suite.log.append(commands(one, 40));
      const both = await Promise.all([one, two].map((topics) => process(`p-${randomUUID()}`, topics)));
      await Promise.all(both.map((each) => each.caughtUp()));
      await expectEachCommandOnce(one);
      await expectEachCommandOnce(two);
    });

    it('has each command handled once, also when its process is killed on the way', async () => {
      const topics = await countingTopics();
      const name = `p-${randomUUID()}`;
      await suite.log.append(commands(topics, 2000));
      await whileClosed(async () => {
        const { process, lines, errors } = child(
          'process-until-killed.ts',
          name,
          topics.commands,
          topics.events,
          topics.state,
          topics.positions,
        );
        await until(() => expect(lines.length, errors.join('')).toBeGreaterThan(10));
        await killed(process);
      });
      expect((await readAll(topics.events)).length).toBeGreaterThanOrEqual(50);
      await (await process(name, topics)).caughtUp();
      await until(async () => expect(await readAll(topics.events)).toHaveLength(2000));
      await expectEachCommandOnce(topics);
    });
  });
}
