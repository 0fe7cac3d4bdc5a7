/**
 * The processor that the log's contract is tested with: counts the commands of each key, keeps the count in a state topic,
 * and writes one event per command. A command lost, doubled, or decided on a state not fully restored shows in the counts.
 */
import type { LogRecord, NewRecord, PartitionProcess, ProcessOptions, Step } from '../../log/event-log.ts';

export interface CountingTopics {
  readonly commands: string;
  readonly events: string;
  readonly state: string;
  readonly positions: string;
}

/** What a test may look at, and the place where it may interfere (`beforeStep` may throw). */
export interface CountingProbe {
  opened?(partition: number): void;
  restored?(partition: number, records: readonly LogRecord[]): void;
  beforeStep?(batch: readonly LogRecord[]): void;
  committed?(batch: readonly LogRecord[]): void;
  closed?(partition: number): void;
}

export function countingProcess(
  name: string,
  topics: CountingTopics,
  probe: CountingProbe = {},
  maxBatch?: number,
): ProcessOptions {
  return {
    name,
    input: topics.commands,
    positions: topics.positions,
    restore: [topics.state],
    ...(maxBatch === undefined ? {} : { maxBatch }),
    open: (partition) => openPartition(partition, topics, probe),
  };
}

function openPartition(partition: number, topics: CountingTopics, probe: CountingProbe): PartitionProcess {
  const counts = new Map<string, number>();
  const seen: LogRecord[] = [];
  /** What steps that went ahead will change, by step. */
  const ahead = new Map<Step, ReadonlyMap<string, number>>();
  probe.opened?.(partition);
  const counted = (batch: readonly LogRecord[], before: ReadonlyMap<string, number>): Step => {
    probe.beforeStep?.(batch);
    const staged = new Map(before);
    const records: NewRecord[] = [];
    for (const { key, value } of batch) {
      if (key === null) continue;
      const count = (staged.get(key) ?? counts.get(key) ?? 0) + 1;
      staged.set(key, count);
      const event = `${count}:${value?.toString() ?? ''}`;
      records.push({ topic: topics.events, partition, key, value: event, headers: {} });
    }
    for (const [key, count] of staged) {
      records.push({ topic: topics.state, partition, key, value: String(count), headers: {} });
    }
    const step: Step = {
      records,
      committed() {
        for (const [key, count] of staged) counts.set(key, count);
        ahead.delete(step);
        probe.committed?.(batch);
      },
    };
    ahead.set(step, staged);
    return step;
  };
  return {
    restore(record) {
      seen.push(record);
      if (record.key === null) return;
      if (record.value === null) counts.delete(record.key);
      else counts.set(record.key, Number(record.value.toString()));
    },
    restored() {
      probe.restored?.(partition, seen);
    },
    step: (batch) => counted(batch, new Map()),
    stepAhead: (batch, before) => counted(batch, (before && ahead.get(before)) ?? new Map()),
    close() {
      probe.closed?.(partition);
    },
  };
}
