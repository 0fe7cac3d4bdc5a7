/** Turns records into kafkajs's messages, with the partition named, so that nothing but `partitionOf` chooses it. */
import type { Message, RecordMetadata, TopicMessages } from 'kafkajs';
import type { NewRecord } from '../event-log.ts';
import { partitionOf } from '../partition-of.ts';

export interface PlacedRecord extends NewRecord {
  readonly partition: number;
}

export function placed(record: NewRecord, partitions: number): PlacedRecord {
  return { ...record, partition: record.partition ?? partitionOf(record.key, partitions) };
}

/** kafkajs calls it for every message, although each names its partition. */
export const namedPartition = () => (args: { message: Message }) => {
  if (args.message.partition === undefined) throw new Error('a message without a partition');
  return args.message.partition;
};

export function topicMessages(records: Iterable<PlacedRecord>): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, partition, key, value, headers } of records) {
    const messages = topics.get(topic);
    const message: Message = { partition, key, value, headers };
    if (messages === undefined) topics.set(topic, [message]);
    else messages.push(message);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

/** The offset of the first record that a request wrote, by `topic/partition`. */
export function baseOffsets(written: readonly RecordMetadata[]): Map<string, number> {
  return new Map(
    written.map(({ topicName, partition, baseOffset, offset }) => [
      `${topicName}/${partition}`,
      Number(baseOffset ?? offset),
    ]),
  );
}
