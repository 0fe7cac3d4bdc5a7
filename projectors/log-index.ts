/**
 * The topics of commands and events → the index of the log. Nothing of a record is read but its key and a few headers, so that
 * indexing costs little and nobody's data is copied. What has none of them was not written by Counterfoil, and is passed over.
 */
import { aggregateNames } from '../domain/registry.ts';
import type { LogRecord } from '../log/event-log.ts';
import { commandsTopic, eventsTopic } from '../records/topics.ts';
import type { Doc, ViewStep } from '../views/view-store.ts';
import {
  type EntityIndexDoc,
  entityIndexId,
  type Head,
  LISTED_KINDS,
  type ListedKind,
  LOG_INDEX,
  placeName,
  SEALED_RECORDS,
  type SealedRecordsDoc,
  type SealedTransactionDoc,
  sealedRecordsId,
  sealedTransactionId,
  type TransactionIndexDoc,
  transactionIndexId,
} from './log-index-document.ts';
import type { Projector } from './projector.ts';

/** Longer ids are not ours, and would make keys of the view that are too long. */
const LONGEST_ID = 200;

/** A record as it is listed. */
interface Listed {
  readonly id: string;
  readonly transactionId: string | undefined;
  readonly partition: number;
  readonly offset: number;
  readonly time: number;
  readonly version: number;
}

function listed({ key, unreadable, headers, partition, offset }: LogRecord): Listed | undefined {
  const time = Date.parse(headers['ce_time'] ?? '');
  if (unreadable !== undefined || key === null || key.length > LONGEST_ID || Number.isNaN(time)) return undefined;
  const version = Number(headers['ce_version'] ?? 0);
  const transactionId = headers['ce_transactionid'];
  return {
    ...{ id: key, partition, offset, time },
    transactionId: transactionId !== undefined && transactionId.length <= LONGEST_ID ? transactionId : undefined,
    version: Number.isSafeInteger(version) ? version : 0,
  };
}

function byKey(records: readonly Listed[], keyOf: (one: Listed) => string | undefined): Map<string, Listed[]> {
  const groups = new Map<string, Listed[]>();
  for (const record of records) {
    const key = keyOf(record);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  return groups;
}

/** How many parts of a list of this length are to be sealed: a head keeps at least one part's worth, once it had it. */
function fullParts(length: number): number {
  return Math.max(0, Math.floor(length / SEALED_RECORDS) - 1);
}

const NONE: Head = { sealed: 0, offsets: [], times: [], versions: [] };

async function listByEntity(
  aggregate: string,
  kind: ListedKind,
  records: readonly Listed[],
  tx: ViewStep,
): Promise<readonly Doc[]> {
  const groups = byKey(records, ({ id }) => id);
  const heads = await tx.get<EntityIndexDoc>(
    LOG_INDEX,
    [...groups.keys()].map((id) => entityIndexId(aggregate, id)),
  );
  const docs: (EntityIndexDoc | SealedRecordsDoc)[] = [];
  for (const [id, added] of groups) {
    const _id = entityIndexId(aggregate, id);
    const [{ partition } = { partition: 0 }] = added;
    const was = heads.get(_id) ?? { _id, partition, version: 0, commands: NONE, events: NONE };
    const versions = kind === 'events' ? added.map(({ version }) => version) : [];
    const all = {
      offsets: [...was[kind].offsets, ...added.map(({ offset }) => offset)],
      times: [...was[kind].times, ...added.map(({ time }) => time)],
      versions: [...was[kind].versions, ...versions],
    };
    const parts = fullParts(all.offsets.length);
    const part = (from: number, to?: number) => ({
      offsets: all.offsets.slice(from, to),
      times: all.times.slice(from, to),
      versions: all.versions.slice(from, to),
    });
    for (let n = 0; n < parts; n++) {
      const _id = sealedRecordsId(aggregate, kind, id, was[kind].sealed + n);
      docs.push({ _id, ...part(n * SEALED_RECORDS, (n + 1) * SEALED_RECORDS) });
    }
    const version = Math.max(was.version, ...versions);
    docs.push({ ...was, version, [kind]: { sealed: was[kind].sealed + parts, ...part(parts * SEALED_RECORDS) } });
  }
  return docs;
}

async function listByTransaction(
  aggregate: string,
  kind: ListedKind,
  records: readonly Listed[],
  tx: ViewStep,
): Promise<readonly Doc[]> {
  const groups = byKey(records, ({ transactionId }) => transactionId);
  const heads = await tx.get<TransactionIndexDoc>(LOG_INDEX, [...groups.keys()].map(transactionIndexId));
  const docs: (TransactionIndexDoc | SealedTransactionDoc)[] = [];
  for (const [id, added] of groups) {
    const _id = transactionIndexId(id);
    const was = heads.get(_id) ?? { _id, records: [], sealed: 0 };
    const all = [...was.records, ...added.map((one) => placeName({ aggregate, kind, ...one }))];
    const parts = fullParts(all.length);
    for (let n = 0; n < parts; n++) {
      const _id = sealedTransactionId(id, was.sealed + n);
      docs.push({ _id, records: all.slice(n * SEALED_RECORDS, (n + 1) * SEALED_RECORDS) });
    }
    docs.push({ _id, records: all.slice(parts * SEALED_RECORDS), sealed: was.sealed + parts });
  }
  return docs;
}

function indexer(aggregate: string, kind: ListedKind): Projector {
  return {
    topic: kind === 'commands' ? commandsTopic(aggregate) : eventsTopic(aggregate),
    async project(records, tx) {
      const found = records.flatMap((record) => listed(record) ?? []);
      await tx.put(LOG_INDEX, [
        ...(await listByEntity(aggregate, kind, found, tx)),
        ...(await listByTransaction(aggregate, kind, found, tx)),
      ]);
      return undefined;
    },
  };
}

/** Of every aggregate, those that serve others included: a transaction's way leads through them. */
export const logIndexers: readonly Projector[] = aggregateNames.flatMap((aggregate) =>
  LISTED_KINDS.map((kind) => indexer(aggregate, kind)),
);
