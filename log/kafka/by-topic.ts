/** As requests to a broker name partitions: topic by topic, each topic once, in the order in which they first come. */
import type { TopicPartition } from '../event-log.ts';

export function byTopic<T extends TopicPartition>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const topics = new Map<string, T[]>();
  for (const one of all) {
    const of = topics.get(one.topic);
    if (of === undefined) topics.set(one.topic, [one]);
    else of.push(one);
  }
  return topics;
}
