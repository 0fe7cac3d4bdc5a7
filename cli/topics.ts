/** `counterfoil topics [create|check]`: the topics the log must have, and whether they keep what they must. */
import type { EventLog, Retention, TopicSpec } from '../log/event-log.ts';
import { TopicMisconfigured } from '../log/event-log.ts';
import { mustNotBeLost } from '../operations/prepare-topics.ts';
import { mayBeMadeAnew, topicSpecs } from '../records/topics.ts';
import { CommandFailed } from './failure.ts';
import { withLog } from './with-log.ts';

export type TopicsAction = 'create' | 'check';

/** @param acceptLoss topics that were deleted are made anew, empty, if a system can go on without what stood on them */
export async function topicsCommand(action: TopicsAction, { acceptLoss = false } = {}): Promise<void> {
  await withLog(action === 'create' ? 'write' : 'read', async (log, { partitions }) => {
    const specs = topicSpecs(partitions);
    if (action === 'create') await mustNotBeLost(log, specs, acceptLoss ? { except: mayBeMadeAnew } : {});
    const created = action === 'create' ? await log.createTopics(specs) : [];
    const wrong = await checkEach(log, specs, created);
    if (wrong > 0) {
      const way =
        action === 'check' ? '`counterfoil topics create` makes those that are missing' : 'change them as they say';
      throw new CommandFailed(`${wrong} of ${specs.length} topics are not as they must be: ${way}`);
    }
  });
}

async function checkEach(log: EventLog, specs: readonly TopicSpec[], created: readonly string[]): Promise<number> {
  let wrong = 0;
  for (const spec of specs) {
    const problem = await problemOf(log, spec);
    if (problem !== undefined) wrong++;
    const state = problem ?? (created.includes(spec.name) ? 'created' : 'as it must be');
    const { name, partitions, retention } = spec;
    process.stdout.write(
      `${name.padEnd(26)}${String(partitions).padStart(4)} partitions, ${told(retention).padEnd(12)}${state}\n`,
    );
  }
  return wrong;
}

async function problemOf(log: EventLog, spec: TopicSpec): Promise<string | undefined> {
  try {
    await log.checkTopics([spec]);
    return undefined;
  } catch (error) {
    if (error instanceof TopicMisconfigured) return error.message;
    throw error;
  }
}

function told(retention: Retention): string {
  return typeof retention === 'string' ? retention : `${retention.ms / 86_400_000} days`;
}
