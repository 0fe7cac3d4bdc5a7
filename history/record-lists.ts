/** The index of the log as it is read: where the records of an entity stand, any stretch of them, and those of a transaction. */
import {
  type EntityIndexDoc,
  entityIndexId,
  type Head,
  type ListedKind,
  type ListedPlace,
  LOG_INDEX,
  placeNamed,
  type Records,
  SEALED_RECORDS,
  type SealedRecordsDoc,
  type SealedTransactionDoc,
  sealedRecordsId,
  sealedTransactionId,
  type TransactionIndexDoc,
  transactionIndexId,
} from '../projectors/log-index-document.ts';
import type { ViewStore } from '../views/view-store.ts';
import { BackOff } from '../waiting/back-off.ts';
import { IndexBehind } from './errors.ts';

type Views = Pick<ViewStore, 'get'>;

/** One record of a list. */
export interface ListedRecord {
  /** Its place in the list, from 0: it never changes, also not when the index is built anew. */
  readonly ordinal: number;
  readonly offset: number;
  /** When it was written down, in ms since 1970. */
  readonly time: number;
  /** Of an event: the entity's version after it; 0: it changed nothing. */
  readonly version: number;
}

/** The records of an entity on one topic, in order. */
export interface RecordList {
  readonly kind: ListedKind;
  readonly partition: number;
  readonly total: number;
  /** Those from one place in the list up to another, which does not belong to them. */
  slice(from: number, to: number): Promise<readonly ListedRecord[]>;
}

/** All that the index has of an entity. */
export interface EntityRecords {
  /** How many events have changed the entity. */
  readonly version: number;
  readonly commands: RecordList;
  readonly events: RecordList;
}

/** How long the index may be behind the view before a client is told to come back. */
const PATIENCE_MS = 2000;
const PARTS_AT_ONCE = 50;

/**
 * @param leastVersion that the index must know of: that of the entity as the views show it. It is waited for, at most 2 s.
 * @returns undefined for an entity without any record
 * @throws {IndexBehind}
 */
export async function recordsOfEntity(
  views: Views,
  aggregate: string,
  id: string,
  leastVersion = 0,
): Promise<EntityRecords | undefined> {
  const _id = entityIndexId(aggregate, id);
  const until = performance.now() + PATIENCE_MS;
  const backOff = new BackOff({ firstMs: 5, longestMs: 200 });
  for (;;) {
    const head = (await views.get<EntityIndexDoc>(LOG_INDEX, [_id])).get(_id);
    if ((head?.version ?? 0) >= leastVersion) return head && listsOf(views, aggregate, id, head);
    if (performance.now() > until) throw new IndexBehind(`${aggregate} ${id}`);
    await backOff.wait();
  }
}

function listsOf(views: Views, aggregate: string, id: string, head: EntityIndexDoc): EntityRecords {
  const { partition, version } = head;
  const list = (kind: ListedKind): RecordList => {
    const newest = head[kind];
    return {
      kind,
      partition,
      total: newest.sealed * SEALED_RECORDS + newest.offsets.length,
      slice: (from, to) => sliceOf(views, newest, (part) => sealedRecordsId(aggregate, kind, id, part), from, to),
    };
  };
  return { version, commands: list('commands'), events: list('events') };
}

async function sliceOf(
  views: Views,
  head: Head,
  idOf: (part: number) => string,
  from: number,
  to: number,
): Promise<readonly ListedRecord[]> {
  const found: ListedRecord[] = [];
  const take = (records: Records, part: number) => {
    for (const [i, offset] of records.offsets.entries()) {
      const ordinal = part * SEALED_RECORDS + i;
      if (ordinal < from || ordinal >= to) continue;
      found.push({ ordinal, offset, time: records.times[i] ?? 0, version: records.versions[i] ?? 0 });
    }
  };
  const first = Math.floor(Math.max(0, from) / SEALED_RECORDS);
  const end = Math.min(head.sealed, Math.ceil(to / SEALED_RECORDS));
  for (let part = first; part < end; part += PARTS_AT_ONCE) {
    const parts = Array.from({ length: Math.min(PARTS_AT_ONCE, end - part) }, (_, i) => part + i);
    const docs = await views.get<SealedRecordsDoc>(LOG_INDEX, parts.map(idOf));
    for (const each of parts) {
      const doc = docs.get(idOf(each));
      if (doc === undefined) throw new Error(`the index of the log has lost ${idOf(each)}: counterfoil rebuild`);
      take(doc, each);
    }
  }
  take(head, head.sealed);
  return found;
}

/** Where the records of a transaction stand, those of all aggregates, in no order. Empty: the index knows of none. */
export async function recordsOfTransaction(views: Views, id: string): Promise<readonly ListedPlace[]> {
  const _id = transactionIndexId(id);
  const head = (await views.get<TransactionIndexDoc>(LOG_INDEX, [_id])).get(_id);
  if (head === undefined) return [];
  const parts = Array.from({ length: head.sealed }, (_, part) => sealedTransactionId(id, part));
  const sealed = await views.get<SealedTransactionDoc>(LOG_INDEX, parts);
  return [...parts.flatMap((part) => sealed.get(part)?.records ?? []), ...head.records].map(placeNamed);
}
