/** The event log's contract on Kafka, and what only this engine has: fencing, faults in a step, brokers that hang or restart. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type EventLog, type FollowBatch, LogUnavailable, type NewRecord, type Running } from '../log/event-log.ts';
import { Connections } from '../log/kafka/connections.ts';
import { type Failpoint, type KafkaLogOptions, openKafkaLog } from '../log/kafka/kafka-log.ts';
import { TransactionalWriter } from '../log/kafka/transactional-writer.ts';
import { type CountingTopics, countingProcess } from './children/counting-process.ts';
import { type KafkaForTests, kafkaMissing, startKafka } from './engines/kafka.ts';
import { eventLogContract } from './log-contract/index.ts';

const PATIENCE = 60_000;
const PARTITIONS = 2;
const FAILPOINTS: readonly Failpoint[] = [
  'before-add-partitions',
  'before-produce',
  'after-produce',
  'before-commit',
  'after-commit',
];

const brokers = inject('kafkaBrokers');
const missing = inject('kafkaMissing');
const notLocal = missing === '' ? await kafkaMissing() : missing;

describe.skipIf(missing !== '')(`Kafka${named(missing)}`, () => {
  eventLogContract('Kafka', {
    open: async () => openKafkaLog({ brokers, partitions: PARTITIONS, sessionTimeoutMs: 2000 }),
    childEnvironment: () => ({ LOG_MODULE: '../engines/kafka/open-log.ts', LOG_BROKERS: brokers.join() }),
  });

  describe('the Kafka log', { timeout: 2 * PATIENCE }, () => {
    const logs: EventLog[] = [];
    afterEach(async () => {
      await Promise.all(logs.splice(0).map((log) => log.close()));
    }, PATIENCE);

    function open(options: Partial<KafkaLogOptions> = {}): EventLog {
      const log = openKafkaLog({ brokers, partitions: PARTITIONS, sessionTimeoutMs: 2000, ...options });
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

    it('goes on where it was when the brokers have forgotten its group', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const counting = countingProcess(`p-${randomUUID()}`, topics);
      for (const first of [0, 10, 20]) {
        await log.append(commands(topics, first, 10));
        const processing = await log.process(counting);
        await processing.caughtUp();
        await processing.stop();
        await withAdmin((admin) => admin.deleteGroups([counting.name]));
      }
      expect((await values(log, topics.events)).length).toBe(30);
      expect((await values(log, topics.events)).sort()).toEqual(
        expectedEvents(30)
          .map((event) => event.split(' ')[1])
          .sort(),
      );
    });

    it('goes on from what the release before kept in the group, as long as nothing stands on the log', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const counting = countingProcess(`p-${randomUUID()}`, topics);
      await log.append(
        Array.from({ length: 6 }, (_, i) => ({ ...record(topics.commands, 'a', `${i}`), partition: 0 })),
      );
      await withAdmin((admin) =>
        admin.setOffsets({
          groupId: counting.name,
          topic: topics.commands,
          partitions: [{ partition: 0, offset: '4' }],
        }),
      );
      expect(await log.committed(counting)).toEqual([{ topic: topics.commands, partition: 0, offset: 4 }]);
      await (await log.process(counting)).caughtUp();
      expect(await values(log, topics.events)).toEqual(['1:4', '2:5']);
    });

    it('finds its position however much stands behind it, and tells lag monitors of it', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const counting = countingProcess(`p-${randomUUID()}`, topics);
      await log.append([{ ...record(topics.commands, 'a', 'x'), partition: 0 }]);
      const processing = await log.process(counting);
      await processing.caughtUp();
      const [position] = await log.committed(counting);
      await vi.waitFor(async () => {
        const [offsets] = await withAdmin((admin) =>
          admin.fetchOffsets({ groupId: counting.name, topics: [topics.commands] }),
        );
        expect(Number(offsets?.partitions.find(({ partition }) => partition === 0)?.offset)).toBe(position?.offset);
      });
      await processing.stop();
      // Whatever the reason, records that are none of its positions.
      await log.append(
        Array.from({ length: 3000 }, () => ({ ...record(topics.positions, 'other', '{}'), partition: 0 })),
      );
      expect(await open().committed(counting)).toEqual([position]);
      const again = await log.process(counting);
      await again.caughtUp();
      expect(await values(log, topics.events)).toEqual(['1:x']);
    });

    it('does not begin anew when its position was overwritten, and goes on from the one that is put there', async () => {
      const log = open();
      const topics = await countingTopics(log);
      const counting = countingProcess(`p-${randomUUID()}`, topics);
      const commands = ['x', 'y'].map((value) => ({ ...record(topics.commands, 'a', value), partition: 0 }));
      await log.append(commands);
      const put = (value: string) => log.append([{ ...record(topics.positions, counting.name, value), partition: 0 }]);
      await put('{"offset": "two"}');
      const processing = await log.process(counting);
      await vi.waitFor(
        () => expect(JSON.stringify(processing.health())).toMatch(/position of .* overwritten.*write /),
        {
          timeout: PATIENCE,
        },
      );
      expect(await values(log, topics.events)).toEqual([]);
      await put('{"offset":1}');
      await processing.caughtUp();
      expect(await values(log, topics.events)).toEqual(['1:y']);
    });

    it('leaves no consumer group behind for a follower that shares with nobody', async () => {
      const log = open();
      const { events } = await countingTopics(log);
      const name = `f-${randomUUID()}`;
      const following = await log.follow({ name, topics: [events], from: 'beginning', onBatch: () => {} });
      await log.append([record(events, 'a', 'x')]);
      await following.reached(await log.ends([events]));
      const { groups } = await withAdmin((admin) => admin.listGroups());
      expect(groups.map(({ groupId }) => groupId)).not.toContain(name);
    });

    it('commits the positions of those who share, for lag monitors', async () => {
      const log = open();
      const { events } = await countingTopics(log);
      const name = `f-${randomUUID()}`;
      const following = await log.follow({
        name,
        topics: [events],
        from: async () => 0,
        shared: true,
        onBatch: () => {},
      });
      await log.append(Array.from({ length: 10 }, (_, i) => record(events, `key-${i}`, 'x')));
      await following.caughtUp();
      await vi.waitFor(
        async () => {
          const ends = await log.ends([events]);
          const [offsets] = await withAdmin((admin) => admin.fetchOffsets({ groupId: name, topics: [events] }));
          const committed = offsets?.partitions.map(({ partition, offset }) => [partition, Number(offset)]) ?? [];
          expect(committed.sort()).toEqual(ends.map(({ partition, offset }) => [partition, offset]));
        },
        { timeout: PATIENCE },
      );
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

describe.skipIf(notLocal !== undefined)(
  `the Kafka log on a broker of its own${named(notLocal)}`,
  { timeout: 2 * PATIENCE },
  () => {
    let kafka: KafkaForTests;
    let log: EventLog;
    const running: Running[] = [];

    beforeAll(async () => {
      kafka = await startKafka();
      log = openKafkaLog({
        brokers: kafka.brokers,
        partitions: PARTITIONS,
        sessionTimeoutMs: 2000,
        appendTimeoutMs: 3000,
      });
    }, PATIENCE);
    afterEach(async () => {
      await Promise.all(running.splice(0).map((each) => each.stop()));
    }, PATIENCE);
    afterAll(async () => {
      await log?.close();
      await kafka?.stop();
    }, PATIENCE);

    it('fails an append that a hanging broker does not acknowledge, and appends again when it goes on', async () => {
      const { commands } = await countingTopics(log);
      await log.append([record(commands, 'a', 'before')]);
      await kafka.kill('SIGSTOP');
      try {
        await expect(log.append([record(commands, 'a', 'meanwhile')])).rejects.toThrow(LogUnavailable);
        await expect(log.ends([commands])).rejects.toThrow(LogUnavailable);
      } finally {
        await kafka.kill('SIGCONT');
      }
      await appended(log, [record(commands, 'a', 'after')]);
      const found = await values(log, commands);
      // Whether the one in between was written is unknown, but not more than once.
      expect(found.filter((value) => value !== 'meanwhile')).toEqual(['before', 'after']);
      expect(found.length).toBeLessThanOrEqual(3);
    });

    it('goes on by itself when the broker was killed and came back, and says that there is trouble meanwhile', async () => {
      const topics = await countingTopics(log);
      const seen: FollowBatch[] = [];
      const processing = await log.process(countingProcess(`p-${randomUUID()}`, topics));
      const following = await log.follow({
        name: 'f',
        topics: [topics.events],
        from: 'beginning',
        onBatch: (batch) => void seen.push(batch),
      });
      running.push(processing, following);
      await log.append(commands(topics, 0, 20));
      await processing.caughtUp();
      await kafka.kill('SIGKILL');
      await vi.waitFor(
        () => {
          expect(following.health()).toMatchObject({ state: 'trouble' });
          expect(processing.health()).toMatchObject({ state: 'trouble' });
        },
        { timeout: PATIENCE },
      );
      await kafka.start();
      await appended(log, commands(topics, 20, 1));
      await appended(log, commands(topics, 21, 1));
      await vi.waitFor(
        () => {
          expect(following.health()).toEqual({ state: 'running' });
          expect(processing.health()).toEqual({ state: 'running' });
        },
        { timeout: PATIENCE },
      );
      await processing.caughtUp();
      await following.reached(await log.ends([topics.events]));
      const events = seen.flatMap(({ records }) => records.map(({ key, value }) => `${key} ${value?.toString()}`));
      expect(events.sort()).toEqual(expectedEvents(22));
    });
  },
);

function named(reason: string | undefined): string {
  return reason ? ` (${reason})` : '';
}

async function countingTopics(log: EventLog): Promise<CountingTopics> {
  const id = randomUUID();
  const topics = {
    commands: `${id}.commands`,
    events: `${id}.events`,
    state: `${id}.state`,
    positions: `${id}.positions`,
  };
  await log.createTopics([
    { name: topics.commands, partitions: PARTITIONS, retention: 'forever' },
    { name: topics.events, partitions: PARTITIONS, retention: 'forever' },
    { name: topics.state, partitions: PARTITIONS, retention: 'compact' },
    { name: topics.positions, partitions: PARTITIONS, retention: 'compact', hot: true },
  ]);
  return topics;
}

function record(topic: string, key: string, value: string): NewRecord {
  return { topic, key, value, headers: {} };
}

/** Command i has the key i modulo 5. */
function commands(topics: CountingTopics, first: number, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topics.commands, `key-${(first + i) % 5}`, `${first + i}`));
}

/** What the counting processor makes of the first so many commands, each handled once and in order. */
function expectedEvents(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key-${i % 5} ${Math.floor(i / 5) + 1}:${i}`).sort();
}

/** Appends as soon as the log can be reached; not for records that it would matter to write twice. */
async function appended(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  await log.ends(records.map(({ topic }) => topic)).catch(() => undefined);
  await vi.waitFor(() => log.ends(records.map(({ topic }) => topic)), { timeout: PATIENCE });
  await log.append(records);
}

async function values(log: EventLog, topic: string): Promise<string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const batch of log.read({ topic, partition }))
      found.push(...batch.map(({ value }) => value?.toString() ?? ''));
  }
  return found;
}

async function withAdmin<T>(use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
