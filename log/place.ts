/** The name of a place, a partition of a topic: what maps are keyed by, and what messages say. */
import type { TopicPartition } from './event-log.ts';

/** `<topic>/<partition>`; no two places have the same one, for a topic's name has no slash. */
export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
