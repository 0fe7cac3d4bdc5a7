/** Processing: each command once when a process stops, is killed, or shares its partitions with others. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CountingProbe } from '../children/counting-process.ts';
import { commands } from './records.ts';
import { killed, type LogUnderTest, until } from './under-test.ts';

export function processTakeoverContract(suite: LogUnderTest): void {
  const { reopen, whileClosed, newTopic, countingTopics, process, committed, readAll, child, expectEachCommandOnce } =
    suite;

  describe('process, when another takes over,', () => {
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
