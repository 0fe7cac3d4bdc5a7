/**
 * What stands on `processes`: how each process is, told by itself every few seconds (a heartbeat); null: it has ended. Telemetry
 * for the console, nothing that anything is decided by. It holds no data of customers, and no names of users.
 */
import { z } from 'zod';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { dataOf, toHeaders, UnreadableRecord } from './cloud-event.ts';
import { ownTombstone } from './state-record.ts';
import { PROCESSES } from './topics.ts';

export const PROCESS_REPORT = 'ProcessReport';
const SOURCE = '/processes';

const partitionReport = z.object({
  topic: z.string(),
  partition: z.int().nonnegative(),
  state: z.enum(['restoring', 'running', 'trouble']),
  /** Records not yet handled. */
  records: z.int().nonnegative(),
  /** Age of the oldest of them, as far as it is known. */
  seconds: z.number().nonnegative(),
  /** Of what is restored, from 0 to 1; null: nothing is. */
  restored: z.number().nullable(),
});

const partReport = z.object({
  name: z.string(),
  ready: z.boolean(),
  /** In a word, as `/readyz` has it. */
  state: z.string(),
  /** What is wrong, or waited for. */
  detail: z.string().nullable(),
  partitions: z.array(partitionReport),
});
export type PartOfProcess = z.infer<typeof partReport>;

const jobReport = z.object({
  kind: z.enum(['verify', 'rebuild']),
  /** `differs`: a verification came to its end, and found differences or could not compare all. */
  state: z.enum(['running', 'done', 'differs', 'failed']),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** What is being read: `events`, `views` … */
  phase: z.string(),
  done: z.int().nonnegative(),
  total: z.int().nonnegative(),
  /** What came of it, line by line: places and ids, no data. */
  result: z.array(z.string()),
});
/** A rebuild or a verification that was started from the console. */
export type Job = z.infer<typeof jobReport>;

export const processReport = z.object({
  roles: z.array(z.string()),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  startedAt: z.string(),
  /** When it told this, by its own clock. */
  at: z.string(),
  /** Resident memory, in bytes. */
  memoryBytes: z.int().nonnegative(),
  /** The longest delay of its event loop since it told before, in ms. */
  loopDelayMs: z.number().nonnegative(),
  parts: z.array(partReport),
  job: jobReport.nullable(),
});
export type ProcessReport = z.infer<typeof processReport>;

export function processRecord(id: string, report: ProcessReport): NewRecord {
  const headers = toHeaders({ id, type: PROCESS_REPORT, source: SOURCE, subject: id, time: report.at });
  return { topic: PROCESSES, key: id, value: JSON.stringify(report), headers };
}

/** It has ended. @param partition where its reports stand */
export function noProcess(id: string, partition: number, at: string): NewRecord {
  return ownTombstone({ topic: PROCESSES, partition, key: id }, SOURCE, at);
}

/** @throws {UnreadableRecord} for anything but what is written here */
export function readProcessReport(record: LogRecord): { readonly id: string; readonly report: ProcessReport | null } {
  const { key: id, value } = record;
  if (id === null) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
  return { id, report: value === null ? null : dataOf(record, processReport) };
}
