/** What the tests of the log on Kafka share: topics of a counting processor, and what it makes of its commands. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { inject, vi } from 'vitest';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { type KafkaLogOptions, openKafkaLog } from '../log/kafka/kafka-log.ts';
import type { CountingTopics } from './children/counting-process.ts';

export const PATIENCE = 60_000;
export const PARTITIONS = 2;

const brokers = inject('kafkaBrokers');

export function openLog(options: Partial<KafkaLogOptions> = {}): EventLog {
  return openKafkaLog({ brokers, partitions: PARTITIONS, sessionTimeoutMs: 2000, ...options });
}

export function named(reason: string | undefined): string {
  return reason ? ` (${reason})` : '';
}

export async function countingTopics(log: EventLog): Promise<CountingTopics> {
  const id = randomUUID();
  const topics = {
    commands: `${id}.commands`,
    events: `${id}.events`,
    state: `${id}.state`,
    positions: `${id}.positions`,
  };
  await log.createTopics([
    { name: topics.commands, partitions: PARTITIONS, retention: 'forever' },
    { name: topics.events, partitions: PARTITIONS, retention: 'forever' },
    { name: topics.state, partitions: PARTITIONS, retention: 'compact' },
    { name: topics.positions, partitions: PARTITIONS, retention: 'compact', hot: true },
  ]);
  return topics;
}

export function record(topic: string, key: string, value: string): NewRecord {
  return { topic, key, value, headers: {} };
}

/** Command i has the key i modulo 5. */
export function commands(topics: CountingTopics, first: number, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topics.commands, `key-${(first + i) % 5}`, `${first + i}`));
}

/** What the counting processor makes of the first so many commands, each handled once and in order. */
export function expectedEvents(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key-${i % 5} ${Math.floor(i / 5) + 1}:${i}`).sort();
}

/** Appends as soon as the log can be reached; not for records that it would matter to write twice. */
export async function appended(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  await log.ends(records.map(({ topic }) => topic)).catch(() => undefined);
  await vi.waitFor(() => log.ends(records.map(({ topic }) => topic)), { timeout: PATIENCE });
  await log.append(records);
}

export async function values(log: EventLog, topic: string): Promise<string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const batch of log.read({ topic, partition }))
      found.push(...batch.map(({ value }) => value?.toString() ?? ''));
  }
  return found;
}

export async function withAdmin<T>(use: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
