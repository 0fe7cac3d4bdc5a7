/** Hands a record of a restore topic to a process; what that throws says which record it was. */
import type { LogRecord, PartitionProcess } from './event-log.ts';

export function restoreRecord(process: PartitionProcess, record: LogRecord): void {
  try {
    process.restore(record);
  } catch (error) {
    const { topic, partition, offset } = record;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`restoring from ${topic}, partition ${partition}, offset ${offset}: ${why}`, { cause: error });
  }
}
