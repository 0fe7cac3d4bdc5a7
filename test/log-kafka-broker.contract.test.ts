/** The log on Kafka while the only broker hangs, is killed, and comes back. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type EventLog, type FollowBatch, LogUnavailable, type Running } from '../log/event-log.ts';
import { countingProcess } from './children/counting-process.ts';
import { type KafkaForTests, kafkaMissing, startKafka } from './engines/kafka.ts';
import {
  appended,
  commands,
  countingTopics,
  expectedEvents,
  named,
  openLog,
  PATIENCE,
  record,
  values,
} from './log-kafka.counting.ts';

const missing = inject('kafkaMissing');
const notLocal = missing === '' ? await kafkaMissing() : missing;

describe.skipIf(notLocal !== undefined)(
  `the Kafka log on a broker of its own${named(notLocal)}`,
  { timeout: 2 * PATIENCE },
  () => {
    let kafka: KafkaForTests;
    let log: EventLog;
    const running: Running[] = [];

    beforeAll(async () => {
      kafka = await startKafka();
      log = openLog({ brokers: kafka.brokers, appendTimeoutMs: 3000 });
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
