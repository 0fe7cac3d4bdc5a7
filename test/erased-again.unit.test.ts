/** After a restore: whoever was erased is marked again, in the partition where the system looks for it. */
import { describe, expect, it } from 'vitest';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { SUBJECT_KEYS } from '../records/topics.ts';
import { eraseAgain } from '../sealing/erased-again.ts';

describe('erasing again', () => {
  it('marks each in the partition of its id among those that the log has, whatever is configured', async () => {
    const appended: NewRecord[] = [];
    const log = {
      ends: async () => Array.from({ length: 7 }, (_, partition) => ({ topic: SUBJECT_KEYS, partition, offset: 0 })),
      async *read() {},
      async append(records: readonly NewRecord[]) {
        appended.push(...records);
        return [];
      },
    } as unknown as EventLog;
    const ids = ['ada', 'grace', 'joan', 'mary'];
    const erased = ids.map((subject) => ({ subject, at: '2026-01-01T00:00:00.000Z' }));
    expect(await eraseAgain(log, erased)).toBe(4);
    expect(appended.map(({ partition }) => partition)).toEqual(ids.map((id) => partitionOf(id, 7)));
  });
});
