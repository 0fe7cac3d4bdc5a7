/** Appending: positions, order, what comes back, and what outlives the process. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../log/event-log.ts';
import { partitionOf } from '../../log/partition-of.ts';
import { byPosition, place, record } from './records.ts';
import { killed, type LogUnderTest, PARTITIONS, until } from './under-test.ts';

export function appendContract(suite: LogUnderTest): void {
  const { reopen, whileClosed, newTopic, readAll, child } = suite;

  describe('append', () => {
    it('returns the positions in the order of the records', async () => {
      const topic = await newTopic();
      const records = Array.from({ length: 30 }, (_, i) => record(topic, `key-${i}`, `value-${i}`));
      const positions = await suite.log.append(records);
      expect(positions.map((each) => each.partition)).toEqual(records.map((each) => partitionOf(each.key, PARTITIONS)));
      const found = byPosition(await readAll(topic));
      expect(positions.map((each) => found.get(place(each))?.value?.toString())).toEqual(
        records.map((each) => each.value),
      );
    });

    it('writes to the partition that a record names, whatever its key', async () => {
      const topic = await newTopic();
      await suite.log.append([0, 1].map((partition) => ({ ...record(topic, 'same', String(partition)), partition })));
      for (const partition of [0, 1]) {
        expect((await readAll(topic, partition)).map((each) => each.value?.toString())).toEqual([String(partition)]);
      }
    });

    it('resolves at once with nothing when there is nothing to append', async () => {
      expect(await suite.log.append([])).toEqual([]);
    });

    it('refuses a topic that does not exist', async () => {
      await expect(suite.log.append([record(`missing-${randomUUID()}`, 'a', 'b')])).rejects.toThrow(/missing-/);
    });

    it('always keeps the order within a call, and of calls that follow one another, however calls overlap', async () => {
      const calls = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 8 }), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 5 }), async (callers) => {
          const topic = await newTopic();
          const appended = await Promise.all(
            callers.map(async (calls, caller) => {
              const mine: { key: string; value: string; position: Position | undefined }[] = [];
              for (const keys of calls) {
                const values = keys.map((_, i) => `${caller}/${mine.length + i}`);
                const positions = await suite.log.append(keys.map((key, i) => record(topic, key, values[i] ?? '')));
                keys.forEach((key, i) => void mine.push({ key, value: values[i] ?? '', position: positions[i] }));
              }
              return mine;
            }),
          );
          const found = byPosition(await readAll(topic));
          expect(found.size).toBe(appended.flat().length);
          for (const mine of appended) {
            const last = new Map<number, number>();
            for (const { key, value, position } of mine) {
              if (position === undefined) throw new Error(`no position for ${value}`);
              expect(found.get(place(position))).toMatchObject({ key, value: Buffer.from(value) });
              expect(position.offset).toBeGreaterThan(last.get(position.partition) ?? -1);
              last.set(position.partition, position.offset);
            }
          }
        }),
        { numRuns: 6 },
      );
    });

    it('always gives back keys, headers and values as they were, tombstones and bytes that are no text included', async () => {
      const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' });
      const text = fc.string({ maxLength: 40, unit: 'binary' });
      const value = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.string({ maxLength: 60, unit: 'binary' }),
        fc.constant(null),
      );
      const key = fc.string({ minLength: 1, maxLength: 64, unit: 'binary' });
      const entries = fc.array(
        fc.record({ key, value, headers: fc.dictionary(name, text, { noNullPrototype: true }) }),
        {
          minLength: 1,
          maxLength: 20,
        },
      );
      await fc.assert(
        fc.asyncProperty(entries, async (entries) => {
          const topic = await newTopic();
          const before = Date.now();
          await suite.log.append(entries.map((entry) => ({ topic, partition: 1, ...entry })));
          const found = await readAll(topic, 1);
          expect(found.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(
            entries.map((entry) => ({
              ...entry,
              value: typeof entry.value === 'string' ? Buffer.from(entry.value) : entry.value,
            })),
          );
          // Clocks of two machines differ; an hour is enough to tell milliseconds from seconds.
          for (const { timestamp } of found) expect(Math.abs(timestamp - before)).toBeLessThan(3_600_000);
        }),
        { numRuns: 8 },
      );
    });

    it('keeps a value of a megabyte less a little', async () => {
      const topic = await newTopic();
      const value = Buffer.alloc(900_000, 7);
      await suite.log.append([{ topic, partition: 0, key: 'big', value, headers: {} }]);
      expect((await readAll(topic, 0))[0]?.value?.equals(value)).toBe(true);
    });

    it('loses nothing that it acknowledged when its process is killed', async () => {
      const topic = await newTopic();
      const lines = await whileClosed(async () => {
        const { process, lines, errors } = child('append-until-killed.ts', topic);
        await until(() => expect(lines.length, errors.join('')).toBeGreaterThan(500));
        await killed(process);
        return lines;
      });
      const found = byPosition(await readAll(topic));
      for (const line of lines) {
        const [partition, offset, value] = line.split(' ');
        expect(found.get(`${partition}@${offset}`)?.value?.toString()).toBe(value);
      }
    });

    it('goes on after the last record when opened again', async () => {
      const topic = await newTopic();
      const [first] = await suite.log.append([record(topic, 'a', 'first')]);
      await reopen();
      const [second] = await suite.log.append([record(topic, 'a', 'second')]);
      expect(second?.offset).toBeGreaterThan(first?.offset ?? Number.NaN);
      expect((await readAll(topic)).map((each) => each.value?.toString())).toEqual(['first', 'second']);
    });
  });
}
