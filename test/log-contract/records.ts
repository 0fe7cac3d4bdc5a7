/** Records for the contract's tests, and what is read off those that come back. */
import { expect } from 'vitest';
import type { FollowBatch, LogRecord, NewRecord } from '../../log/event-log.ts';
import type { CountingTopics } from '../children/counting-process.ts';

export function record(topic: string, key: string, value: string | Buffer | null): NewRecord {
  return { topic, key, value, headers: {} };
}

let commandCount = 0;
/** So many commands on a handful of keys, each with a value of its own. */
export function commands(topics: CountingTopics, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topics.commands, `key-${i % 5}`, `c${commandCount++}`));
}

/** Records with the values `first` to `end` − 1, spread over the partitions by their keys. */
export function numbered(topic: string, first: number, end: number): NewRecord[] {
  return range(first, end).map((i) => record(topic, `key-${i % 11}`, String(i)));
}

export function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

export function ascending(a: number, b: number): number {
  return a - b;
}

export function place({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}@${offset}`;
}

export function batchName(batch: readonly LogRecord[]): string {
  return `${batch.map(place).join()}`;
}

export function byPosition(records: readonly LogRecord[]): Map<string, LogRecord> {
  return new Map(records.map((each) => [place(each), each]));
}

export function valuesOf(batches: readonly FollowBatch[]): string[] {
  return batches.flatMap((batch) => batch.records.map((each) => each.value?.toString() ?? ''));
}

/** Each batch begins where the one before ended, and holds only what lies between its `from` and its `next`. */
export function expectJoined(batches: readonly FollowBatch[]): void {
  const nexts = new Map<string, number>();
  for (const { topic, partition, from, next, records } of batches) {
    const before = nexts.get(`${topic}/${partition}`);
    if (before !== undefined) expect(from).toBe(before);
    expect(next).toBeGreaterThan(from);
    for (const { offset } of records) {
      expect(offset).toBeGreaterThanOrEqual(from);
      expect(offset).toBeLessThan(next);
    }
    nexts.set(`${topic}/${partition}`, next);
  }
}
