/** Processing: each command once and in order, whatever fails, and what a step writes. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../log/event-log.ts';
import { partitionOf } from '../../log/partition-of.ts';
import type { CountingProbe, CountingTopics } from '../children/counting-process.ts';
import { batchName, commands, record } from './records.ts';
import { type LogUnderTest, PARTITIONS, PATIENCE, until } from './under-test.ts';

export function processContract(suite: LogUnderTest): void {
  const { countingTopics, process, committed, readAll, newest, expectEachCommandOnce, running } = suite;

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

    it('handles each record once and in order where processors of one process ask one another, whatever others write there', async () => {
      const [forth, back] = [await countingTopics(), await countingTopics()];
      const taken: LogRecord[] = [];
      const asks = async (from: CountingTopics, to: CountingTopics) => {
        const started = await suite.log.process({
          ...{ name: `p-${randomUUID()}`, input: from.commands, positions: from.positions, restore: [] },
          open: () => ({
            restore() {},
            restored() {},
            step: (batch) => ({
              // The value says how many are still to be asked, with other keys and so of other partitions.
              records: batch.flatMap(({ key, value }) => {
                const left = Number(value) - 1;
                return left < 0 ? [] : [record(to.commands, `${key}${left % 3}`.slice(-12), String(left))];
              }),
              committed: () => void taken.push(...batch),
            }),
            close() {},
          }),
        });
        running.push(started);
      };
      await Promise.all([asks(forth, back), asks(back, forth)]);
      const topics = [forth.commands, back.commands];
      for (let round = 0; round < 20; round++) {
        await suite.log.append(topics.map((topic) => record(topic, `k${round}`, String(round))));
      }
      // A record of the number n asks for n more.
      const all = 2 * Array.from({ length: 20 }, (_, n) => n + 1).reduce((sum, records) => sum + records, 0);
      await expect.poll(() => taken.length, { timeout: PATIENCE }).toBe(all);
      for (const topic of topics) {
        for (const partition of [0, 1]) {
          const here = taken.filter((each) => each.topic === topic && each.partition === partition);
          const stands = await readAll(topic, partition);
          expect(here.map(({ offset, key, value }) => [offset, key, String(value)])).toEqual(
            stands.map(({ offset, key, value }) => [offset, key, String(value)]),
          );
        }
      }
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
  });
}
