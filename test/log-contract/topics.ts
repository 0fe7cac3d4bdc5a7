/** Reading, ends and topics: what is there, where it ends, and which settings would lose it. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogUnavailable, TopicMisconfigured } from '../../log/event-log.ts';
import { record } from './records.ts';
import { type LogUnderTest, PARTITIONS } from './under-test.ts';

export function topicsContract(suite: LogUnderTest): void {
  const { reopen, newTopic, readAll, newest } = suite;

  describe('read, ends and topics', () => {
    it('reads from a position to the end', async () => {
      const topic = await newTopic();
      const positions = await suite.log.append(
        Array.from({ length: 10 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })),
      );
      const found = await readAll(topic, 0, positions[6]?.offset);
      expect(found.map((each) => each.value?.toString())).toEqual(['6', '7', '8', '9']);
      expect(found[0]?.offset).toBe(positions[6]?.offset);
    });

    it('ends a read where the log ended when it began, and reads an empty partition as nothing', async () => {
      const topic = await newTopic();
      expect(await readAll(topic)).toEqual([]);
      await suite.log.append(
        Array.from({ length: 5000 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })),
      );
      const values: string[] = [];
      for await (const batch of suite.log.read({ topic, partition: 0 })) {
        if (values.length === 0) await suite.log.append([{ ...record(topic, 'a', 'late'), partition: 0 }]);
        values.push(...batch.map((each) => each.value?.toString() ?? ''));
      }
      expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => String(i)));
    });

    it('reads single records by their positions, in the order asked for, and again and again', async () => {
      const topic = await newTopic();
      const other = await newTopic();
      const appended = await suite.log.append([
        ...Array.from({ length: 3000 }, (_, i) => ({
          ...record(topic, 'a', `${i} ${'v'.repeat(40)}`),
          partition: i % 2,
        })),
        { ...record(other, 'b', 'of another topic'), partition: 1 },
      ]);
      const picked = [2999, 3000, 0, 1, 1500, 4, 2, 0].map((i) => [appended[i], i] as const);
      const found = await suite.log.recordsAt(picked.flatMap(([position]) => position ?? []));
      expect(found.map((each) => each?.value?.toString().split(' v')[0])).toEqual(
        picked.map(([, i]) => (i === 3000 ? 'of another topic' : String(i))),
      );
      expect(found[0]).toMatchObject({ topic, partition: 1, key: 'a', offset: appended[2999]?.offset });
      expect(await suite.log.recordsAt([])).toEqual([]);
    });

    it('reads single records for many who ask at once', async () => {
      const topic = await newTopic();
      const positions = await suite.log.append(
        Array.from({ length: 200 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })),
      );
      const asked = await Promise.all(positions.map((position) => suite.log.recordsAt([position])));
      expect(asked.flat().map((each) => each?.value?.toString())).toEqual(positions.map((_, i) => String(i)));
    });

    it('refuses to read a record beyond the end, or of a topic that is not there', async () => {
      const topic = await newTopic();
      await suite.log.append([{ ...record(topic, 'a', '0'), partition: 0 }]);
      await expect(suite.log.recordsAt([{ topic, partition: 0, offset: 1000 }])).rejects.toThrow(LogUnavailable);
      const missing = { topic: `missing-${randomUUID()}`, partition: 0, offset: 0 };
      await expect(suite.log.recordsAt([missing])).rejects.toThrow(TopicMisconfigured);
    });

    it('lets a reader turn away before the end', async () => {
      const topic = await newTopic();
      await suite.log.append(
        Array.from({ length: 3000 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })),
      );
      for await (const batch of suite.log.read({ topic, partition: 0 })) {
        expect(batch[0]?.value?.toString()).toBe('0');
        break;
      }
      expect(await readAll(topic, 0)).toHaveLength(3000);
    });

    it('tells the end of every partition, and the end is after the last record', async () => {
      const topic = await newTopic();
      const empty = await suite.log.ends([topic]);
      expect(empty.map((each) => [each.topic, each.partition])).toEqual([
        [topic, 0],
        [topic, 1],
      ]);
      const positions = await suite.log.append([
        { ...record(topic, 'a', '1'), partition: 1 },
        { ...record(topic, 'a', '2'), partition: 1 },
      ]);
      const ends = await suite.log.ends([topic]);
      expect(ends[0]).toEqual(empty[0]);
      expect(ends[1]?.offset).toBe((positions[1]?.offset ?? Number.NaN) + 1);
    });

    it('creates topics that are missing and leaves the others alone', async () => {
      const [one, two] = [`t-${randomUUID()}`, `t-${randomUUID()}`];
      const spec = (name: string) => ({ name, partitions: PARTITIONS, retention: 'forever' as const });
      expect(await suite.log.createTopics([spec(one)])).toEqual([one]);
      await suite.log.append([record(one, 'a', 'kept')]);
      expect(await suite.log.createTopics([spec(one), spec(two)])).toEqual([two]);
      expect(await suite.log.createTopics([spec(one), spec(two)])).toEqual([]);
      expect((await readAll(one)).map((each) => each.value?.toString())).toEqual(['kept']);
    });

    it('tells which topics are not there', async () => {
      const name = `t-${randomUUID()}`;
      const there = await newTopic();
      expect(await suite.log.missingTopics([name, there])).toEqual([name]);
      await suite.log.createTopics([{ name, partitions: PARTITIONS, retention: 'forever' }]);
      expect(await suite.log.missingTopics([name, there])).toEqual([]);
    });

    it('finds nothing wrong with topics as they were created', async () => {
      const specs = (['forever', 'compact', { ms: 604_800_000 }] as const).map((retention) => ({
        name: `t-${randomUUID()}`,
        partitions: PARTITIONS,
        retention,
      }));
      await suite.log.createTopics(specs);
      await suite.log.checkTopics(specs);
      await reopen();
      await suite.log.checkTopics(specs);
    });

    it('refuses a topic that is missing, has other partitions, or would lose data, by name', async () => {
      const missing = { name: `t-${randomUUID()}`, partitions: PARTITIONS, retention: 'forever' as const };
      await expect(suite.log.checkTopics([missing])).rejects.toThrow(TopicMisconfigured);
      await expect(suite.log.checkTopics([missing])).rejects.toThrow(missing.name);
      const name = await newTopic({ ms: 1000 });
      const week = await newTopic({ ms: 604_800_000 });
      const compact = await newTopic('compact');
      for (const spec of [
        { name, partitions: PARTITIONS, retention: 'forever' as const },
        { name: week, partitions: PARTITIONS, retention: { ms: 2 * 604_800_000 } },
        { name: compact, partitions: PARTITIONS, retention: 'forever' as const },
        { name: compact, partitions: PARTITIONS + 1, retention: 'compact' as const },
      ]) {
        const refusal = suite.log.checkTopics([spec]);
        await expect(refusal).rejects.toThrow(TopicMisconfigured);
        await expect(refusal).rejects.toThrow(spec.name);
      }
    });

    it('always keeps the newest record of each key of a compact topic, and hides what a tombstone ended', async () => {
      const writes = fc.array(
        fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.option(fc.nat(), { freq: 3 }) }),
        { minLength: 1, maxLength: 40 },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(writes, { minLength: 1, maxLength: 4 }), async (calls) => {
          const topic = await newTopic('compact');
          const model = new Map<string, string>();
          let at = 0;
          for (const call of calls) {
            const records = call.map(({ key, value }) => record(topic, key, value === null ? null : String(value)));
            const positions = await suite.log.append(records);
            for (const { key, value } of call) {
              if (value === null) model.delete(key);
              else model.set(key, String(value));
            }
            expect(await newest(topic)).toEqual(model);
            const highest = Math.max(...positions.map((each) => each.offset));
            at = Math.max(at, highest);
          }
          const ends = await suite.log.ends([topic]);
          expect(Math.max(...ends.map((each) => each.offset))).toBe(at + 1);
        }),
        { numRuns: 6 },
      );
    });
  });
}
