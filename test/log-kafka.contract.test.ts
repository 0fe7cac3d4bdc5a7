/** The event log's contract on Kafka, and what only this engine has: fencing, faults in a step, retention, settings of topics. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type { EventLog, FollowBatch, Running } from '../log/event-log.ts';
import { Connections } from '../log/kafka/connections.ts';
import type { Failpoint, KafkaLogOptions } from '../log/kafka/kafka-log.ts';
import { TransactionalWriter } from '../log/kafka/transactional-writer.ts';
import { countingProcess } from './children/counting-process.ts';
import { eventLogContract } from './log-contract/index.ts';
import {
  commands,
  countingTopics,
  expectedEvents,
  named,
  openLog,
  PARTITIONS,
  PATIENCE,
  record,
  values,
  withAdmin,
} from './log-kafka.counting.ts';

const FAILPOINTS: readonly Failpoint[] = [
  'before-add-partitions',
  'before-produce',
  'after-produce',
  'before-commit',
  'after-commit',
];

const brokers = inject('kafkaBrokers');
const missing = inject('kafkaMissing');

describe.skipIf(missing !== '')(`Kafka${named(missing)}`, () => {
  eventLogContract('Kafka', {
    open: async () => openLog(),
    childEnvironment: () => ({ LOG_MODULE: '../engines/kafka/open-log.ts', LOG_BROKERS: brokers.join() }),
  });

  describe('the Kafka log', { timeout: 2 * PATIENCE }, () => {
    const logs: EventLog[] = [];
    afterEach(async () => {
      await Promise.all(logs.splice(0).map((log) => log.close()));
    }, PATIENCE);

    function open(options: Partial<KafkaLogOptions> = {}): EventLog {
      const log = openLog(options);
      logs.push(log);
      return log;
    }

    it.each(FAILPOINTS)('handles each command once when a step fails %s', async (point) => {
      let failures = 0;
      const log = open({
        failpoint(at) {
          if (at !== point || failures > 0) return;
          failures += 1;
          throw new Error(`failed ${point}`);
        },
      });
      const topics = await countingTopics(log);
      const seen: FollowBatch[] = [];
      const following = await log.follow({
        name: 'f',
        topics: [topics.events],
        from: 'beginning',
        onBatch: (batch) => void seen.push(batch),
      });
      const processing = await log.process(countingProcess(`p-${randomUUID()}`, topics));
      for (let i = 0; i < 5; i++) await log.append(commands(topics, i * 10, 10));
      await processing.caughtUp();
      expect(failures).toBe(1);
      await following.reached(await log.ends([topics.events]));
      const events = seen.flatMap(({ records }) => records.map(({ key, value }) => `${key} ${value?.toString()}`));
      expect(events.sort()).toEqual(expectedEvents(50));
    });

    it('is in trouble from a step that fails until it gets through, also while it is tried again', async () => {
      const states: (string | undefined)[] = [];
      let processing: Running | undefined;
      const log = open({
        failpoint(at, partition) {
          if (at !== 'before-produce' || partition !== 0) return;
          states.push(processing?.health().state);
          if (states.length < 3) throw new Error('failed on purpose');
        },
      });
      const topics = await countingTopics(log);
      const begun = await log.process(countingProcess(`p-${randomUUID()}`, topics));
      processing = begun;
      await begun.caughtUp();
      await log.append([{ topic: topics.commands, partition: 0, key: 'a', value: 'x', headers: {} }]);
      await expect.poll(() => values(log, topics.events), { timeout: PATIENCE }).toEqual(['1:x']);
      expect(states).toEqual(['running', 'trouble', 'trouble']);
      await expect.poll(() => begun.health().state).toBe('running');
    });

    it('shows nothing of an owner that was fenced, and lets the next one go on from what was committed', async () => {
      let atCommit: () => void = () => {};
      let goOn: () => void = () => {};
      const reached = new Promise<void>((resolve) => {
        atCommit = resolve;
      });
      const released = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let held = 0;
      const log = open({
        async failpoint(at, partition) {
          if (at !== 'before-commit' || partition !== 0 || held++ > 0) return;
          atCommit();
          await released;
        },
      });
      const topics = await countingTopics(log);
      const name = `p-${randomUUID()}`;
      const processing = await log.process(countingProcess(name, topics));
      await log.append([{ topic: topics.commands, partition: 0, key: 'a', value: 'x', headers: {} }]);
      await reached;
      // The step is all on the log but for its commit. Now another process takes the partition over, and commits.
      const other = await TransactionalWriter.open(new Connections({ brokers, partitions: PARTITIONS }), {
        transactionalId: `${name}-0`,
        timeoutMs: 10_000,
        partitions: PARTITIONS,
        failpoint: () => {},
      });
      await other.commit([{ topic: topics.state, partition: 0, key: 'a', value: '10', headers: {} }]);
      other.close();
      goOn();
      await processing.caughtUp();
      // Restored from what the other wrote, not from what the fenced one had in memory.
      expect(await values(log, topics.events)).toEqual(['11:x']);
      expect(await values(log, topics.state)).toEqual(['10', '11']);
    });

    it('commits a step whose output is larger than a request may be as one', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const value = 'v'.repeat(300_000);
      const processing = await log.process({
        name: `p-${randomUUID()}`,
        input: topics.commands,
        positions: topics.positions,
        restore: [],
        open: () => ({
          restore() {},
          restored() {},
          step: () => ({
            records: Array.from({ length: 12 }, (_, i) => ({ ...record(topics.events, `${i}`, value), partition: 0 })),
            committed() {},
          }),
          close() {},
        }),
      });
      await log.append([record(topics.commands, 'a', 'x')]);
      await processing.caughtUp();
      const keys: (string | null)[] = [];
      for await (const batch of log.read({ topic: topics.events, partition: 0 }))
        keys.push(...batch.map(({ key }) => key));
      expect(keys).toEqual(Array.from({ length: 12 }, (_, i) => `${i}`));
    });

    it('appends more in one call than a request may hold, in order, and refuses a record that is too large alone', async () => {
      const log = open();
      const { events } = await countingTopics(log);
      const large = Array.from({ length: 40 }, (_, i) => ({
        ...record(events, `${i}`, `${i} ${'v'.repeat(90_000)}`),
        partition: 0,
      }));
      const tooLarge = log.append([{ topic: events, key: 'huge', value: Buffer.alloc(2_000_000), headers: {} }]);
      const [positions] = await Promise.all([
        log.append(large),
        expect(tooLarge).rejects.toThrow(/huge takes 2000\d+ bytes/),
      ]);
      expect(positions.map(({ offset }) => offset)).toEqual(large.map((_, i) => i));
      expect((await values(log, events)).map((value) => value.split(' ')[0])).toEqual(large.map(({ key }) => key));
    });

    it('follows from the first record that is left when retention took those before', async () => {
      const log = open();
      const { events } = await countingTopics(log);
      await log.append(Array.from({ length: 10 }, (_, i) => ({ ...record(events, 'a', `${i}`), partition: 0 })));
      await withAdmin(async (admin) => {
        // kafkajs deletes records only of topics that this client has asked about before.
        await admin.fetchTopicOffsets(events);
        await admin.deleteTopicRecords({ topic: events, partitions: [{ partition: 0, offset: '6' }] });
      });
      const seen: FollowBatch[] = [];
      const following = await log.follow({
        name: 'f',
        topics: [events],
        from: 'beginning',
        onBatch: (batch) => void seen.push(batch),
      });
      await following.reached(await log.ends([events]));
      expect(seen.flatMap(({ records }) => records.map(({ value }) => value?.toString()))).toEqual([
        '6',
        '7',
        '8',
        '9',
      ]);
      expect(seen[0]?.from).toBe(0);
    });

    it('counts what was acknowledged behind an open transaction as part of the log, and shows it once that has ended', async () => {
      const log = open();
      const topic = `t-${randomUUID()}`;
      await log.createTopics([{ name: topic, partitions: PARTITIONS, retention: 'forever' }]);
      const client = new Kafka({ brokers, logLevel: logLevel.NOTHING });
      const producer = client.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: 'open', value: 'x', partition: 0 }] });
      const [appended] = await log.append([{ topic, partition: 0, key: 'k', value: 'acknowledged', headers: {} }]);
      const ends = await log.ends([topic]);
      expect(ends.find(({ partition }) => partition === 0)?.offset).toBe((appended?.offset ?? Number.NaN) + 1);

      const keys: (string | null)[] = [];
      const following = await log.follow({
        name: 'f',
        topics: [topic],
        from: 'beginning',
        onBatch: ({ records }) => void keys.push(...records.map(({ key }) => key)),
      });
      const reached = following.reached(ends);
      await transaction.abort();
      await reached;
      expect(keys).toEqual(['k']);
      await producer.disconnect();
    });

    it('restores from a partition, and reads it, that retention has emptied', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const past = `t-${randomUUID()}`;
      await log.createTopics([{ name: past, partitions: PARTITIONS, retention: { ms: 604_800_000 } }]);
      await log.append(Array.from({ length: 10 }, (_, i) => ({ ...record(past, 'a', `${i}`), partition: 0 })));
      await withAdmin(async (admin) => {
        await admin.fetchTopicOffsets(past);
        await admin.deleteTopicRecords({ topic: past, partitions: [{ partition: 0, offset: '10' }] });
      });
      expect(await values(log, past)).toEqual([]);
      const counting = countingProcess(`p-${randomUUID()}`, topics);
      const processing = await log.process({ ...counting, restore: [...counting.restore, past] });
      await log.append(commands(topics, 0, 10));
      await processing.caughtUp();
      expect(processing.health()).toEqual({ state: 'running' });
      expect(await values(log, topics.events)).toHaveLength(10);
    });

    it('says how to mend a topic whose settings would lose data', async () => {
      const log = open();
      const name = `t-${randomUUID()}`;
      await log.createTopics([{ name, partitions: 1, retention: { ms: 60_000 } }]);
      await expect(log.checkTopics([{ name, partitions: 1, retention: 'forever' }])).rejects.toThrow(
        `kafka-configs.sh --bootstrap-server ${brokers.join()} --alter --entity-type topics --entity-name ${name} --add-config retention.ms=-1`,
      );
      await expect(log.checkTopics([{ name, partitions: 3, retention: { ms: 60_000 } }])).rejects.toThrow(
        `kafka-topics.sh --bootstrap-server ${brokers.join()} --alter --topic ${name} --partitions 3`,
      );
    });
  });
});
