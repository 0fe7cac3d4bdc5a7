/** Following: every record to each follower, or shared among those of one name, without a gap. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FollowBatch } from '../../log/event-log.ts';
import { detached, headerOf } from '../../log/lazy-record.ts';
import { ascending, commands, expectJoined, numbered, range, record, valuesOf } from './records.ts';
import { type LogUnderTest, PARTITIONS, until } from './under-test.ts';

export function followContract(suite: LogUnderTest): void {
  const { newTopic, countingTopics, process, follow } = suite;

  describe('follow', () => {
    it('sees what is written from now on, and nothing from before', async () => {
      const topic = await newTopic();
      await suite.log.append(numbered(topic, 0, 10));
      const seen: FollowBatch[] = [];
      await follow({ name: 'f', topics: [topic], from: 'now', onBatch: (batch) => void seen.push(batch) });
      await suite.log.append(numbered(topic, 10, 20));
      await until(() => expect(valuesOf(seen)).toHaveLength(10));
      expect(valuesOf(seen).map(Number).sort(ascending)).toEqual(range(10, 20));
    });

    it('sees everything from the beginning, in order, and batches join without a gap', async () => {
      const [one, two] = [await newTopic(), await newTopic()];
      await suite.log.append([...numbered(one, 0, 1500), ...numbered(two, 1500, 1600)]);
      const seen: FollowBatch[] = [];
      const following = await follow({
        name: 'f',
        topics: [one, two],
        from: 'beginning',
        onBatch: (batch) => void seen.push(batch),
      });
      await suite.log.append(numbered(two, 1600, 2000));
      await following.reached(await suite.log.ends([one, two]));
      expect(valuesOf(seen).map(Number).sort(ascending)).toEqual(range(0, 2000));
      expectJoined(seen);
      for (const partition of [0, 1]) {
        const values = valuesOf(seen.filter((each) => each.topic === one && each.partition === partition)).map(Number);
        expect(values).toEqual([...values].sort(ascending));
      }
    });

    it('sees the same of records that stay unread until somebody asks, also when they are kept', async () => {
      const topic = await newTopic();
      const headers = { ce_id: 'one', ce_issuedby: 'ada', other: '' };
      await suite.log.append([{ topic, key: 'a', value: 'x', headers, partition: 0 }]);
      await suite.log.append([{ topic, key: 'b', value: null, headers: {}, partition: 0 }]);
      const seen: FollowBatch[] = [];
      const onBatch = (batch: FollowBatch) => void seen.push(batch);
      const following = await follow({ name: 'f', topics: [topic], from: 'beginning', lazy: true, onBatch });
      await following.reached(await suite.log.ends([topic]));
      const records = seen.flatMap((batch) => batch.records);
      for (const [one, two] of [records, records.map(detached)]) {
        expect(one).toMatchObject({ topic, partition: 0, key: 'a', value: Buffer.from('x') });
        expect(one && ['ce_issuedby', 'ce_id', 'other', 'none'].map((name) => headerOf(one, name))).toEqual([
          'ada',
          'one',
          '',
          undefined,
        ]);
        expect(one?.headers).toMatchObject(headers);
        expect(two).toMatchObject({ key: 'b', value: null });
      }
    });

    it('begins at the position given for each partition', async () => {
      const topic = await newTopic();
      const positions = await suite.log.append(numbered(topic, 0, 40));
      const from = new Map([0, 1].map((p) => [p, positions.filter((each) => each.partition === p)[5]?.offset ?? 0]));
      const seen: FollowBatch[] = [];
      const following = await follow({
        name: 'f',
        topics: [topic],
        from: async ({ partition }) => from.get(partition) ?? 0,
        onBatch: (batch) => void seen.push(batch),
      });
      await following.reached(await suite.log.ends([topic]));
      for (const partition of [0, 1]) {
        const records = seen.filter((each) => each.partition === partition).flatMap((each) => each.records);
        expect(records[0]?.offset).toBe(from.get(partition));
        expect(seen.find((each) => each.partition === partition)?.from).toBe(from.get(partition));
      }
      expect(valuesOf(seen)).toHaveLength(30);
    });

    it('shows every record to each of several followers', async () => {
      const topic = await newTopic();
      const seen: FollowBatch[][] = [[], []];
      const both = await Promise.all(
        seen.map((mine) =>
          follow({ name: 'same', topics: [topic], from: 'beginning', onBatch: (batch) => void mine.push(batch) }),
        ),
      );
      await suite.log.append(numbered(topic, 0, 50));
      const ends = await suite.log.ends([topic]);
      await Promise.all(both.map((each) => each.reached(ends)));
      for (const mine of seen) expect(valuesOf(mine).map(Number).sort(ascending)).toEqual(range(0, 50));
    });

    it('splits the partitions among those who share a name, and hands them over', async () => {
      const topic = await newTopic();
      const handled = new Map<number, number>();
      const positions = new Map<number, number>();
      const options = {
        name: `shared-${randomUUID()}`,
        topics: [topic],
        from: async ({ partition }: { partition: number }) => positions.get(partition) ?? 0,
        shared: true,
        onBatch(batch: FollowBatch): 'restart' | undefined {
          // As a view store does: a batch that does not start where the last one ended is refused.
          if (batch.from !== (positions.get(batch.partition) ?? batch.from)) return 'restart';
          positions.set(batch.partition, batch.next);
          for (const each of batch.records) {
            const value = Number(each.value?.toString());
            handled.set(value, (handled.get(value) ?? 0) + 1);
          }
          return undefined;
        },
      };
      const [first] = [await follow(options), await follow(options)];
      await suite.log.append(numbered(topic, 0, 200));
      await until(() => expect(handled.size).toBe(200));
      await first?.stop();
      await suite.log.append(numbered(topic, 200, 300));
      await until(() => expect(handled.size).toBe(300));
      expect([...handled.values()].every((times) => times === 1)).toBe(true);
    });

    it('gives the same batch again after onBatch threw, and says that there is trouble meanwhile', async () => {
      const topic = await newTopic();
      const tries: FollowBatch[] = [];
      let failing = true;
      const following = await follow({
        name: 'f',
        topics: [topic],
        from: 'beginning',
        async onBatch(batch) {
          if (batch.records.length === 0) return;
          tries.push(batch);
          if (failing) throw new Error('views are away');
        },
      });
      await suite.log.append(Array.from({ length: 5 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
      await until(() => expect(tries.length).toBeGreaterThan(1));
      expect(following.health()).toMatchObject({
        state: 'trouble',
        detail: expect.stringContaining('views are away'),
      });
      failing = false;
      await following.reached(await suite.log.ends([topic]));
      await until(() => expect(following.health()).toEqual({ state: 'running' }));
      const firstOffsets = tries.map((each) => each.from);
      expect(firstOffsets[1]).toBe(firstOffsets[0]);
      const again = tries[1]?.records.map((each) => each.offset) ?? [];
      expect(again.slice(0, tries[0]?.records.length)).toEqual(tries[0]?.records.map((each) => each.offset));
      const success = tries.findIndex(
        (_, i) => i === tries.length - 1 || (tries[i + 1]?.from ?? 0) > (tries[i]?.from ?? 0),
      );
      expect(valuesOf(tries.slice(success))).toEqual(['0', '1', '2', '3', '4']);
    });

    it('asks for the position again when told to restart', async () => {
      const topic = await newTopic();
      await suite.log.append(Array.from({ length: 9 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
      let asked = 0;
      const seen: FollowBatch[] = [];
      const following = await follow({
        name: 'f',
        topics: [topic],
        from: async ({ partition }) => (partition === 0 && asked++ > 0 ? 4 : 0),
        onBatch(batch) {
          if (batch.partition !== 0) return undefined;
          seen.push(batch);
          return asked === 1 ? 'restart' : undefined;
        },
      });
      await until(() => expect(asked).toBe(2));
      await following.reached(await suite.log.ends([topic]));
      expect(seen[0]?.from).toBe(0);
      expect(seen[1]?.from).toBe(4);
      expect(valuesOf(seen.slice(1))).toEqual(['4', '5', '6', '7', '8']);
    });

    it('never gives a partition a second batch before the first is done', async () => {
      const topic = await newTopic();
      const busy = new Set<number>();
      let overlaps = 0;
      let count = 0;
      await follow({
        name: 'f',
        topics: [topic],
        from: 'beginning',
        async onBatch({ partition, records }) {
          if (busy.has(partition)) overlaps += 1;
          busy.add(partition);
          await new Promise((resolve) => setImmediate(resolve));
          busy.delete(partition);
          count += records.length;
        },
      });
      for (let i = 0; i < 30; i++) await suite.log.append(numbered(topic, i * 10, i * 10 + 10));
      await until(() => expect(count).toBe(300));
      expect(overlaps).toBe(0);
    });

    it('reaches the ends when the last records came from a processor', async () => {
      const topics = await countingTopics();
      const seen: FollowBatch[] = [];
      const following = await follow({
        name: 'f',
        topics: [topics.events, topics.state],
        from: 'now',
        onBatch: (batch) => void seen.push(batch),
      });
      const started = await process(`p-${randomUUID()}`, topics);
      await suite.log.append(commands(topics, 30));
      await started.caughtUp();
      await following.reached(await suite.log.ends([topics.events, topics.state]));
      expect(seen.filter((each) => each.topic === topics.events).flatMap((each) => each.records)).toHaveLength(30);
      await following.reached([{ topic: 'not followed', partition: 0, offset: 1_000_000 }]);
      await following.caughtUp();
      expectJoined(seen);
      expect(following.partitions()).toHaveLength(2 * PARTITIONS);
      await until(() => expect(following.partitions().every((each) => each.lag === 0)).toBe(true));
    });

    it('is caught up once it has handled what the log held, and calls nothing after it was stopped', async () => {
      const topic = await newTopic();
      await suite.log.append(numbered(topic, 0, 2500));
      let count = 0;
      const following = await follow({
        name: 'f',
        topics: [topic],
        from: 'beginning',
        onBatch({ records }) {
          count += records.length;
        },
      });
      await following.caughtUp();
      expect(count).toBe(2500);
      await following.stop();
      expect(following.health()).toEqual({ state: 'stopped' });
      await suite.log.append(numbered(topic, 0, 10));
      const other = await follow({ name: 'g', topics: [topic], from: 'beginning', onBatch: () => undefined });
      await other.reached(await suite.log.ends([topic]));
      expect(count).toBe(2500);
    });
  });
}
