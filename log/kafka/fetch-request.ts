/**
 * The Fetch request, version 11: old enough for every broker since 2.3. Written here and not by kafkajs, whose encoder copies all
 * that it has for each number: a reader of forty partitions writes some hundred and sixty of them, several hundred times a second.
 */

import type { TopicPartition } from '../event-log.ts';
import { byTopic } from './by-topic.ts';
import { newEncoder, type ProtocolRequest, READ_COMMITTED } from './connections.ts';
import { decodeFetchResponse, type FetchResponse } from './record-batches.ts';

const FETCH = 1;
const VERSION = 11;
const CONSUMER = -1;
const MIN_BYTES = 1;
const MAX_BYTES = 10_485_760;
/** No session, so that each request names all that it wants. */
const [NO_SESSION, NO_EPOCH] = [0, -1];
/** Of the leader, of what is known of the partition's start: not told. */
const UNKNOWN = -1;

/** Before the topics: eight numbers, one of them of a byte. Behind them: nothing is forgotten, and no rack is named. */
const [HEAD_BYTES, TAIL_BYTES] = [29, 6];
const PARTITION_BYTES = 28;

/** What is wanted of a partition. */
export interface Wanted extends TopicPartition {
  readonly fetchOffset: number;
  /** At most so many bytes, but one batch at least. */
  readonly fetchBytes: number;
}

/** Committed records of all of them, as soon as there is one or `maxWaitMs` are over; in this order, if not all have room. */
export function fetchRequest(wanted: readonly Wanted[], maxWaitMs: number): ProtocolRequest<FetchResponse> {
  return {
    request: {
      apiKey: FETCH,
      apiVersion: VERSION,
      apiName: 'Fetch',
      encode: async () => newEncoder().writeBuffer(body(wanted, maxWaitMs)),
    },
    response: { decode: async (answer) => decodeFetchResponse(answer), parse: async (decoded) => decoded },
  };
}

function body(wanted: readonly Wanted[], maxWaitMs: number): Buffer {
  const topics = byTopic(wanted);
  const names = [...topics.keys()].reduce((sum, name) => sum + 2 + Buffer.byteLength(name) + 4, 0);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + names + wanted.length * PARTITION_BYTES + TAIL_BYTES);
  let at = bytes.writeInt32BE(CONSUMER, 0);
  at = bytes.writeInt32BE(maxWaitMs, at);
  at = bytes.writeInt32BE(MIN_BYTES, at);
  at = bytes.writeInt32BE(MAX_BYTES, at);
  at = bytes.writeInt8(READ_COMMITTED, at);
  at = bytes.writeInt32BE(NO_SESSION, at);
  at = bytes.writeInt32BE(NO_EPOCH, at);
  at = bytes.writeInt32BE(topics.size, at);
  for (const [topic, of] of topics) {
    at = bytes.writeInt16BE(Buffer.byteLength(topic), at);
    at += bytes.write(topic, at);
    at = bytes.writeInt32BE(of.length, at);
    for (const { partition, fetchOffset, fetchBytes } of of) {
      at = bytes.writeInt32BE(partition, at);
      at = bytes.writeInt32BE(UNKNOWN, at);
      at = bytes.writeBigInt64BE(BigInt(fetchOffset), at);
      at = bytes.writeBigInt64BE(BigInt(UNKNOWN), at);
      at = bytes.writeInt32BE(fetchBytes, at);
    }
  }
  at = bytes.writeInt32BE(0, at);
  bytes.writeInt16BE(0, at);
  return bytes;
}
