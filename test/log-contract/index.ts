/**
 * The contract of the EventLog port: what every engine must do, run against each of them. A difference between engines is
 * found here; what only one engine has (settings, failures of its own) is tested beside it.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appendContract } from './append.ts';
import { followContract } from './follow.ts';
import { processContract } from './process.ts';
import { processRestoreContract } from './process-restore.ts';
import { processTakeoverContract } from './process-takeover.ts';
import { topicsContract } from './topics.ts';
import { type LogEngineUnderTest, logUnderTest, PATIENCE, until } from './under-test.ts';

export function eventLogContract(name: string, engine: LogEngineUnderTest): void {
  describe(`event log contract: ${name}`, { timeout: 2 * PATIENCE }, () => {
    const suite = logUnderTest(engine);
    const { child, countingTopics, expectEachCommandOnce, whileClosed } = suite;

    appendContract(suite);
    topicsContract(suite);
    processContract(suite);
    processRestoreContract(suite);
    processTakeoverContract(suite);
    followContract(suite);

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
