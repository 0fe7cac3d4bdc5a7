/** Dead letters as the processors write them: reading them, and settling them. The command line and the console both come by here. */
import type { EventLog, LogRecord, NewRecord } from '../log/event-log.ts';
import { sha256 } from '../records/dead-letter.ts';
import { COMMAND_TOPICS, deadTopic, TOPICS_WITH_DEAD } from '../records/topics.ts';

/** It cannot be put back, or not as it was: the message says why, and what can be done. */
export class CannotRetry extends Error {
  override readonly name = 'CannotRetry';
}

export interface DeadLetter {
  /** `<partition>/<offset>` of the record on its topic: unique within the topic. */
  readonly key: string;
  /** Where the record stood. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  /** When it was set aside, ISO 8601 UTC. */
  readonly at: string;
  /** The transaction that the command began has ended with it, REJECTED: `UNREADABLE`. */
  readonly ended: boolean;
  /** What the copy holds only the beginning of, `key`, or nothing of, `headers`: the original is still where it stood. */
  readonly truncated: readonly string[];
  /** Of the whole value, in bytes. */
  readonly size: number;
  /** Of the whole value, where the copy is cut short. */
  readonly sha256: string | undefined;
  /** The record as it was, unless `truncated`. */
  readonly record: {
    readonly key: string | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** Every letter of the topics that has not been settled, in order of topic, partition and offset. */
export async function readDeadLetters(
  log: EventLog,
  topics: readonly string[] = TOPICS_WITH_DEAD,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const topic of topics) {
    for (const { partition, offset: end } of await log.ends([deadTopic(topic)])) {
      // Most have never had any, and on Kafka even a read of nothing takes its time.
      if (end === 0) continue;
      const open = new Map<string, DeadLetter>();
      for await (const records of log.read({ topic: deadTopic(topic), partition })) {
        for (const record of records) {
          if (record.key === null) continue;
          if (record.value === null) open.delete(record.key);
          else open.set(record.key, letterOf(record.key, record, record.value));
        }
      }
      letters.push(...[...open.values()].sort((a, b) => a.offset - b.offset));
    }
  }
  return letters;
}

/**
 * Puts the records back where they came from, unchanged, and settles their letters.
 * @throws {CannotRetry} for a record that nobody could decide now, or whose transaction has ended: its user was told so,
 * and may have sent it again as another one
 */
export async function retry(log: EventLog, letters: readonly DeadLetter[]): Promise<void> {
  const over = letters.find(({ ended }) => ended);
  if (over !== undefined) {
    const id = over.record.headers['ce_transactionid'];
    throw new CannotRetry(
      `${over.topic} ${over.key}: its transaction ${id} has ended REJECTED (UNREADABLE), which is final: drop it, and let its user send it anew`,
    );
  }
  const keyless = letters.find(({ record }) => record.key === null);
  if (keyless !== undefined) {
    throw new CannotRetry(`${keyless.topic} ${keyless.key} had no key and would be refused again: drop it`);
  }
  const state = letters.find(({ topic }) => !COMMAND_TOPICS.includes(topic));
  if (state !== undefined) {
    throw new CannotRetry(`${state.topic} ${state.key} is no command: what it covered has been made anew; drop it`);
  }
  const whole: DeadLetter[] = [];
  for (const letter of letters) whole.push(letter.truncated.length === 0 ? letter : await readOriginal(log, letter));
  // The records first: cut short in between, a letter stays and its command may be written twice, which has one effect.
  await log.append(
    whole.map(({ topic, partition, record }): NewRecord => ({ topic, partition, ...record, key: record.key ?? '' })),
  );
  await drop(log, letters);
}

/** @throws {CannotRetry} when it is not where it stood any more. */
async function readOriginal(log: EventLog, letter: DeadLetter): Promise<DeadLetter> {
  const { topic, partition, offset, key, sha256: hash } = letter;
  const gone = `${topic} ${key} is kept only in part, and the original is not at offset ${offset} any more: drop it`;
  for await (const [record] of log.read({ topic, partition }, offset)) {
    if (record === undefined) continue;
    if (record.offset !== offset || record.unreadable !== undefined) break;
    if (hash !== undefined && (record.value === null || sha256(record.value) !== hash)) break;
    const { key: originalKey, value, headers } = record;
    return { ...letter, truncated: [], record: { key: originalKey, value, headers } };
  }
  throw new CannotRetry(gone);
}

export async function drop(log: EventLog, letters: readonly DeadLetter[]): Promise<void> {
  await log.append(
    letters.map(
      ({ topic, partition, key }): NewRecord => ({ topic: deadTopic(topic), partition, key, value: null, headers: {} }),
    ),
  );
}

function letterOf(key: string, record: LogRecord, value: Buffer): DeadLetter {
  const {
    dead_reason: reason = '',
    dead_topic: topic = record.topic.replace(/\.dead$/, ''),
    dead_partition: partition = String(record.partition),
    dead_offset: offset = key.slice(key.indexOf('/') + 1),
    dead_at: at = new Date(record.timestamp).toISOString(),
    dead_key: originalKey,
    dead_tombstone: tombstone,
    dead_ended: ended,
    dead_truncated: truncated,
    dead_size: size = String(value.length),
    dead_sha256: hash,
    ...headers
  } = record.headers;
  return {
    key,
    topic,
    partition: Number(partition),
    offset: Number(offset),
    reason: decodeURI(reason),
    at,
    ended: ended !== undefined,
    truncated: truncated?.split(',') ?? [],
    size: Number(size),
    sha256: hash,
    record: {
      key: originalKey === undefined ? null : decodeURIComponent(originalKey),
      value: tombstone === undefined ? value : null,
      headers,
    },
  };
}
