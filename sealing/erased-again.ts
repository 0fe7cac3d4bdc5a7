/**
 * After a backup was put back: the erased stay erased. A backup from before an erasure holds the key; the marks of the system
 * as it was last are carried over to it, before anything reads it.
 */
import type { EventLog } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { nameOfSubject, noSubjectKey, subjectErasedRecord } from '../records/subject-key.ts';
import { SUBJECT_KEYS } from '../records/topics.ts';
import type { Erased } from './key-ring.ts';
import { SubjectKeys } from './subject-keys.ts';

const SOURCE = '/restore';
const AT_ONCE = 500;

/** Everyone who was erased on this log. */
export async function erasedOn(log: EventLog): Promise<readonly Erased[]> {
  return (await keysOn(log)).keys.ring.erased();
}

/**
 * Marks them as erased on this log as well, and takes their keys off it. Views that were filled before must be built anew.
 * Returns how many were not marked yet.
 */
export async function eraseAgain(log: EventLog, erased: readonly Erased[]): Promise<number> {
  const { keys, partitions } = await keysOn(log);
  const { ring } = keys;
  const marked = erased.filter(({ subject }) => !ring.isErased(nameOfSubject(subject)));
  const records = erased.flatMap(({ subject, at }) => {
    const partition = partitionOf(subject, partitions);
    const left = ring.keysOf(nameOfSubject(subject)).map((name) => noSubjectKey(name, partition, SOURCE, at));
    return [{ ...subjectErasedRecord({ subject, source: SOURCE, at }), partition }, ...left];
  });
  for (let start = 0; start < records.length; start += AT_ONCE) await log.append(records.slice(start, start + AT_ONCE));
  return marked.length;
}

/** How many partitions there are, the log says: a mark in another one than its subject's would stand for ever where nobody looks. */
async function keysOn(log: EventLog) {
  const { length: partitions } = await log.ends([SUBJECT_KEYS]);
  return { partitions, keys: await SubjectKeys.read({ log, partitions, masters: undefined }) };
}
