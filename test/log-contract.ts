/**
 * The contract of the EventLog port: what every engine must do, run against each of them. A difference between engines is
 * found here; what only one engine has (settings, failures of its own) is tested beside it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  EventLog,
  FollowBatch,
  Following,
  LogRecord,
  NewRecord,
  Position,
  Retention,
  Running,
} from '../log/event-log.ts';
import { TopicMisconfigured } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { type CountingProbe, type CountingTopics, countingProcess } from './children/counting-process.ts';

/** An engine with storage of its own, which lives as long as one test file runs. */
export interface LogEngineUnderTest {
  /** Prepares the storage. Called once, before the first `open`. */
  start?(): Promise<void>;
  /** Opens the log; every call opens the same storage. The suite closes one before it opens the next. */
  open(): Promise<EventLog>;
  /**
   * Environment in which a child process opens the same storage: `LOG_MODULE` names a module, relative to
   * `test/children`, that exports `open(): Promise<EventLog>`; the rest is for that module.
   */
  childEnvironment(): Readonly<Record<string, string>>;
  /** Removes the storage. Called once, after the last log was closed. */
  stop?(): Promise<void>;
}

/** Longest wait for a condition, in ms: long enough for a consumer group to notice that a member was killed. */
const PATIENCE = 60_000;
const PARTITIONS = 2;

export function eventLogContract(name: string, engine: LogEngineUnderTest): void {
  describe(`event log contract: ${name}`, { timeout: 2 * PATIENCE }, () => {
    let log: EventLog;
    const running: Running[] = [];
    const children: ChildProcess[] = [];

    beforeAll(async () => {
      await engine.start?.();
      log = await engine.open();
    }, PATIENCE);
    afterEach(async () => {
      await Promise.all(running.splice(0).map((each) => each.stop()));
      await Promise.all(children.splice(0).map(killed));
    }, PATIENCE);
    afterAll(async () => {
      await log?.close();
      await engine.stop?.();
    }, PATIENCE);

    async function reopen(): Promise<void> {
      await log.close();
      log = await engine.open();
    }

    /** Runs `use` while this process has let go of the log, so that a child can open it. */
    async function whileClosed<T>(use: () => Promise<T>): Promise<T> {
      await log.close();
      try {
        return await use();
      } finally {
        log = await engine.open();
      }
    }

    async function newTopic(retention: Retention = 'forever', partitions = PARTITIONS): Promise<string> {
      const topic = `t-${randomUUID()}`;
      await log.createTopics([{ name: topic, partitions, retention }]);
      return topic;
    }

    async function countingTopics(): Promise<CountingTopics> {
      const [commands, events] = [await newTopic(), await newTopic()];
      return { commands, events, state: await newTopic('compact'), positions: await newTopic('compact') };
    }

    async function process(name: string, topics: CountingTopics, probe?: CountingProbe, maxBatch?: number) {
      const started = await log.process(countingProcess(name, topics, probe, maxBatch));
      running.push(started);
      return started;
    }

    function committed(name: string, { commands, positions }: CountingTopics): Promise<readonly Position[]> {
      return log.committed({ name, input: commands, positions });
    }

    async function follow(options: Parameters<EventLog['follow']>[0]): Promise<Following> {
      const started = await log.follow(options);
      running.push(started);
      return started;
    }

    async function readAll(topic: string, partition?: number, from?: number): Promise<LogRecord[]> {
      const partitions = partition === undefined ? Array.from({ length: PARTITIONS }, (_, i) => i) : [partition];
      const records: LogRecord[] = [];
      for (const partition of partitions) {
        for await (const batch of log.read({ topic, partition }, from)) records.push(...batch);
      }
      return records;
    }

    /** The newest value of each key, tombstones hidden. */
    async function newest(topic: string): Promise<Map<string, string>> {
      const values = new Map<string, string>();
      for (const { key, value } of await readAll(topic)) {
        if (key === null) continue;
        if (value === null) values.delete(key);
        else values.set(key, value.toString());
      }
      return values;
    }

    function child(script: string, ...args: string[]): { process: ChildProcess; lines: string[]; errors: string[] } {
      const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
      const spawned = spawn(globalThis.process.execPath, ['--import', 'tsx', path, ...args], {
        env: { ...globalThis.process.env, ...engine.childEnvironment() },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(spawned);
      const lines: string[] = [];
      const errors: string[] = [];
      let rest = '';
      spawned.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      });
      spawned.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
      return { process: spawned, lines, errors };
    }

    /** Every command was handled exactly once and in order: the events count up per key, and so does the state. */
    async function expectEachCommandOnce(topics: CountingTopics): Promise<void> {
      const expected: string[] = [];
      const counts = new Map<string, number>();
      for (let partition = 0; partition < PARTITIONS; partition++) {
        for (const { key, value } of await readAll(topics.commands, partition)) {
          if (key === null) continue;
          const count = (counts.get(key) ?? 0) + 1;
          counts.set(key, count);
          expected.push(`${partition} ${key} ${count}:${value?.toString()}`);
        }
      }
      const events = await readAll(topics.events);
      expect(events.map((each) => `${each.partition} ${each.key} ${each.value?.toString()}`)).toEqual(expected);
      const state = new Map([...counts].map(([key, count]) => [key, String(count)]));
      expect(await newest(topics.state)).toEqual(state);
    }

    describe('append', () => {
      it('returns the positions in the order of the records', async () => {
        const topic = await newTopic();
        const records = Array.from({ length: 30 }, (_, i) => record(topic, `key-${i}`, `value-${i}`));
        const positions = await log.append(records);
        expect(positions.map((each) => each.partition)).toEqual(
          records.map((each) => partitionOf(each.key, PARTITIONS)),
        );
        const found = byPosition(await readAll(topic));
        expect(positions.map((each) => found.get(place(each))?.value?.toString())).toEqual(
          records.map((each) => each.value),
        );
      });

      it('writes to the partition that a record names, whatever its key', async () => {
        const topic = await newTopic();
        await log.append([0, 1].map((partition) => ({ ...record(topic, 'same', String(partition)), partition })));
        for (const partition of [0, 1]) {
          expect((await readAll(topic, partition)).map((each) => each.value?.toString())).toEqual([String(partition)]);
        }
      });

      it('resolves at once with nothing when there is nothing to append', async () => {
        expect(await log.append([])).toEqual([]);
      });

      it('refuses a topic that does not exist', async () => {
        await expect(log.append([record(`missing-${randomUUID()}`, 'a', 'b')])).rejects.toThrow(/missing-/);
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
                  const positions = await log.append(keys.map((key, i) => record(topic, key, values[i] ?? '')));
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
            await log.append(entries.map((entry) => ({ topic, partition: 1, ...entry })));
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
        await log.append([{ topic, partition: 0, key: 'big', value, headers: {} }]);
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
        const [first] = await log.append([record(topic, 'a', 'first')]);
        await reopen();
        const [second] = await log.append([record(topic, 'a', 'second')]);
        expect(second?.offset).toBeGreaterThan(first?.offset ?? Number.NaN);
        expect((await readAll(topic)).map((each) => each.value?.toString())).toEqual(['first', 'second']);
      });
    });

    describe('read, ends and topics', () => {
      it('reads from a position to the end', async () => {
        const topic = await newTopic();
        const positions = await log.append(
          Array.from({ length: 10 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })),
        );
        const found = await readAll(topic, 0, positions[6]?.offset);
        expect(found.map((each) => each.value?.toString())).toEqual(['6', '7', '8', '9']);
        expect(found[0]?.offset).toBe(positions[6]?.offset);
      });

      it('ends a read where the log ended when it began, and reads an empty partition as nothing', async () => {
        const topic = await newTopic();
        expect(await readAll(topic)).toEqual([]);
        await log.append(Array.from({ length: 5000 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
        const values: string[] = [];
        for await (const batch of log.read({ topic, partition: 0 })) {
          if (values.length === 0) await log.append([{ ...record(topic, 'a', 'late'), partition: 0 }]);
          values.push(...batch.map((each) => each.value?.toString() ?? ''));
        }
        expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => String(i)));
      });

      it('lets a reader turn away before the end', async () => {
        const topic = await newTopic();
        await log.append(Array.from({ length: 3000 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
        for await (const batch of log.read({ topic, partition: 0 })) {
          expect(batch[0]?.value?.toString()).toBe('0');
          break;
        }
        expect(await readAll(topic, 0)).toHaveLength(3000);
      });

      it('tells the end of every partition, and the end is after the last record', async () => {
        const topic = await newTopic();
        const empty = await log.ends([topic]);
        expect(empty.map((each) => [each.topic, each.partition])).toEqual([
          [topic, 0],
          [topic, 1],
        ]);
        const positions = await log.append([
          { ...record(topic, 'a', '1'), partition: 1 },
          { ...record(topic, 'a', '2'), partition: 1 },
        ]);
        const ends = await log.ends([topic]);
        expect(ends[0]).toEqual(empty[0]);
        expect(ends[1]?.offset).toBe((positions[1]?.offset ?? Number.NaN) + 1);
      });

      it('creates topics that are missing and leaves the others alone', async () => {
        const [one, two] = [`t-${randomUUID()}`, `t-${randomUUID()}`];
        const spec = (name: string) => ({ name, partitions: PARTITIONS, retention: 'forever' as const });
        expect(await log.createTopics([spec(one)])).toEqual([one]);
        await log.append([record(one, 'a', 'kept')]);
        expect(await log.createTopics([spec(one), spec(two)])).toEqual([two]);
        expect(await log.createTopics([spec(one), spec(two)])).toEqual([]);
        expect((await readAll(one)).map((each) => each.value?.toString())).toEqual(['kept']);
      });

      it('finds nothing wrong with topics as they were created', async () => {
        const specs = (['forever', 'compact', { ms: 604_800_000 }] as const).map((retention) => ({
          name: `t-${randomUUID()}`,
          partitions: PARTITIONS,
          retention,
        }));
        await log.createTopics(specs);
        await log.checkTopics(specs);
        await reopen();
        await log.checkTopics(specs);
      });

      it('refuses a topic that is missing, has other partitions, or would lose data, by name', async () => {
        const missing = { name: `t-${randomUUID()}`, partitions: PARTITIONS, retention: 'forever' as const };
        await expect(log.checkTopics([missing])).rejects.toThrow(TopicMisconfigured);
        await expect(log.checkTopics([missing])).rejects.toThrow(missing.name);
        const name = await newTopic({ ms: 1000 });
        const week = await newTopic({ ms: 604_800_000 });
        const compact = await newTopic('compact');
        for (const spec of [
          { name, partitions: PARTITIONS, retention: 'forever' as const },
          { name: week, partitions: PARTITIONS, retention: { ms: 2 * 604_800_000 } },
          { name: compact, partitions: PARTITIONS, retention: 'forever' as const },
          { name: compact, partitions: PARTITIONS + 1, retention: 'compact' as const },
        ]) {
          const refusal = log.checkTopics([spec]);
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
              const positions = await log.append(records);
              for (const { key, value } of call) {
                if (value === null) model.delete(key);
                else model.set(key, String(value));
              }
              expect(await newest(topic)).toEqual(model);
              const highest = Math.max(...positions.map((each) => each.offset));
              at = Math.max(at, highest);
            }
            const ends = await log.ends([topic]);
            expect(Math.max(...ends.map((each) => each.offset))).toBe(at + 1);
          }),
          { numRuns: 6 },
        );
      });
    });

    describe('process', () => {
      it('handles every command once and in order, with whole batches and with bounded ones', async () => {
        for (const maxBatch of [undefined, 7]) {
          const topics = await countingTopics();
          const sizes: number[] = [];
          await log.append(commands(topics, 100));
          const name = `p-${randomUUID()}`;
          const probe = { beforeStep: (batch: readonly LogRecord[]) => void sizes.push(batch.length) };
          const started = await process(name, topics, probe, maxBatch);
          await Promise.all(Array.from({ length: 50 }, () => log.append(commands(topics, 3))));
          await started.caughtUp();
          await expectEachCommandOnce(topics);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(maxBatch ?? 1000);
          expect(Math.min(...sizes)).toBeGreaterThan(0);
        }
      });

      it('says how it goes: running, with every partition, its position and no lag once it has caught up', async () => {
        const topics = await countingTopics();
        await log.append(commands(topics, 20));
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
        await log.append(commands(topics, 25));
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
          await log.append(['good', 'bad', 'good'].map((value) => record(topics.commands, 'a', value)));
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
          await log.append(
            Array.from({ length: 2500 }, (_, i) => ({ ...record(past, `k${i % 3}`, `${i}`), partition })),
          );
          await log.append(['1', '2', null, '40'].map((value) => ({ ...record(topics.state, 'a', value), partition })));
          await log.append([{ ...record(topics.state, 'gone', '5'), partition }]);
          await log.append([{ ...record(topics.state, 'gone', null), partition }]);
          await log.append([{ ...record(topics.commands, 'a', `first of ${partition}`), partition }]);
        }
        const calls = new Map<number, string[]>();
        const past0 = new Map<number, LogRecord[]>();
        const counts = new Map<number, Map<string, string>>();
        const started = await log.process({
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

      it('writes to other topics and partitions in the same step', async () => {
        const topics = await countingTopics();
        const started = await log.process({
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
        await log.append(commands(topics, 20));
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
        const appended = await log.append(commands(topics, 100));
        const done = started.caughtUp().then(() => true);
        do {
          const positions = await committed(name, topics);
          const ends = new Map((await log.ends([topics.events])).map((end) => [end.partition, end.offset]));
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
          const appending = Array.from({ length: 30 }, () => log.append(commands(topics, 2)));
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
        await log.append(commands(topics, 50));
        await first.caughtUp();
        await process(name, topics, probe('second'), 10);
        const appending = Promise.all(Array.from({ length: 40 }, () => log.append(commands(topics, 5))));
        await first.stop();
        await appending;
        await log.append(commands(topics, 30));
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
        await log.append(commands(one, 40));
        const both = await Promise.all([one, two].map((topics) => process(`p-${randomUUID()}`, topics)));
        await Promise.all(both.map((each) => each.caughtUp()));
        await expectEachCommandOnce(one);
        await expectEachCommandOnce(two);
      });

      it('has each command handled once, also when its process is killed on the way', async () => {
        const topics = await countingTopics();
        const name = `p-${randomUUID()}`;
        await log.append(commands(topics, 2000));
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

    describe('follow', () => {
      it('sees what is written from now on, and nothing from before', async () => {
        const topic = await newTopic();
        await log.append(numbered(topic, 0, 10));
        const seen: FollowBatch[] = [];
        await follow({ name: 'f', topics: [topic], from: 'now', onBatch: (batch) => void seen.push(batch) });
        await log.append(numbered(topic, 10, 20));
        await until(() => expect(valuesOf(seen)).toHaveLength(10));
        expect(valuesOf(seen).map(Number).sort(ascending)).toEqual(range(10, 20));
      });

      it('sees everything from the beginning, in order, and batches join without a gap', async () => {
        const [one, two] = [await newTopic(), await newTopic()];
        await log.append([...numbered(one, 0, 1500), ...numbered(two, 1500, 1600)]);
        const seen: FollowBatch[] = [];
        const following = await follow({
          name: 'f',
          topics: [one, two],
          from: 'beginning',
          onBatch: (batch) => void seen.push(batch),
        });
        await log.append(numbered(two, 1600, 2000));
        await following.reached(await log.ends([one, two]));
        expect(valuesOf(seen).map(Number).sort(ascending)).toEqual(range(0, 2000));
        expectJoined(seen);
        for (const partition of [0, 1]) {
          const values = valuesOf(seen.filter((each) => each.topic === one && each.partition === partition)).map(
            Number,
          );
          expect(values).toEqual([...values].sort(ascending));
        }
      });

      it('begins at the position given for each partition', async () => {
        const topic = await newTopic();
        const positions = await log.append(numbered(topic, 0, 40));
        const from = new Map([0, 1].map((p) => [p, positions.filter((each) => each.partition === p)[5]?.offset ?? 0]));
        const seen: FollowBatch[] = [];
        const following = await follow({
          name: 'f',
          topics: [topic],
          from: async ({ partition }) => from.get(partition) ?? 0,
          onBatch: (batch) => void seen.push(batch),
        });
        await following.reached(await log.ends([topic]));
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
        await log.append(numbered(topic, 0, 50));
        const ends = await log.ends([topic]);
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
        await log.append(numbered(topic, 0, 200));
        await until(() => expect(handled.size).toBe(200));
        await first?.stop();
        await log.append(numbered(topic, 200, 300));
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
        await log.append(Array.from({ length: 5 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
        await until(() => expect(tries.length).toBeGreaterThan(1));
        expect(following.health()).toMatchObject({
          state: 'trouble',
          detail: expect.stringContaining('views are away'),
        });
        failing = false;
        await following.reached(await log.ends([topic]));
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
        await log.append(Array.from({ length: 9 }, (_, i) => ({ ...record(topic, 'a', String(i)), partition: 0 })));
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
        await following.reached(await log.ends([topic]));
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
        for (let i = 0; i < 30; i++) await log.append(numbered(topic, i * 10, i * 10 + 10));
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
        await log.append(commands(topics, 30));
        await started.caughtUp();
        await following.reached(await log.ends([topics.events, topics.state]));
        expect(seen.filter((each) => each.topic === topics.events).flatMap((each) => each.records)).toHaveLength(30);
        await following.reached([{ topic: 'not followed', partition: 0, offset: 1_000_000 }]);
        await following.caughtUp();
        expectJoined(seen);
        expect(following.partitions()).toHaveLength(2 * PARTITIONS);
        await until(() => expect(following.partitions().every((each) => each.lag === 0)).toBe(true));
      });

      it('is caught up once it has handled what the log held, and calls nothing after it was stopped', async () => {
        const topic = await newTopic();
        await log.append(numbered(topic, 0, 2500));
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
        await log.append(numbered(topic, 0, 10));
        const other = await follow({ name: 'g', topics: [topic], from: 'beginning', onBatch: () => undefined });
        await other.reached(await log.ends([topic]));
        expect(count).toBe(2500);
      });
    });

    it('leaves nothing behind that keeps a process alive once closed', async () => {
      const topics = await countingTopics();
      await whileClosed(async () => {
        const { process, lines, errors } = child(
          'use-and-close.ts',
          `p-${randomUUID()}`,
          topics.commands,
          topics.events,
          topics.state,
          topics.positions,
        );
        await until(() => expect(process.exitCode ?? process.signalCode, errors.join('')).toBe(0));
        expect(lines.at(-1)).toBe('closed');
      });
      await expectEachCommandOnce(topics);
    });
  });
}

function record(topic: string, key: string, value: string | Buffer | null): NewRecord {
  return { topic, key, value, headers: {} };
}

let commandCount = 0;
/** So many commands on a handful of keys, each with a value of its own. */
function commands(topics: CountingTopics, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topics.commands, `key-${i % 5}`, `c${commandCount++}`));
}

/** Records with the values `first` to `end` − 1, spread over the partitions by their keys. */
function numbered(topic: string, first: number, end: number): NewRecord[] {
  return range(first, end).map((i) => record(topic, `key-${i % 11}`, String(i)));
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

function ascending(a: number, b: number): number {
  return a - b;
}

function place({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}@${offset}`;
}

function batchName(batch: readonly LogRecord[]): string {
  return `${batch.map(place).join()}`;
}

function byPosition(records: readonly LogRecord[]): Map<string, LogRecord> {
  return new Map(records.map((each) => [place(each), each]));
}

function valuesOf(batches: readonly FollowBatch[]): string[] {
  return batches.flatMap((batch) => batch.records.map((each) => each.value?.toString() ?? ''));
}

/** Each batch begins where the one before ended, and holds only what lies between its `from` and its `next`. */
function expectJoined(batches: readonly FollowBatch[]): void {
  const nexts = new Map<string, number>();
  for (const { topic, partition, from, next, records } of batches) {
    const before = nexts.get(`${topic}/${partition}`);
    if (before !== undefined) expect(from).toBe(before);
    expect(next).toBeGreaterThan(from);
    for (const { offset } of records) {
      expect(offset).toBeGreaterThanOrEqual(from);
      expect(offset).toBeLessThan(next);
    }
    nexts.set(`${topic}/${partition}`, next);
  }
}

async function until(assertion: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(assertion, { timeout: PATIENCE, interval: 10 });
}

/** Kills a child by force and waits until it is gone. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
}
