/** What is left to be decided, for those who wait for a system to be at rest. */
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { type Decides, processorOf } from './index.ts';

/**
 * The commands that this processor has not decided, in batches, partition by partition. Found by reading: on Kafka the marks of
 * transactions stand behind the last command, and what an aborted one left; nobody is given these, and no position has to pass them.
 * @throws {LogUnavailable}
 */
export async function* commandsLeft(
  log: Pick<EventLog, 'committed' | 'ends' | 'read'>,
  decider: Decides,
): AsyncGenerator<readonly LogRecord[]> {
  const processor = processorOf(decider);
  const positions = new Map((await log.committed(processor)).map(({ partition, offset }) => [partition, offset]));
  for (const { topic, partition, offset } of await log.ends([processor.input])) {
    const position = positions.get(partition) ?? 0;
    if (position < offset) yield* log.read({ topic, partition }, position);
  }
}
