/** The Produce request, version 7, with batches that are encoded already, and its response. */

import type { TopicPartition } from '../event-log.ts';
import { byTopic } from './by-topic.ts';
import { ByteReader } from './byte-reader.ts';
import { newEncoder, type ProtocolRequest } from './connections.ts';

const PRODUCE = 0;
const ALL_REPLICAS = -1;

export interface EncodedBatch extends TopicPartition {
  readonly bytes: Buffer;
}

/** What a broker answers for one partition; `baseOffset` is that of the batch's first record. */
export interface Produced extends TopicPartition {
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** At most one batch for each partition; the broker answers once all in-sync replicas have them, or after `timeoutMs`. */
export function produceRequest(
  batches: readonly EncodedBatch[],
  transactionalId: string | null,
  timeoutMs: number,
): ProtocolRequest<readonly Produced[]> {
  return {
    request: {
      apiKey: PRODUCE,
      apiVersion: 7,
      apiName: 'Produce',
      expectResponse: () => true,
      encode: async () => newEncoder().writeBuffer(body(batches, transactionalId, timeoutMs)),
    },
    response: { decode: async (answer) => decodeProduced(answer), parse: async (produced) => produced },
  };
}

function body(batches: readonly EncodedBatch[], transactionalId: string | null, timeoutMs: number): Buffer {
  const topics = byTopic(batches);
  const parts: Buffer[] = [nullableString(transactionalId), int16(ALL_REPLICAS), int32(timeoutMs), int32(topics.size)];
  for (const [topic, of] of topics) {
    parts.push(nullableString(topic), int32(of.length));
    for (const { partition, bytes } of of) parts.push(int32(partition), int32(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function decodeProduced(answer: Buffer): readonly Produced[] {
  const reader = new ByteReader(answer);
  const topics = reader.array(() => {
    const topic = reader.string();
    return reader.array((): Produced => {
      const produced = {
        topic,
        partition: reader.int32(),
        errorCode: reader.int16(),
        baseOffset: reader.int64(),
      };
      reader.int64(); // Log append time.
      reader.int64(); // Log start offset.
      return produced;
    });
  });
  return topics.flat();
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function nullableString(text: string | null): Buffer {
  if (text === null) return int16(-1);
  const bytes = Buffer.from(text);
  return Buffer.concat([int16(bytes.length), bytes]);
}
