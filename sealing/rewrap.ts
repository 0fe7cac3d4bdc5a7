/** A change of the master key: wraps every key anew with the newest, so that the older ones can be thrown away. */
import type { EventLog } from '../log/event-log.ts';
import { subjectKeyRecord } from '../records/subject-key.ts';
import { SUBJECT_KEYS } from '../records/topics.ts';
import { KeyRing } from './key-ring.ts';
import type { MasterKeys } from './master-keys.ts';

/**
 * Returns how many were wrapped anew. A key that is taken off the log at the same moment may come back: the mark of its
 * subject's erasure stays, so the processors take it off again.
 * @throws {Error} for a key that no master key of ours has wrapped
 */
export async function rewrap(log: EventLog, masters: MasterKeys): Promise<number> {
  let count = 0;
  for (const { topic, partition } of await log.ends([SUBJECT_KEYS])) {
    const ring = new KeyRing(masters);
    const subjects = new Map<string, string>();
    for await (const records of log.read({ topic, partition })) {
      for (const record of records) {
        ring.take(record);
        if (record.value !== null) subjects.set(record.key ?? '', record.headers['ce_subject'] ?? '');
      }
    }
    for (const [name, subject] of subjects) {
      const key = ring.wrappedBy(name) === masters.newest ? undefined : ring.key(name);
      if (key === undefined) continue;
      const written = { subject, source: '/rewrap', at: new Date().toISOString() };
      await log.append([{ ...subjectKeyRecord(name, masters.wrap(name, key), written), partition }]);
      count++;
    }
  }
  return count;
}
