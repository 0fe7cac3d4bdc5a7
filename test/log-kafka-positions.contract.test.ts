/** Where processors and followers on Kafka go on: positions on the log, and what consumer groups are told of them. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import type { EventLog } from '../log/event-log.ts';
import { countingProcess } from './children/counting-process.ts';
import {
  commands,
  countingTopics,
  expectedEvents,
  named,
  openLog,
  PATIENCE,
  record,
  values,
  withAdmin,
} from './log-kafka.counting.ts';

const missing = inject('kafkaMissing');

describe.skipIf(missing !== '')(`positions on Kafka${named(missing)}`, { timeout: 2 * PATIENCE }, () => {
  const logs: EventLog[] = [];
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
  }, PATIENCE);

  function open(): EventLog {
    const log = openLog();
    logs.push(log);
    return log;
  }

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
    await log.append(Array.from({ length: 6 }, (_, i) => ({ ...record(topics.commands, 'a', `${i}`), partition: 0 })));
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
    await vi.waitFor(() => expect(JSON.stringify(processing.health())).toMatch(/position of .* overwritten.*write /), {
      timeout: PATIENCE,
    });
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
});
