/** Hands a record of a restore topic to a process; what that throws says which record it was. */
import type { LogRecord, PartitionProcess } from './event-log.ts';
import { messageOf } from './message-of.ts';

export function restoreRecord(process: PartitionProcess, record: LogRecord): void {
  try {
    process.restore(record);
  } catch (error) {
    const { topic, partition, offset } = record;
    const what = `restoring from ${topic}, partition ${partition}, offset ${offset}`;
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
