/**
 * What stands on `subject-keys`: the keys that personal fields are sealed with, each wrapped by a master key, and the marks of
 * those who were erased. A subject is the entity that the fields are about. Its records stand in the subject's partition, under
 * names made of a hash: `<subject's name>.<random>` a key, `<subject's name>` the mark. So a sealed text, wherever it stands,
 * names its key, and the key's name tells the subject's.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { dataOf, toHeaders, UnreadableRecord } from './cloud-event.ts';
import { ownTombstone } from './state-record.ts';
import { SUBJECT_KEYS } from './topics.ts';

export const SUBJECT_KEY = 'SubjectKey';
export const SUBJECT_ERASED = 'SubjectErased';

/** 120 bits: two subjects with one name would be erased together. */
const NAME_BYTES = 15;
const KEY_NAME = /^([\w-]{20})\.[\w-]{8}$/;

export const subjectKey = z.object({
  /** Which master key wrapped it. */
  master: z.string(),
  /** Nonce, the wrapped key and its tag, base64url. */
  wrapped: z.string(),
});
export type SubjectKey = z.infer<typeof subjectKey>;

export const subjectErased = z.object({ erasedAt: z.string() });

/** The same for the same subject, for ever. */
export function nameOfSubject(subject: string): string {
  return createHash('sha256').update(subject).digest().subarray(0, NAME_BYTES).toString('base64url');
}

/** The subject's name within that of a key; undefined: it is no key's name. */
export function subjectNamedIn(keyName: string): string | undefined {
  return KEY_NAME.exec(keyName)?.[1];
}

interface Written {
  /** The id of the entity. */
  readonly subject: string;
  readonly source: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** @param name that of the key */
export function subjectKeyRecord(name: string, key: SubjectKey, { subject, source, at }: Written): NewRecord {
  const headers = toHeaders({ id: name, type: SUBJECT_KEY, source, subject, time: at });
  return { topic: SUBJECT_KEYS, key: name, value: JSON.stringify(key), headers };
}

/** The mark that stays: every key of the subject, whenever it was written, is gone. */
export function subjectErasedRecord({ subject, source, at }: Written): NewRecord {
  const name = nameOfSubject(subject);
  const headers = toHeaders({ id: name, type: SUBJECT_ERASED, source, subject, time: at });
  return { topic: SUBJECT_KEYS, key: name, value: JSON.stringify({ erasedAt: at }), headers };
}

/** Takes a key away. @param partition that of its subject */
export function noSubjectKey(name: string, partition: number, source: string, at: string): NewRecord {
  return ownTombstone({ topic: SUBJECT_KEYS, partition, key: name }, source, at);
}

export type ReadSubjectKey =
  | { readonly is: 'key'; readonly subjectName: string; readonly keyName: string; readonly key: SubjectKey }
  | { readonly is: 'erased'; readonly subjectName: string; readonly subject: string; readonly at: string }
  | { readonly is: 'gone'; readonly subjectName: string; readonly keyName: string };

/** @throws {UnreadableRecord} for anything but what is written here */
export function readSubjectKey(record: LogRecord): ReadSubjectKey {
  const { key: name, value, headers } = record;
  if (name === null) throw new UnreadableRecord(record.unreadable ?? 'key: there is none');
  const subjectName = subjectNamedIn(name);
  if (subjectName !== undefined) {
    if (value === null) return { is: 'gone', subjectName, keyName: name };
    return { is: 'key', subjectName, keyName: name, key: dataOf(record, subjectKey) };
  }
  const subject = headers['ce_subject'] ?? '';
  if (headers['ce_type'] !== SUBJECT_ERASED || nameOfSubject(subject) !== name) {
    throw new UnreadableRecord('key: it is neither the name of a key nor that of ce_subject');
  }
  return { is: 'erased', subjectName: name, subject, at: dataOf(record, subjectErased).erasedAt };
}
